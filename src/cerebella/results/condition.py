"""The condition of a run, by which tables and figures are grouped and titled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar


@dataclass(frozen=True)
class Condition:
    """Properties that distinguish runs; None if unknown.

    Attributes
    ----------
    cf_sync : climbing-fiber synchrony level, the number of synchronous fibers.
    w2_pS : weight of the MLI2 to MLI1 synapses.
    trial : number of the trial.
    network : name of the network (netid).
    morphology : name of the Purkinje cell's morphology.
    pf_scale, cf_scale : scales of the Purkinje cell's parallel- and climbing-fiber synapses.
    settings : path and value, as text, of all other parameters, and the stimuli; empty if unknown.
    """

    cf_sync: int | None = None
    w2_pS: float | None = None
    trial: int | None = None
    network: str | None = None
    morphology: str | None = None
    pf_scale: float | None = None
    cf_scale: float | None = None
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def of_all_trials(self) -> Condition:
        """The condition shared by the trials of an experiment."""
        return replace(self, trial=None)

    @property
    def of_all_levels(self) -> Condition:
        """The condition shared by the synchrony levels and trials of an experiment."""
        return replace(self, trial=None, cf_sync=None)


class HasCondition(Protocol):
    """A run, or a summary of a run, which can be grouped by condition."""

    @property
    def name(self) -> str:
        """Name in tables and titles."""
        ...

    @property
    def condition(self) -> Condition:
        """Condition under which it was recorded."""
        ...


Recorded = TypeVar("Recorded", bound=HasCondition)


def group_by_condition(recordings: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Group recordings that differ only in trial and seed, titled by what differs.

    Any parameter that differs separates them. A recording of unknown condition forms a separate
    group, titled by its name. Groups are in the order of synchrony level, then of the other parts
    of the condition.

    Returns
    -------
    {title: recordings}, as {"CF synchrony 0": [...], "CF synchrony 8": [...]}
    """
    known: dict[Condition, list[Recorded]] = {}
    unknown: list[Recorded] = []
    for recording in recordings:
        if recording.condition.of_all_trials == Condition():
            unknown.append(recording)
        else:
            known.setdefault(recording.condition.of_all_trials, []).append(recording)
    conditions = sorted(known, key=_order)
    groups: dict[str, list[Recorded]] = {}
    for title, condition in zip(_titles(conditions), conditions, strict=True):
        groups[_unused(title, groups)] = known[condition]
    for recording in unknown:
        groups[_unused(recording.name, groups)] = [recording]
    return groups


_NAMED_WHERE_DIFFERENT: dict[str, tuple[str, str]] = {
    "w2_pS": ("w2 {:g} pS", "w2 unknown"),
    "network": ("{}", "network unknown"),
    "morphology": ("{}", "morphology unknown"),
    "pf_scale": ("PF × {:g}", "PF scale unknown"),
    "cf_scale": ("CF × {:g}", "CF scale unknown"),
}
"""Text of each part of the condition in titles, and text for unknown values."""


_MOST_SETTINGS = 3
"""Parameters in a title; the others are counted."""

_LONGEST_VALUE = 40
"""Characters of a value in a title, such as stimuli."""


def _order(condition: Condition) -> tuple[tuple[float, str], ...]:
    return tuple(_rank(getattr(condition, name)) for name in ("cf_sync", *_NAMED_WHERE_DIFFERENT))


def _rank(value: str | float | None) -> tuple[float, str]:
    """Return a sort key for text, numbers and unknown values, which come first."""
    if isinstance(value, str):
        return 0.0, value
    return -1.0 if value is None else value, ""


def _titles(conditions: Sequence[Condition]) -> list[str]:
    """Return titles with the synchrony level, and with other properties only if they differ."""
    differing = [
        name
        for name in _NAMED_WHERE_DIFFERENT
        if len({getattr(condition, name) for condition in conditions}) > 1
    ]
    titles = []
    for condition in conditions:
        level = condition.cf_sync
        parts = ["no CF synchrony level" if level is None else f"CF synchrony {level}"]
        for name in differing:
            value, (known, unknown) = getattr(condition, name), _NAMED_WHERE_DIFFERENT[name]
            parts.append(unknown if value is None else known.format(value))
        titles.append(", ".join(parts))
    return _with_settings(titles, conditions)


def _with_settings(titles: Sequence[str], conditions: Sequence[Condition]) -> list[str]:
    """Return titles with the settings that differ: some of them, if these tell all apart."""
    of_each = [dict(condition.settings) for condition in conditions]
    names = _differing([settings for settings in of_each if settings])
    full = list(titles)
    for most in (_MOST_SETTINGS, len(names)):
        left = len(names) - most
        more = [f"{left} more parameter{'s' * (left > 1)}"] if left > 0 else []
        full = []
        for title, settings in zip(titles, of_each, strict=True):
            parts = [
                *(_setting_text(names[path], settings.get(path)) for path in list(names)[:most]),
                *more,
            ]
            unknown = ["parameters unknown"] if titles.count(title) > 1 else []
            full.append(", ".join([title, *(parts if settings else unknown)]))
        if len(set(full)) == len(full):
            break
    return full


def _differing(settings: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return the paths of settings that differ, with short names for titles."""
    paths = [
        path
        for path in dict.fromkeys(path for one in settings for path in one)
        if len({one.get(path) for one in settings}) > 1
    ]
    short = {path: _short(path) for path in paths}
    used = Counter(short.values())
    return {path: name if used[name] == 1 else path for path, name in short.items()}


def _short(path: str) -> str:
    """Return the last part of a path: ``pf_rate_Hz``, or ``network pf_rate_Hz``."""
    of, _, name = path.rpartition(".")
    return f"network {name}" if of.partition(".")[0] == "network" else name


def _setting_text(name: str, value: str | None) -> str:
    """Return a parameter and its value for a title."""
    if value is None:
        return f"no {name}"
    try:
        number = float(value)
    except ValueError:
        longer = len(value) > _LONGEST_VALUE
        return f"{name} {value[: _LONGEST_VALUE - 2]} …" if longer else f"{name} {value}"
    return f"{name} {number:g}" if math.isfinite(number) else f"{name} {value}"


def _unused(name: str, taken: Container[str]) -> str:
    """Return `name`, numbered if it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
