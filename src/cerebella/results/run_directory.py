"""A run is a directory, complete if and only if its `run.json` is there.

run.json    the manifest: configuration, seeds, versions, timings, what to cite; written last
spikes.h5   SONATA spikes
<name>.h5   SONATA compartment reports, one for each recorded variable, as voltage.h5
log.txt     what the simulation printed
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_directory, atomic_file, refuse_existing
from cerebella.results.condition import Condition
from cerebella.results.manifest import (
    MANIFEST_SCHEMA,
    condition_of,
    dump_manifest,
    load_manifest,
)
from cerebella.results.sonata_spikes import read_spikes, write_spikes
from cerebella.results.sonata_traces import read_traces, write_traces
from cerebella.results.spikes import SpikeTrains
from cerebella.results.traces import Traces

MANIFEST_FILE = "run.json"
SPIKES_FILE = "spikes.h5"
LOG_FILE = "log.txt"


class TraceFiles(Mapping[str, Traces]):
    """The traces of a run by name, each read, by `reader`, when it is first asked for."""

    def __init__(
        self, files: Mapping[str, Path], reader: Callable[[Path], Traces] = read_traces
    ) -> None:
        self._files = dict(files)
        self._reader = reader
        self._read: dict[str, Traces] = {}

    def __getitem__(self, name: str) -> Traces:
        if name not in self._files:
            raise KeyError(f"{name}: this run recorded {list(self._files) or 'no traces'}")
        if name not in self._read:
            self._read[name] = self._reader(_present(self._files[name]))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        return f"<TraceFiles: {', '.join(self._files) or 'none'}>"


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes
    ----------
    path : its directory.
    manifest : the content of run.json.
    spikes : all spikes.
    traces : {name: Traces}, each read from disk when it is first asked for.
    """

    path: Path
    manifest: Mapping[str, Any]
    spikes: SpikeTrains
    traces: Mapping[str, Traces] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.absolute().name

    @property
    def condition(self) -> Condition:
        """Synchrony level, weight, trial and network."""
        return condition_of(self.manifest)

    @property
    def log_file(self) -> Path | None:
        """What the simulation printed, if it was kept."""
        path = self.path / LOG_FILE
        return path if path.is_file() else None

    def __repr__(self) -> str:
        condition = self.condition
        known = {
            "network": condition.network,
            "CF synchrony": condition.cf_sync,
            "w2": None if condition.w2_pS is None else f"{condition.w2_pS:g} pS",
            "trial": condition.trial,
        }
        what = ", ".join(f"{key} {value}" for key, value in known.items() if value is not None)
        traces = f", traces {', '.join(self.traces)}" if self.traces else ""
        return (
            f"<Run {self.manifest.get('kind')} {str(self.path)!r}: {what}; "
            f"{len(self.spikes):,} spikes in {self.spikes.duration_ms:g} ms{traces}>"
        )


def check_output(path: Path | str, *, force: bool = False) -> None:
    """Raise an error now if `write_run` would refuse `path` after the simulation.

    Raises
    ------
    OutputExistsError : something is there and `force` is False.
    InputError : what is there is not a run, so that not even `force` may replace it, or the
        place cannot be written to.
    """
    path = Path(path)
    if not force:
        refuse_existing(path)
    elif path.is_file() or path.is_symlink():
        raise InputError(
            "is a file or a link, not a run", file=path, remedy="Give the name of a folder"
        )
    elif path.is_dir() and any(path.iterdir()) and not (path / MANIFEST_FILE).is_file():
        raise InputError(
            f"is not empty and not a run (it has no {MANIFEST_FILE}), so it is not replaced",
            file=path,
            remedy="Give another name, or remove the folder yourself",
        )
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise InputError(
            f"cannot be made, since {nearest} is not a folder that you may write to",
            file=path,
            remedy="Choose another place",
        )


def write_run(
    path: Path | str,
    manifest: Mapping[str, Any],
    spikes: SpikeTrains,
    traces: Mapping[str, Traces] | None = None,
    log: Path | None = None,
    force: bool = False,
    write_more: Callable[[Path], None] = lambda folder: None,
) -> Run:
    """Write a run directory, whole or not at all, and return it as loaded from there.

    All files go to a hidden folder beside `path` that takes its name at the end; an older run
    is replaced (with `force`) only then.

    Parameters
    ----------
    path : the directory to make.
    manifest : what to write to run.json; `schema` and `traces` are added.
    spikes : all spikes, with the populations of the network.
    traces : {name: traces}; each goes to `<name>.h5`.
    log : a text file to keep as log.txt.
    force : replace an older run at `path`.
    write_more : writes what else belongs to the run into the folder that it is given.

    Raises
    ------
    OutputExistsError : something is there and `force` is False.
    InputError : the manifest lacks a key, a folder that is not a run would be replaced, or
        the disk is full.
    """
    path = Path(path)
    traces = traces or {}
    check_output(path, force=force)
    _check_trace_names(traces, path)
    text = dump_manifest(
        {"schema": MANIFEST_SCHEMA} | dict(manifest) | {"traces": list(traces)},
        path / MANIFEST_FILE,
    )
    if log is not None and not Path(log).is_file():
        raise InputError("no such log file", file=log)
    with atomic_directory(path, overwrite=force) as folder:
        write_spikes(spikes, folder / SPIKES_FILE)
        for name, trace in traces.items():
            write_traces(trace, folder / f"{name}.h5", spikes.populations)
        if log is not None:
            shutil.copyfile(log, folder / LOG_FILE)
        write_more(folder)
        with atomic_file(folder / MANIFEST_FILE) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return load_run(path)


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


def kind_of_run(path: Path | str) -> str | None:
    """Return what was simulated in a run, as ``"mli"``; None if `path` is no complete run."""
    return load_manifest(Path(path) / MANIFEST_FILE)["kind"] if is_run(path) else None


def load_run(path: Path | str) -> Run:
    """Load a run directory; traces are read when they are asked for.

    Raises
    ------
    InputError : no such folder, not a complete run, or a file in it is missing or damaged.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("no such run", file=path, remedy="Check the path")
    if not path.is_dir():
        raise InputError("is a file, not a run directory", file=path, remedy="Give its folder")
    if not is_run(path):
        raise InputError(
            f"is not a complete run (it has no {MANIFEST_FILE})",
            file=path,
            remedy="Give the folder that a simulation wrote; one that was cut short has no results",
        )
    manifest = load_manifest(path / MANIFEST_FILE)
    spikes = read_spikes(_present(path / SPIKES_FILE))
    files = {name: path / f"{name}.h5" for name in manifest["traces"]}
    return Run(path, manifest, spikes, TraceFiles(files))


def _present(path: Path) -> Path:
    """Return `path`, a file that run.json promises, or raise InputError."""
    if not path.is_file():
        raise InputError(
            "is missing from this run",
            file=path,
            remedy="Copy the run again, with all its files, or repeat it",
        )
    return path
