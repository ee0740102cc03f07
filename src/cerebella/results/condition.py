"""Under which condition a run was made: what tables and figures group and title by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cerebella.results.spikes import SpikeTrains


@dataclass(frozen=True)
class Condition:
    """What distinguishes one run from another; None where it is not known.

    Attributes
    ----------
    cf_sync : climbing-fibre synchrony level, the number of synchronous fibres.
    w2_pS : weight of the MLI2 to MLI1 synapses.
    trial : number of the trial.
    network : name of the network (netid).
    """

    cf_sync: int | None = None
    w2_pS: float | None = None
    trial: int | None = None
    network: str | None = None

    @property
    def of_all_trials(self) -> Condition:
        """The condition that the trials of one experiment share."""
        return replace(self, trial=None)


class HasSpikes(Protocol):
    """Anything with spikes that were recorded under a condition: a run, a spike file."""

    @property
    def name(self) -> str:
        """What tables and titles call it."""
        ...

    @property
    def condition(self) -> Condition:
        """Under which condition it was recorded."""
        ...

    @property
    def spikes(self) -> SpikeTrains:
        """The spikes of all populations."""
        ...


def group_by_condition(recordings: Sequence[HasSpikes]) -> dict[str, list[HasSpikes]]:
    """Group recordings that differ in the trial only, titled by what tells the groups apart.

    A recording of unknown condition is a group of its own, titled by its name. Groups are in
    the order of synchrony level, weight and network.

    Returns
    -------
    {title: recordings}, as {"CF synchrony 0": [...], "CF synchrony 8": [...]}
    """
    known: dict[Condition, list[HasSpikes]] = {}
    unknown: list[HasSpikes] = []
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


def _order(condition: Condition) -> tuple[float, float, str]:
    level = -1 if condition.cf_sync is None else condition.cf_sync
    return level, condition.w2_pS or 0.0, condition.network or ""


def _titles(conditions: Sequence[Condition]) -> list[str]:
    """Name the synchrony level always, and anything else only where it differs."""
    names_w2 = len({condition.w2_pS for condition in conditions}) > 1
    names_network = len({condition.network for condition in conditions}) > 1
    titles = []
    for condition in conditions:
        level = condition.cf_sync
        parts = ["no CF synchrony level" if level is None else f"CF synchrony {level}"]
        if names_w2:
            weight = condition.w2_pS
            parts.append("w2 unknown" if weight is None else f"w2 {weight:g} pS")
        if names_network:
            parts.append(condition.network or "network unknown")
        titles.append(", ".join(parts))
    return titles


def _unused(name: str, taken: dict[str, list[HasSpikes]]) -> str:
    """Return `name`, numbered if it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
