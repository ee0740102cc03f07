"""Recordings from wherever they are: run directories, published files, SONATA files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cerebella.errors import InputError
from cerebella.results.condition import Condition
from cerebella.results.manifest import condition_of
from cerebella.results.olive_npz import OliveCounts, read_olive_npz
from cerebella.results.olive_run import OliveRun, load_olive_run
from cerebella.results.published_csv import condition_from_name, read_published_spikes
from cerebella.results.published_npz import (
    manifest_from_name,
    published_trace_files,
    read_published_traces,
)
from cerebella.results.run_directory import TraceFiles, kind_of_run, load_run
from cerebella.results.sonata_spikes import read_spikes
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.results.traces import Traces

SONATA_SUFFIXES = (".h5", ".hdf5", ".sonata")
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, eq=False)
class Recording:
    """Spikes from a file or a run, and the condition as far as it is known.

    Attributes
    ----------
    path : the file or run directory.
    condition : from the run's manifest or from a published file name.
    spikes : all spikes.
    manifest : that of a run, or what is known of it from published file names.
    traces : {name: Traces}, each read when it is first asked for.
    """

    path: Path
    condition: Condition
    spikes: SpikeTrains
    manifest: Mapping[str, Any] = field(default_factory=dict)
    traces: Mapping[str, Traces] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What was simulated; spike files are taken for those of the molecular layer."""
        return self.manifest.get("kind", "mli")

    @property
    def name(self) -> str:
        """Name of the run directory, or of the file without its ending."""
        path = self.path.absolute()
        return path.name if path.is_dir() else path.stem


Result = Recording | OliveRun | OliveCounts


def load_result(path: Path | str) -> Result:
    """Load whatever is there: the loop's run or NPZ, or what `load_recording` loads."""
    path = Path(path)
    if kind_of_run(path) == OliveRun.kind:
        return load_olive_run(path)
    if path.suffix.lower() == ".npz" and path.is_file() and manifest_from_name(path) is None:
        return read_olive_npz(path)
    return load_recording(path)


def load_recording(path: Path | str, populations: Sequence[Population] | None = None) -> Recording:
    """Load spikes or traces with their condition from wherever they are.

    Parameters
    ----------
    path : a run directory, a published spike file (CSV), a SONATA spike file, or a published
        file of a Purkinje cell's traces (.npz, with the others of the same run beside it).
    populations : the gids of each population, for spike files that do not hold them.

    Raises
    ------
    InputError : there is nothing at `path`, or it is none of these.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no such run or spike file", file=path, remedy="Check the path")
    if path.is_dir():
        run = load_run(path)
        return Recording(path, run.condition, run.spikes, run.manifest, run.traces)
    if path.suffix.lower() == ".npz":
        return _load_published_traces(path)
    if _is_hdf5(path) or path.suffix.lower() in SONATA_SUFFIXES:
        return Recording(path, Condition(), read_spikes(path, populations))
    return Recording(path, condition_from_name(path), read_published_spikes(path, populations))


def load_spikes(path: Path | str, populations: Sequence[Population] | None = None) -> SpikeTrains:
    """Load spikes from a run directory, a published CSV file or a SONATA file.

    See `load_recording`.
    """
    return load_recording(path, populations).spikes


def _load_published_traces(path: Path) -> Recording:
    """Return the run that a published file of traces belongs to; it holds no spikes."""
    files = published_trace_files(path)
    manifest = manifest_from_name(path) or {}
    no_spikes = SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64))
    return Recording(
        path,
        condition_of(manifest),
        no_spikes,
        manifest,
        TraceFiles(files, read_published_traces),
    )


def _is_hdf5(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_HDF5_SIGNATURE)) == _HDF5_SIGNATURE
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=path, remedy="Check the path"
        ) from error
