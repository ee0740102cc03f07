"""Runs of the loop in other formats: the published NPZ, CSV and SONATA."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from cerebella.results.atomic import atomic_file, refuse_existing
from cerebella.results.olive_npz import write_olive_npz
from cerebella.results.olive_run import OliveRun
from cerebella.results.run_directory import SPIKES_FILE

_ROWS = 200_000


def export_npz(run: OliveRun, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``<run>.npz``, the published file (see `cerebella.results.olive_npz`)."""
    path = _target(folder, f"{run.name}.npz", force)
    write_olive_npz(run, path)
    return [path]


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
