"""The folder of an unfinished run, within the run directory.

partial/lock                  locked by the process that simulates
partial/configuration.json    the request
partial/checkpoint-...        the last two checkpoints
partial/...                   recorded values

A finished run beside it is replaced when the unfinished run is complete.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from cerebella.errors import InputError
from cerebella.files.json_file import read_json
from cerebella.olive.checkpoints import Arrays, is_checkpoint, read_last_checkpoint
from cerebella.olive.request import OliveRequest, request_from_mapping
from cerebella.results.atomic import (
    CerebellaOSError,
    atomic_file,
    explained,
    is_left_over,
    remove_abandoned,
)
from cerebella.results.difference import describe_difference
from cerebella.results.locks import locked_folder
from cerebella.results.outputs import check_folder_output
from cerebella.runs.directory import check_replaceable, is_run, other_files, refuse_others

PARTIAL = "partial"
"""Folder of the files of an unfinished run, within the run directory."""

_CONFIGURATION, _LOCK = "configuration.json", "lock"
_RECORDED = re.compile(r"[A-Z]+\.(steps|cells|v)|weights\.[a-z_]+")


def is_interrupted(folder: Path) -> bool:
    """Return whether there is an interrupted run, possibly beside a finished one."""
    return (folder / PARTIAL / _CONFIGURATION).is_file()


class Start(TypedDict):
    """Whether an interrupted run is resumed, or may be replaced."""

    resume: bool
    force: bool


def resumed_or_replaced(folder: Path, request: OliveRequest) -> Start:
    """Return `resume` and `force` with which a run of a sweep is simulated.

    An interrupted run is resumed. One with other settings is replaced: the names of run directories
    contain all settings but those of recording, which differ between versions.
    """
    if is_run(folder) or not is_interrupted(folder):
        return {"resume": is_run(folder), "force": False}
    stored = _stored_request(folder / PARTIAL / _CONFIGURATION)
    is_same = not describe_difference(_as_text(stored), _as_text(request))
    return {"resume": is_same, "force": not is_same}


@contextmanager
def started_run(
    folder: Path, request: OliveRequest, *, resume: bool, force: bool
) -> Iterator[Arrays | None]:
    """Hold the lock of the directory of a run while the block runs; create it if necessary.

    Yields
    ------
    dict of str to ndarray, or None
        The checkpoint of the run to be resumed; None if the run starts at its beginning.

    Raises
    ------
    InputError
        There is nothing to resume, the interrupted run has other settings or is damaged, the
        directory may not be replaced, or another process is simulating it.
    """
    _check_start(folder, resume=resume, force=force)
    partial = folder / PARTIAL
    partial.mkdir(parents=True, exist_ok=True)
    with locked_folder(folder, partial / _LOCK):
        _check_start(folder, resume=resume, force=force)  # another process may have been faster
        try:
            saved = _start(folder, request, resume=resume)
        except BaseException:
            if not is_interrupted(folder):
                shutil.rmtree(partial, ignore_errors=True)
            raise
        yield saved


def _check_start(folder: Path, *, resume: bool, force: bool) -> None:
    """Raise InputError if a run may not be started, replaced or resumed."""
    is_begun = (folder / PARTIAL).is_dir()
    if resume and not is_begun:
        raise InputError(
            "there is no interrupted run",
            file=folder,
            remedy="Omit `resume`, or give the directory of an interrupted run",
        )
    if is_interrupted(folder) and not (resume or force):
        raise InputError(
            "there is an interrupted run",
            file=folder,
            remedy="Resume it with `resume`, or replace it with `force`",
        )
    may_replace = resume or force or (is_begun and not is_run(folder))
    check_folder_output(
        folder.resolve() if resume else folder, check_replaceable_loop if may_replace else None
    )


def _start(folder: Path, request: OliveRequest, *, resume: bool) -> Arrays | None:
    """Return the checkpoint of the run to be resumed, or write the request of a new one."""
    partial = folder / PARTIAL
    if resume and is_interrupted(folder):
        check_same(folder, _stored_request(partial / _CONFIGURATION), request)
        return read_last_checkpoint(partial)
    (partial / _CONFIGURATION).unlink(missing_ok=True)  # first: without it, nothing is resumed
    for file in partial.iterdir():
        if file.name != _LOCK:
            file.unlink()
    with atomic_file(partial / _CONFIGURATION) as temporary:
        temporary.write_text(request.model_dump_json(indent=1), encoding="utf-8")
    return None


def _stored_request(file: Path) -> OliveRequest:
    remedy = "Start the run again with `force`"
    try:
        return request_from_mapping(read_json(file, remedy=remedy))
    except (InputError, KeyError, TypeError, AttributeError) as error:
        problem = error.problem if isinstance(error, InputError) else f"it lacks {error}"
        raise InputError(f"is damaged ({problem[:200]})", file=file, remedy=remedy) from error


def check_replaceable_loop(path: Path) -> None:
    """Raise InputError unless a folder holds a run, finished or not, and no other files."""
    partial = path / PARTIAL
    if not partial.is_dir():
        check_replaceable(path)
        return
    others = [file for file in other_files(path) if file != partial]
    refuse_others(path, others + [file for file in partial.iterdir() if not _is_own(file.name)])


def _is_own(name: str) -> bool:
    """Return whether a file in the folder of an unfinished run is a part of it."""
    return (
        name in (_LOCK, _CONFIGURATION)
        or is_left_over(name, of=_CONFIGURATION)
        or is_checkpoint(name)
        or _RECORDED.fullmatch(name) is not None
    )


def remove_left_over(folder: Path) -> None:
    """Remove what processes left that were killed before a run was begun, or after its end."""
    remove_abandoned(folder.resolve())
    partial = folder / PARTIAL
    if partial.is_dir() and all(_is_own(file.name) for file in partial.iterdir()):
        with locked_folder(folder, partial / _LOCK):
            if not is_interrupted(folder):
                shutil.rmtree(partial)


def check_same(folder: Path, stored: OliveRequest, request: OliveRequest) -> None:
    """Raise InputError, showing the difference, if a run is to be resumed with other settings."""
    differences = describe_difference(_as_text(stored), _as_text(request))
    if differences:
        keep = f", or remove {folder / PARTIAL} to keep the finished run beside it"
        raise InputError(
            f"the run has other settings: {differences}",
            file=folder,
            remedy="Resume it with the settings with which it was started"
            + (keep if is_run(folder) and is_interrupted(folder) else ""),
        )


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Add the remedy of resuming the run to errors of the file system."""
    try:
        with explained(folder):
            yield
    except CerebellaOSError as error:
        if not is_interrupted(folder):
            raise
        remedy = "Free some space or check the permissions, and resume the run with `resume`"
        raise CerebellaOSError(error.problem, file=error.file, remedy=remedy) from error


def _as_text(request: OliveRequest) -> dict[str, Any]:
    """Return the settings of a request, with perturbations as text."""
    perturbations = [str(one) for one in request.perturbations]
    return request.model_dump(mode="json") | {"perturbations": perturbations}
