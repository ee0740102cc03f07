"""Spikes as they come, step and cell, appended to plain files; and as SONATA at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.results.atomic import atomic_file
from cerebella.results.filled_hdf5 import Filling, empty_dataset, write_filled
from cerebella.results.sonata import start_file, start_population
from cerebella.results.sonata_spikes import mark_by_time
from cerebella.results.spikes import Population

_PIECE = 1 << 20


class Column:
    """Numbers of one type in a plain file that only grows, or is cut back to go on."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, length: int = 0) -> None:
        """Open the file with its first `length` numbers; what comes after them is dropped."""
        self.path, self.dtype, self.length = path, np.dtype(dtype), length
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        if os.fstat(self._file.fileno()).st_size < length * self.dtype.itemsize:
            raise OSError(f"{path} is shorter than it was when it was last checked")
        self._file.truncate(length * self.dtype.itemsize)
        self._file.seek(0, os.SEEK_END)

    def append(self, values: npt.NDArray) -> None:
        """Append numbers; they are in the file, if not yet on the disk, when this returns."""
        data = memoryview(np.ascontiguousarray(values, dtype=self.dtype).tobytes())
        while len(data):
            data = data[self._file.write(data) :]
        self.length += len(values)

    def pieces(self) -> Iterator[npt.NDArray]:
        """Yield all numbers, a million at a time."""
        with self.path.open("rb") as file:
            left = self.length
            while left:
                n = min(left, _PIECE)
                yield np.fromfile(file, self.dtype, n)
                left -= n

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def times_of_steps(steps: npt.NDArray, dt_ms: float) -> npt.NDArray[np.float64]:
    """Return times in ms: 0.3, not 0.30000000000000004, for step 3 of 0.1 ms."""
    per_ms = round(1 / dt_ms)
    if abs(per_ms * dt_ms - 1) < 1e-9:
        return steps / per_ms
    return steps * dt_ms


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
    columns : steps and cells of each population, by step.
    recorded : which cells were recorded, None for all; kept as the dataset ``recorded_ids``.
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
            nodes = empty_dataset(group, "node_ids", (cells.length,), np.uint32)
            times = empty_dataset(group, "timestamps", (steps.length,), np.float64)
            times.attrs["units"] = "ms"
            in_ms = partial(times_of_steps, dt_ms=dt_ms)
            fillings.append(Filling(nodes.id.get_offset(), cells.pieces()))
            fillings.append(Filling(times.id.get_offset(), map(in_ms, steps.pieces())))
        return fillings

    with atomic_file(path) as temporary:
        write_filled(temporary, lay_out)
