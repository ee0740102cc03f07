"""A run is a directory, complete if and only if its `run.json` is there.

run.json    the manifest: configuration, seeds, versions, timings, citations; written last
spikes.h5   SONATA spikes
<name>.h5   SONATA compartment reports, one for each recorded variable, such as voltage.h5
weights.h5  PF→PC weights of the loop
morphology.swc, sections.csv   the Purkinje cell
"""

from __future__ import annotations

import dataclasses
import math
import shutil
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology, save_morphology
from cerebella.results.atomic import atomic_directory, atomic_file, is_left_over
from cerebella.results.outputs import check_folder_output
from cerebella.results.sonata_spikes import write_spikes
from cerebella.results.sonata_traces import write_traces
from cerebella.results.spike_file import SpikeFile
from cerebella.results.spikes import SpikeTrains
from cerebella.results.trace_files import TraceFiles, present_file
from cerebella.results.traces import Traces
from cerebella.results.weights import read_weights
from cerebella.runs.manifest import MANIFEST_SCHEMA, dump_manifest, load_manifest

MANIFEST_FILE = "run.json"
SPIKES_FILE = "spikes.h5"
WEIGHTS_FILE = "weights.h5"
MORPHOLOGY_FILE, SECTIONS_FILE = "morphology.swc", "sections.csv"

_FILES = {
    MANIFEST_FILE, SPIKES_FILE, "voltage.h5", WEIGHTS_FILE, MORPHOLOGY_FILE, SECTIONS_FILE,
}  # fmt: skip


def check_output(path: Path | str, *, force: bool = False) -> None:
    """Raise an error now if `write_directory` would refuse `path` after the simulation.

    Raises
    ------
    OutputExistsError : the path exists and `force` is False.
    InputError : the existing path is not a run and cannot be replaced even with `force`, or the
        path is not writable.
    """
    check_folder_output(Path(path), check_replaceable if force else None)


def check_replaceable(path: Path) -> None:
    """Raise InputError unless a folder is a complete run without other files."""
    if not is_run(path):
        raise InputError(
            f"is not empty and not a run (it has no {MANIFEST_FILE}), so it is not replaced",
            file=path,
            remedy="Give another name, or remove the folder yourself",
        )
    refuse_others(path, other_files(path))


def other_files(path: Path) -> list[Path]:
    """Return the entries of a folder that are not files of a run, or of the writing of one."""
    names = _FILES | ({f"{name}.h5" for name in _traces(path)} if is_run(path) else set())
    return [
        file
        for file in sorted(path.iterdir())
        if not (file.name in names or any(is_left_over(file.name, of=name) for name in names))
    ]


def _traces(path: Path) -> list[str]:
    return load_manifest(path / MANIFEST_FILE)["traces"]


def refuse_others(path: Path, others: Sequence[Path]) -> None:
    """Raise InputError if there are files that would be lost with the folder of a run."""
    if others:
        names = ", ".join(repr(str(file.relative_to(path))) for file in others[:3])
        raise InputError(
            f"contains {names}{', …' if len(others) > 3 else ''}, which "
            f"{'is' if len(others) == 1 else 'are'} not part of a run and would be lost",
            file=path,
            remedy="Give another name, or move these files",
        )


def write_directory(
    path: Path,
    manifest: Mapping[str, Any],
    spikes: SpikeTrains,
    traces: Mapping[str, Traces],
    morphology: Morphology | None = None,
    *,
    force: bool = False,
) -> None:
    """Write a run directory, as a whole or not at all.

    All files are written to a hidden sibling folder, which is renamed at the end; an older run
    is replaced (with `force`) only then.

    Parameters
    ----------
    path : Path
        Directory to make.
    manifest : mapping
        Content of ``run.json``; `schema` and `traces` are added.
    spikes : SpikeTrains
        All spikes, with the populations of the network.
    traces : mapping of str to Traces
        Traces by name; each is written to ``<name>.h5``.
    morphology : Morphology, optional
        Morphology of a Purkinje cell.
    force : bool
        Replace an older run at `path`.

    Raises
    ------
    OutputExistsError
        Something is at `path`, and `force` is False.
    InputError
        The manifest lacks a key, a folder that is not a run would be replaced, or the disk is
        full.
    """
    _check_trace_names(traces, path)
    text = dump_manifest(
        {"schema": MANIFEST_SCHEMA} | dict(manifest) | {"traces": list(traces)},
        path / MANIFEST_FILE,
    )
    with atomic_directory(path, replaceable=check_replaceable if force else None) as folder:
        write_spikes(spikes, folder / SPIKES_FILE)
        for name, trace in traces.items():
            write_traces(trace, folder / f"{name}.h5", spikes.populations)
        if morphology is not None:
            save_morphology(morphology, folder / MORPHOLOGY_FILE, folder / SECTIONS_FILE)
        with atomic_file(folder / MANIFEST_FILE) as temporary:
            temporary.write_text(text, encoding="utf-8")


