"""Loading of runs from run directories, published files and SONATA files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cerebella.errors import InputError
from cerebella.results.condition import Condition
from cerebella.results.olive_npz import read_olive_npz
from cerebella.results.published_csv import condition_from_name, read_published_spikes
from cerebella.results.published_npz import (
    manifest_from_name,
    published_trace_files,
    read_published_traces,
)
from cerebella.results.spike_file import SpikeFile
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.results.trace_files import TraceFiles
from cerebella.runs.directory import MANIFEST_FILE
from cerebella.runs.manifest import condition_of
from cerebella.runs.run import Run, read_run

SONATA_SUFFIXES = (".h5", ".hdf5", ".sonata")
_ONLY_IN_LOOP = frozenset(("MF", "BC", "DCN", "IO"))
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def load_run(path: Path | str, populations: Sequence[Population] | None = None) -> Run:
    """Load a run of any level, from a run directory or a published file.

    Parameters
    ----------
    path : Path or str
        A run directory; a published file of spikes (CSV), of traces of a Purkinje cell (NPZ,
        with the other files of the same run beside it) or of spike counts of the loop (NPZ);
        or a SONATA file of spikes.
    populations : sequence of Population, optional
        Gids of each population, for spike files that do not hold them.

    Returns
    -------
    Run
        The run. Parts that the source does not hold are None.

    Raises
    ------
    InputError
        There is nothing at `path`, or it is none of these.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> _ = cb.simulate_mli(network, cf_sync=8, duration_ms=5, out="level8")
    >>> run = cb.load_run("level8")
    >>> run.kind, run.condition.cf_sync
    ('mli', 8)
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no such run or file", file=path, remedy="Check the path")
    if path.is_dir():
        return read_run(path)
    if path.name == MANIFEST_FILE:
        raise InputError("is a file of a run directory", file=path, remedy="Give its folder")
    if path.suffix.lower() == ".npz":
        return _read_npz(path)
    if _is_hdf5(path) or path.suffix.lower() in SONATA_SUFFIXES:
        return _read_sonata(path, populations)
    spikes = read_published_spikes(path, populations)
    return Run({}, spikes=spikes, path=path, condition=condition_from_name(path))


def load_spikes(path: Path | str, populations: Sequence[Population] | None = None) -> SpikeTrains:
    r"""Load the spikes of a run; see `load_run`.

    Parameters
    ----------
    path : Path or str
        A run directory, a published file of spikes (CSV) or a SONATA file.
    populations : sequence of Population, optional
        Gids of each population, for files that do not hold them.

    Returns
    -------
    SpikeTrains
        Spikes of all populations.

    Raises
    ------
    InputError
        There is nothing at `path`, or it holds no spike times.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("spikes.csv").write_text("12.5,0\n80,208\n")
    >>> cb.load_spikes("spikes.csv")
    <SpikeTrains: 2 spikes in 80 ms (MLI1 1, MLI2 1, PF 0, CF 0)>
    """
    return load_run(path, populations).require("spikes")


def _read_sonata(path: Path, populations: Sequence[Population] | None) -> Run:
    """Return the run of a file of spikes: of the loop if it holds one of its own populations."""
    spikes = SpikeFile(path, populations)
    if _ONLY_IN_LOOP.isdisjoint(population.name for population in spikes.populations):
        return Run({}, spikes=spikes.read(), path=path, condition=Condition())
    return Run({"kind": "olive"}, spikes=spikes, path=path, condition=Condition())


def _read_npz(path: Path) -> Run:
    """Return the run of a published NPZ: traces of a Purkinje cell, or counts of the loop."""
    manifest = manifest_from_name(path)
    if manifest is None:
        return Run({"kind": "olive"}, binned=read_olive_npz(path), path=path)
    traces = TraceFiles(published_trace_files(path), read_published_traces)
    return Run(manifest, traces=traces, path=path, condition=condition_of(manifest))


def _is_hdf5(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_HDF5_SIGNATURE)) == _HDF5_SIGNATURE
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=path, remedy="Check the path"
        ) from error
