"""Spike trains: times and cells of spikes, with the populations of the cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Window = tuple[float, float]
"""Start and stop in ms; a spike at `start` is inside, one at `stop` is not."""


class Population(NamedTuple):
    """A named, contiguous range of global cell ids (gids).

    Attributes
    ----------
    name : str
        Name, such as "MLI1".
    first_gid : int
        First gid.
    n_cells : int
        Number of cells.

    Examples
    --------
    >>> population = cb.Population("MLI2", first_gid=208, n_cells=59)
    >>> population.gids
    range(208, 267)
    """

    name: str
    first_gid: int
    n_cells: int

    @property
    def gids(self) -> range:
        """All gids of the population."""
        return range(self.first_gid, self.first_gid + self.n_cells)


PUBLISHED_NAMES = {"PC": "PKJ"}
"""Names of populations in published files and in runs of versions before 0.1."""


def own_name(name: str) -> str:
    """Return the name in cerebella of a population named in a file, such as "PC" for "PKJ"."""
    return {published: own for own, published in PUBLISHED_NAMES.items()}.get(name, name)


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spikes of one run in canonical order: by time, then by gid.

    Parameters
    ----------
    times_ms : array_like of float, shape (n_spikes,)
        Spike times in ms, in any order.
    gids : array_like of int, shape (n_spikes,)
        Cell of each spike.
    populations : tuple of Population, optional
        Named gid ranges; a spike may be outside all of them.
    duration_ms : float, optional
        Simulated time in ms, needed to compute rates.

    Raises
    ------
    ValueError
        If the shapes of `times_ms` and `gids` differ.

    Examples
    --------
    >>> mli1, mli2 = cb.Population("MLI1", 0, 2), cb.Population("MLI2", 2, 1)
    >>> spikes = cb.SpikeTrains([40, 10, 25], [0, 2, 1], (mli1, mli2), duration_ms=50)
    >>> spikes
    <SpikeTrains: 3 spikes in 50 ms (MLI1 2, MLI2 1)>
    >>> spikes.of("MLI1").times_ms
    array([25., 40.])
    >>> spikes.between(0, 30).gids
    array([2, 1])
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
                f"times_ms {times.shape} and gids {gids.shape} must be one-dimensional and have "
                "the same length"
            )
        # Parts of spike trains, of which analyses make many, are in order already.
        if _in_order(times, gids):
            times, gids = times.copy(), gids.copy()
        else:
            order = np.lexsort((gids, times))
            times, gids = times[order], gids[order]
        for name, column in (("times_ms", times), ("gids", gids)):
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        object.__setattr__(self, "populations", tuple(self.populations))

    def __len__(self) -> int:
        return len(self.times_ms)

    def __iter__(self) -> Iterator[tuple[float, int]]:
        """Iterate over (time in ms, gid)."""
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
        """Return a population.

        Parameters
        ----------
        name : str
            Name of the population.

        Returns
        -------
        Population

        Raises
        ------
        KeyError
            If there is no such population; the message lists the names.
        """
        for population in self.populations:
            if population.name == name:
                return population
        raise KeyError(f"{name}: populations are {[p.name for p in self.populations]}")

    def of(self, name: str) -> SpikeTrains:
        """Return the spikes of one population.

        Parameters
        ----------
        name : str
            Name of the population.

        Returns
        -------
        SpikeTrains
        """
        population = self.population(name)
        inside = (self.gids >= population.first_gid) & (
            self.gids < population.first_gid + population.n_cells
        )
        return SpikeTrains(
            self.times_ms[inside], self.gids[inside], (population,), self.duration_ms
        )

    def between(self, start_ms: float, stop_ms: float) -> SpikeTrains:
        """Return the spikes in a time window.

        Parameters
        ----------
        start_ms, stop_ms : float
            Half-open window in ms: ``start_ms <= t < stop_ms``.

        Returns
        -------
        SpikeTrains
        """
        first, last = np.searchsorted(self.times_ms, [start_ms, stop_ms], side="left")
        return SpikeTrains(
            self.times_ms[first:last], self.gids[first:last], self.populations, self.duration_ms
        )

    def train(self, gid: int) -> npt.NDArray[np.float64]:
        """Return the spike times of one cell.

        Parameters
        ----------
        gid : int
            Cell.

        Returns
        -------
        ndarray of float, shape (n_spikes,)
            Times in ms.
        """
        return self.times_ms[self.gids == gid]

    def __repr__(self) -> str:
        parts = ", ".join(f"{p.name} {len(self.of(p.name))}" for p in self.populations)
        return f"<SpikeTrains: {len(self)} spikes in {self.duration_ms:g} ms" + (
            f" ({parts})>" if parts else ">"
        )


def _in_order(times_ms: npt.NDArray[np.float64], gids: npt.NDArray[np.int64]) -> bool:
    """Return whether spikes are sorted by time, then by gid."""
    earlier, later = times_ms[:-1], times_ms[1:]
    sorted_gids = gids[:-1] <= gids[1:]
    return bool(np.all((earlier < later) | ((earlier == later) & sorted_gids)))


def infer_duration_ms(times_ms: npt.NDArray[np.float64]) -> float:
    """Infer the simulated time of a file that does not contain it.

    Parameters
    ----------
    times_ms : ndarray of float
        Spike times in ms.

    Returns
    -------
    float
        End of the last millisecond with a spike. This is exact for runs with parallel fibers,
        which fire 85 times per millisecond.
    """
    return float(np.ceil(np.max(times_ms, initial=0.0)))


def merge_spike_trains(trains: Iterable[SpikeTrains]) -> SpikeTrains:
    """Merge the spikes of different cells of one run.

    Parameters
    ----------
    trains : iterable of SpikeTrains
        Spikes with the same duration.

    Returns
    -------
    SpikeTrains
        All spikes and populations, in gid order.

    Raises
    ------
    ValueError
        If the durations differ.
    """
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
