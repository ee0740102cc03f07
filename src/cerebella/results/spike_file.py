"""Spikes of a run on disk, read one population at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.files.hdf5 import group_in, length_in, names_in, whole_numbers_in
from cerebella.results.sonata import check_nodes, opened_sonata, populations_in
from cerebella.results.sonata_spikes import read_population, read_spikes, stored_duration_ms
from cerebella.results.spikes import Population, SpikeTrains


class CellSpikes(NamedTuple):
    """Spikes of the recorded cells of one population.

    Attributes
    ----------
    times_ms : ndarray of float, shape (n_spikes,)
        Spike times in ms, sorted.
    cells : ndarray of int, shape (n_spikes,)
        Cell of each spike, counted from 0 within the population.
    recorded : ndarray of int, shape (n_recorded,)
        Cells whose spikes were recorded.
    """

    times_ms: npt.NDArray[np.float64]
    cells: npt.NDArray[np.integer]
    recorded: npt.NDArray[np.integer]


class SpikeFile:
    """A SONATA file of spikes; populations are read separately, and each once.

    Parameters
    ----------
    path : Path
        The file. A population of which only some cells were recorded lists them in the
        dataset ``recorded_ids``.
    populations : sequence of Population, optional
        Gids of each population, for files that do not contain them.
    """

    def __init__(self, path: Path, populations: Sequence[Population] | None = None) -> None:
        self.path = path
        self._given = populations
        self._read: dict[str, CellSpikes] = {}

    @cached_property
    def _groups(self) -> dict[str, tuple[Population, str]]:
        """Each population by name, with the name of its group in the file."""
        with opened_sonata(self.path, "spikes") as spikes:
            found = populations_in(spikes, self.path, self._given)
            return {
                population.name: (population, str(group.name).rpartition("/")[2])
                for population, group in found
            }

    @property
    def populations(self) -> tuple[Population, ...]:
        """All populations, by their first gid."""
        return tuple(population for population, _ in self._groups.values())

    @cached_property
    def duration_ms(self) -> float:
        """Simulated time in ms; if the file does not contain it, see `read_spikes`."""
        stored = self.stored_duration_ms
        return self.read().duration_ms if stored is None else stored

    @cached_property
    def stored_duration_ms(self) -> float | None:
        """Simulated time in ms, None if the file does not contain it."""
        with opened_sonata(self.path, "spikes") as spikes:
            return stored_duration_ms(spikes, self.path)

    @cached_property
    def n_spikes(self) -> int:
        """Number of spikes in the file."""
        with opened_sonata(self.path, "spikes") as spikes:
            return sum(
                length_in(group_in(spikes, name, self.path), "timestamps", self.path)
                for _, name in self._groups.values()
            )

    def of(self, name: str) -> CellSpikes:
        """Return the spikes of a population."""
        if name not in self._read:
            population, own = self._groups[name]
            end_ms = self.stored_duration_ms
            with opened_sonata(self.path, "spikes") as spikes:
                group = group_in(spikes, own, self.path)
                recorded = np.arange(population.n_cells)
                if "recorded_ids" in names_in(group, self.path):
                    recorded = whole_numbers_in(group, "recorded_ids", self.path)
                    check_nodes(recorded, population, self.path)
                times_ms, cells = read_population(group, population, self.path, end_ms)
            if (times_ms[1:] < times_ms[:-1]).any():  # in files of other programs
                order = np.lexsort((cells, times_ms))
                times_ms, cells = times_ms[order], cells[order]
            self._read[name] = CellSpikes(times_ms, cells, recorded)
        return self._read[name]

    def read(self) -> SpikeTrains:
        """Return the spikes of all populations as one value."""
        return read_spikes(self.path, self._given)
