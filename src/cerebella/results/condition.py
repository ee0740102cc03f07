"""The condition of a run, by which tables and figures are grouped and titled."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
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
    """

    cf_sync: int | None = None
    w2_pS: float | None = None
    trial: int | None = None
    network: str | None = None
    morphology: str | None = None
    pf_scale: float | None = None
    cf_scale: float | None = None

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
    """Group recordings that differ only in the trial, titled by the differences between groups.

    A recording of unknown condition forms a separate group, titled by its name. Groups are in
    the order of synchrony level, then of the other parts of the condition.

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
    groups = {
        title: known[condition]
        for title, condition in zip(_titles(conditions), conditions, strict=True)
    }
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
    return titles


def _unused(name: str, taken: Container[str]) -> str:
    """Return `name`, numbered if it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
