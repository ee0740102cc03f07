"""Runs of the loop in other formats: CSV, SONATA, and the published NPZ, which is read back."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_file, refuse_existing
from cerebella.results.olive_run import OliveRun
from cerebella.results.run_directory import SPIKES_FILE

BIN_MS = 100.0
"""Width of the bins of the published file."""

_ROWS = 200_000


class OliveCounts(NamedTuple):
    """What the published NPZ holds.

    Attributes
    ----------
    counts : {population: (n_bins, n_recorded)} spikes in each bin.
    weights : (n_samples, n_synapses), of the recorded synapses.
    bin_ms : width of the bins.
    """

    counts: dict[str, npt.NDArray[np.integer]]
    weights: npt.NDArray[np.floating]
    bin_ms: float

    @property
    def rates_Hz(self) -> dict[str, float]:
        """Mean rate of each population."""
        return {
            name: float(counts.mean() * 1000 / self.bin_ms)
            for name, counts in self.counts.items()
            if counts.size
        }


def export_npz(run: OliveRun, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``<run>.npz``: `<POP>_spikes`, counts in bins of 100 ms, and `weights`.

    The columns of `<POP>_spikes` are the recorded cells; the last bin may be cut short.
    """
    path = _target(folder, f"{run.name}.npz", force)
    arrays: dict[str, npt.NDArray] = {}
    for name in run.populations:
        spikes = run.of(name)
        n_cells, n_bins = len(spikes.recorded), int(np.ceil(run.duration_ms / BIN_MS))
        column = np.zeros(run.populations[name].n_cells, dtype=np.int64)
        column[spikes.recorded] = np.arange(n_cells)
        place = (spikes.times_ms // BIN_MS).astype(np.int64) * n_cells + column[spikes.cells]
        counts = np.bincount(place, minlength=n_bins * n_cells).reshape(n_bins, n_cells)
        arrays[f"{name}_spikes"] = counts.astype(np.uint16)
    arrays["weights"] = run.weights.synapses
    arrays["bin_ms"] = np.array(BIN_MS)
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return [path]


def read_olive_npz(path: Path | str) -> OliveCounts:
    """Read the published NPZ; a file that does not give the width of its bins has 100 ms.

    Raises
    ------
    InputError : it is not there, no such file, or lacks spikes or weights.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(
            f"cannot be read as an NPZ file ({error})", file=path, remedy="Check the path"
        ) from error
    counts = {
        name.removesuffix("_spikes"): values
        for name, values in arrays.items()
        if name.endswith("_spikes")
    }
    if not counts or "weights" not in arrays:
        raise InputError(
            f"holds {', '.join(arrays) or 'nothing'}",
            file=path,
            remedy="Give a file with <POP>_spikes and weights, as cerebella export --to npz writes",
        )
    return OliveCounts(counts, arrays["weights"], float(arrays.get("bin_ms", BIN_MS)))


def export_csv(run: OliveRun, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``<run>_<POP>_spikes.csv`` of each population: time_ms and cell, by time."""
    paths = []
    for name in run.populations:
        spikes = run.of(name)
        if not len(spikes.recorded):
            continue
        path = _target(folder, f"{run.name}_{name}_spikes.csv", force)
        with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            file.write("time_ms,cell\n")
            for start in range(0, len(spikes.times_ms), _ROWS):
                rows = slice(start, start + _ROWS)
                file.writelines(
                    f"{time:.10g},{cell}\n"
                    for time, cell in zip(
                        spikes.times_ms[rows].tolist(), spikes.cells[rows].tolist(), strict=True
                    )
                )
        paths.append(path)
    return paths


def export_sonata(run: OliveRun, folder: Path, *, force: bool = False) -> list[Path]:
    """Copy the SONATA spikes to ``<run>_spikes.h5``."""
    path = _target(folder, f"{run.name}_{SPIKES_FILE}", force)
    with atomic_file(path) as temporary:
        shutil.copyfile(run.path / SPIKES_FILE, temporary)
    return [path]


def _target(folder: Path, name: str, force: bool) -> Path:
    if not force:
        refuse_existing(folder / name)
    return folder / name


FORMATS: dict[str, Callable[..., list[Path]]] = {
    "npz": export_npz,
    "csv": export_csv,
    "sonata": export_sonata,
}
"""What writes a run into a folder, by format."""
