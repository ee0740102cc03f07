"""Traces of a run on disk, read when they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from weakref import WeakValueDictionary

from cerebella.errors import InputError
from cerebella.results.sonata_traces import read_traces
from cerebella.results.traces import Traces


class TraceFiles(Mapping[str, Traces]):
    """Traces by name, each read from its file when it is used.

    Traces stay in memory only while something refers to them: calcium of all compartments of
    a Purkinje cell takes 30 MB, and many runs are analyzed one after the other.

    Parameters
    ----------
    files : mapping of str to Path
        The file of each name.
    reader : callable, optional
        Function that reads a file.
    """

    def __init__(
        self, files: Mapping[str, Path], reader: Callable[[Path], Traces] = read_traces
    ) -> None:
        self._files = dict(files)
        self._reader = reader
        self._in_use: WeakValueDictionary[str, Traces] = WeakValueDictionary()

    def __getitem__(self, name: str) -> Traces:
        if name not in self._files:
            raise KeyError(f"{name}: this run recorded {list(self._files) or 'no traces'}")
        traces = self._in_use.get(name)
        if traces is None:
            traces = self._in_use[name] = self._reader(present_file(self._files[name]))
        return traces

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        return f"<TraceFiles: {', '.join(self._files) or 'none'}>"


def present_file(path: Path) -> Path:
    """Return `path`, a file that a run needs.

    Raises
    ------
    InputError
        The file is missing.
    """
    if not path.is_file():
        raise InputError(
            "is missing from this run",
            file=path,
            remedy="Copy the run again, with all its files, or repeat it",
        )
    return path
