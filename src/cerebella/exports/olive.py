"""Runs of the loop as the published NPZ, CSV and SONATA."""

from __future__ import annotations

import shutil
from pathlib import Path

from cerebella.exports.target import export_target
from cerebella.results.atomic import atomic_file
from cerebella.results.olive_npz import write_olive_npz
from cerebella.runs.directory import SPIKES_FILE
from cerebella.runs.run import Run

_ROWS = 200_000


def export_npz(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``<run>.npz``, the published file (see `cerebella.results.olive_npz`)."""
    path = export_target(run, folder, f"{run.name}.npz", force=force)
    write_olive_npz(run, path)
    return [path]


def export_csv(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``<run>_<POP>_spikes.csv`` of each population: time_ms and cell, by time."""
    paths = []
    for name in run.populations:
        spikes = run.of(name)
        if not len(spikes.recorded):
            continue
        path = export_target(run, folder, f"{run.name}_{name}_spikes.csv", force=force)
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


def export_sonata(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Copy the SONATA spikes to ``<run>_spikes.h5``."""
    path = export_target(run, folder, f"{run.name}_{SPIKES_FILE}", force=force)
    assert run.path is not None
    source = run.path / SPIKES_FILE if run.path.is_dir() else run.path
    with atomic_file(path) as temporary:
        shutil.copyfile(source, temporary)
    return [path]