def copy_directory(source: Path, path: Path, *, force: bool = False) -> None:
    """Copy a run directory, as a whole or not at all; errors as of `write_directory`."""
    with atomic_directory(path, replaceable=check_replaceable if force else None) as folder:
        shutil.copytree(source, folder, dirs_exist_ok=True)


def _check_trace_names(traces: Mapping[str, Traces], path: Path) -> None:
    for name in traces:
        if not name.isidentifier() or f"{name}.h5" == SPIKES_FILE:
            raise InputError(
                f"{name!r} cannot name traces",
                file=path,
                remedy="Take a plain word such as 'voltage', other than 'spikes'",
            )


def is_run(path: Path | str) -> bool:
    """Return whether a complete run is at `path`."""
    return (Path(path) / MANIFEST_FILE).is_file()


def read_directory(path: Path) -> dict[str, Any]:
    """Return the parts of the run in a run directory, each read when it is used.

    Parameters
    ----------
    path : Path
        The directory.

    Returns
    -------
    dict of str to object
        Arguments of `cerebella.runs.run.Run`.

    Raises
    ------
    InputError
        There is no such folder, it is not a complete run, or a file in it is missing or damaged.
    """
    if not path.exists():
        raise InputError("no such run", file=path, remedy="Check the path")
    if not path.is_dir():
        raise InputError("is a file, not a run directory", file=path, remedy="Give its folder")
    if not is_run(path):
        raise InputError(
            f"is not a complete run (it has no {MANIFEST_FILE})",
            file=path,
            remedy="Give the folder of a finished run; an interrupted run of the loop is resumed "
            "with `resume`",
        )
    manifest = load_manifest(path / MANIFEST_FILE)
    spikes = SpikeFile(present_file(path / SPIKES_FILE))
    _ = spikes.populations  # a damaged file is an error now, not when spikes are used
    stored_ms = spikes.stored_duration_ms
    if stored_ms is not None and not math.isclose(stored_ms, manifest["duration_ms"]):
        raise InputError(
            f"duration_ms is {manifest['duration_ms']:g}, but that of {SPIKES_FILE} is "
            f"{stored_ms:g}",
            file=path / MANIFEST_FILE,
            remedy="Copy or repeat the run",
        )
    weights = path / WEIGHTS_FILE
    return {
        "manifest": manifest,
        "spikes": spikes,
        "traces": TraceFiles({name: path / f"{name}.h5" for name in manifest["traces"]}),
        "weights": partial(read_weights, weights) if weights.is_file() else None,
        "morphology": partial(_read_morphology, path, manifest)
        if "morphology" in manifest
        else None,
    }


def _read_morphology(path: Path, manifest: Mapping[str, Any]) -> Morphology:
    swc, sections = present_file(path / MORPHOLOGY_FILE), path / SECTIONS_FILE
    content = swc.read_bytes() + (sections.read_bytes() if sections.is_file() else b"")
    return _load_morphology(_CellFiles(content, path), manifest["morphology"]["name"])


@dataclasses.dataclass(frozen=True)
class _CellFiles:
    """Files of a morphology, which are equal if their contents are."""

    content: bytes
    folder: Path = dataclasses.field(compare=False)


@lru_cache(maxsize=2)
def _load_morphology(files: _CellFiles, name: str) -> Morphology:
    """Load a morphology, once for runs of the same cell, whose compartments are shared, too."""
    morphology = load_morphology(files.folder / MORPHOLOGY_FILE, files.folder / SECTIONS_FILE)
    return dataclasses.replace(morphology, name=name)
