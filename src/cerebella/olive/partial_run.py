"""The directory of an unfinished run: its request and its last checkpoint.

partial/configuration.json    the request
partial/checkpoint.npz        the state, and the lengths of recorded values
partial/...                   recorded values
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.json_file import read_json
from cerebella.files.npz import read_npz
from cerebella.olive.request import OliveRequest, request_from_mapping
from cerebella.results.atomic import CerebellaOSError, atomic_file, explained
from cerebella.results.difference import describe_difference
from cerebella.runs.directory import MANIFEST_FILE, check_output

PARTIAL = "partial"
"""Folder of the files of an interrupted run, within the run directory."""

_CONFIGURATION = "configuration.json"
_CHECKPOINT = "checkpoint.npz"

Arrays = dict[str, npt.NDArray]


def can_resume(path: Path | str) -> bool:
    """Return whether the run at `path` is finished, or was interrupted and can be resumed."""
    path = Path(path)
    return (path / MANIFEST_FILE).is_file() or _is_interrupted(path)


def start_run(folder: Path, request: OliveRequest, *, resume: bool, force: bool) -> Arrays | None:
    """Create the directory of a run, or return the checkpoint of the run to be resumed.

    Raises
    ------
    InputError
        There is nothing to resume, the interrupted run has other settings, or the directory
        is not empty.
    """
    partial = folder / PARTIAL
    if resume:
        if not _is_interrupted(folder):
            raise InputError(
                "there is no interrupted run",
                file=folder,
                remedy="Omit `resume`, or give the directory of an interrupted run",
            )
        check_same(folder, read_json(partial / _CONFIGURATION), request)
        checkpoint = partial / _CHECKPOINT
        return read_checkpoint(checkpoint) if checkpoint.is_file() else None
    if _is_interrupted(folder) and not force:
        raise InputError(
            "there is an interrupted run",
            file=folder,
            remedy="Resume it with `resume`, or replace it with `force`",
        )
    if _is_interrupted(folder) and not (folder / MANIFEST_FILE).is_file():
        _remove(folder)
    check_output(folder, force=force)
    _remove(folder)
    partial.mkdir(parents=True)
    with atomic_file(partial / _CONFIGURATION) as temporary:
        temporary.write_text(request.model_dump_json(indent=1), encoding="utf-8")
    return None


def check_same(folder: Path, stored: Mapping[str, Any], request: OliveRequest) -> None:
    """Raise InputError, showing the difference, if a run is to be resumed with other settings."""
    differences = describe_difference(_as_text(request_from_mapping(stored)), _as_text(request))
    if differences:
        raise InputError(
            f"the run has other settings: {differences}",
            file=folder,
            remedy="Resume it with the settings with which it was started",
        )


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Add the remedy of resuming the run to errors of the file system."""
    try:
        with explained(folder):
            yield
    except CerebellaOSError as error:
        if not _is_interrupted(folder):
            raise
        remedy = "Free some space or check the permissions, and resume the run with `resume`"
        raise CerebellaOSError(error.problem, file=error.file, remedy=remedy) from error


def write_checkpoint(folder: Path, arrays: Mapping[str, npt.NDArray]) -> None:
    """Replace the checkpoint of a run atomically."""
    path = folder / PARTIAL / _CHECKPOINT
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_checkpoint(path: Path) -> Arrays:
    """Return the arrays of a checkpoint."""
    return read_npz(path)


def _as_text(request: OliveRequest) -> dict[str, Any]:
    """Return the settings of a request, with perturbations as text."""
    perturbations = [str(one) for one in request.perturbations]
    return request.model_dump(mode="json") | {"perturbations": perturbations}


def _is_interrupted(folder: Path) -> bool:
    return (folder / PARTIAL / _CONFIGURATION).is_file()


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
