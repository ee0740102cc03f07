"""Spike trains: who fired when, of which population."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Population(NamedTuple):
    """A named, contiguous range of global cell ids (gids)."""

    name: str
    first_gid: int
    n_cells: int

    @property
    def gids(self) -> range:
        """All gids of the population."""
        return range(self.first_gid, self.first_gid + self.n_cells)


PUBLISHED_NAMES = {"PC": "PKJ"}
"""What published files, and runs of versions before 0.1, call a population."""


def own_name(name: str) -> str:
    """Return what cerebella calls a population that a file names, as "PC" for "PKJ"."""
    return {published: own for own, published in PUBLISHED_NAMES.items()}.get(name, name)


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spikes of one run, in the one order that depends on nothing else: by time, then gid.

    Attributes
    ----------
    times_ms : (n_spikes,) float64, sorted, read-only.
    gids : (n_spikes,) int64, the cell of each spike, read-only.
    populations : the gid ranges that have names; a spike may lie outside all of them.
    duration_ms : the simulated time; rates need it.
    """

    times_ms: npt.NDArray[np.float64]
    gids: npt.NDArray[np.int64]
    populations: tuple[Population, ...] = field(default=())
    duration_ms: float = float("nan")

    def __post_init__(self) -> None:
        times = np.asarray(self.times_ms, dtype=np.float64)
        gids = np.asarray(self.gids, dtype=np.int64)
        if times.shape != gids.shape or times.ndim != 1:
            raise ValueError(
                f"times_ms {times.shape} and gids {gids.shape} must be equally long and flat"
            )
        order = np.lexsort((gids, times))
        for name, column in (("times_ms", times[order]), ("gids", gids[order])):
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        object.__setattr__(self, "populations", tuple(self.populations))

    def __len__(self) -> int:
        return len(self.times_ms)

    def __iter__(self) -> Iterator[tuple[float, int]]:
        """Yield (time in ms, gid) in order."""
        return zip(self.times_ms.tolist(), self.gids.tolist(), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpikeTrains):
            return NotImplemented
        return (
            np.array_equal(self.times_ms, other.times_ms)
            and np.array_equal(self.gids, other.gids)
            and self.populations == other.populations
        )

    __hash__ = None  # type: ignore[assignment]  # arrays inside

    def population(self, name: str) -> Population:
        """Return the gid range called `name`; KeyError lists the names there are."""
        for population in self.populations:
            if population.name == name:
                return population
        raise KeyError(f"{name}: populations are {[p.name for p in self.populations]}")

    def of(self, name: str) -> SpikeTrains:
        """Return the spikes of one population."""
        population = self.population(name)
        inside = (self.gids >= population.first_gid) & (
            self.gids < population.first_gid + population.n_cells
        )
        return SpikeTrains(
            self.times_ms[inside], self.gids[inside], (population,), self.duration_ms
        )

    def between(self, start_ms: float, stop_ms: float) -> SpikeTrains:
        """Return the spikes with start_ms <= t < stop_ms."""
        first, last = np.searchsorted(self.times_ms, [start_ms, stop_ms], side="left")
        return SpikeTrains(
            self.times_ms[first:last], self.gids[first:last], self.populations, self.duration_ms
        )

    def train(self, gid: int) -> npt.NDArray[np.float64]:
        """Return the spike times (ms) of one cell."""
        return self.times_ms[self.gids == gid]

    def __repr__(self) -> str:
        parts = ", ".join(f"{p.name} {len(self.of(p.name))}" for p in self.populations)
        return f"<SpikeTrains: {len(self)} spikes in {self.duration_ms:g} ms" + (
            f" ({parts})>" if parts else ">"
        )


def infer_duration_ms(times_ms: npt.NDArray[np.float64]) -> float:
    """Return the end of the last millisecond with a spike: for files that do not say how long.

    Right for any run with parallel fibers: they fire 85 times in each millisecond.
    """
    return float(np.ceil(np.max(times_ms, initial=0.0)))


def merge_spike_trains(trains: Iterable[SpikeTrains]) -> SpikeTrains:
    """Join spikes of different cells of one run; populations are taken from all, in gid order."""
    trains = list(trains)
    populations = sorted({p for t in trains for p in t.populations}, key=lambda p: p.first_gid)
    durations = {t.duration_ms for t in trains}
    if len(durations) > 1:
        raise ValueError(f"trains of different duration cannot be merged: {sorted(durations)} ms")
    return SpikeTrains(
        np.concatenate([t.times_ms for t in trains]) if trains else np.empty(0),
        np.concatenate([t.gids for t in trains]) if trains else np.empty(0, dtype=np.int64),
        tuple(populations),
        durations.pop() if durations else float("nan"),
    )
