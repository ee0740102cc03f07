"""Writing of columns of spikes (time step and cell) as a SONATA file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.results.append_only_column import Column, dataset_of
from cerebella.results.atomic import atomic_file
from cerebella.results.filled_hdf5 import Filling, write_filled
from cerebella.results.sonata import start_file, start_population
from cerebella.results.sonata_spikes import mark_by_time
from cerebella.results.spikes import Population
from cerebella.results.time_grid import times_of_steps


def write_spike_columns(
    path: Path,
    columns: Mapping[Population, tuple[Column, Column]],
    recorded: Mapping[str, npt.NDArray[np.int32] | None],
    duration_ms: float,
    dt_ms: float,
) -> None:
    """Write columns of steps and cells as a SONATA spike file, in bounded memory.

    Parameters
    ----------
    path : Path
        File to write.
    columns : mapping of Population to (Column, Column)
        Steps and cells of the spikes of each population, ordered by step.
    recorded : mapping of str to ndarray of int32 or None
        Recorded cells of each population, None for all; stored as ``recorded_ids``.
    duration_ms : float
        Simulated time in ms.
    dt_ms : float
        Duration of a step in ms.
    """

    def lay_out(file: h5py.File) -> list[Filling]:
        start_file(file)
        spikes = file.create_group("spikes")
        spikes.attrs["duration_ms"] = np.float64(duration_ms)
        fillings = []
        for population, (steps, cells) in columns.items():
            group = start_population(spikes, population)
            mark_by_time(group)
            ids = recorded[population.name]
            if ids is not None:
                group.create_dataset("recorded_ids", data=ids, track_times=False)
            fillings.append(dataset_of(group, "node_ids", cells))
            in_ms = partial(times_of_steps, time_step_ms=dt_ms)
            fillings.append(dataset_of(group, "timestamps", steps, in_ms, np.float64))
            group["timestamps"].attrs["units"] = "ms"
        return fillings

    with atomic_file(path) as temporary:
        write_filled(temporary, lay_out)
