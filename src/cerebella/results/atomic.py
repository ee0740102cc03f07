"""Atomic writing: a file or folder is either complete or absent, even after a crash.

Content is flushed to disk before it is renamed, so that this also holds after a power failure.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cerebella.errors import InputError
from cerebella.results.exchange import exchange
from cerebella.results.locks import acquire
from cerebella.results.outputs import (
    Replaceable,
    check_file_output,
    check_folder_output,
    path_aside,
    refuse_existing,
)

_UMASK = threading.Lock()
"""Held while the mask of the process is replaced: other threads would take the wrong one for it."""

_SUFFIX = ".cerebella"
"""End of the names of temporary folders, which no other program uses."""


@contextmanager
def atomic_file(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the same folder, which replaces `path` on success.

    Parameters
    ----------
    path : Path or str
        File to write.

    Yields
    ------
    Path
        Temporary file.

    Raises
    ------
    InputError
        If `path` is a folder or device, the folder is not writable, or the disk is full.
    """
    path = Path(path)
    check_file_output(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            _flush(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(path: Path | str, *, replaceable: Replaceable | None = None) -> Iterator[Path]:
    """Yield an empty temporary folder, which is renamed to `path` on success.

    Parameters
    ----------
    path : Path or str
        Folder to write; it may exist if it is empty.
    replaceable : callable, optional
        Check of an existing folder, called before the block and again before the folder is
        replaced; by default none is replaced.

    Yields
    ------
    Path
        Temporary folder.

    Raises
    ------
    OutputExistsError
        If `path` exists, is not an empty folder, and there is no `replaceable`.
    InputError
        If the folder may not be replaced or is not writable, or the disk is full.
    """
    check_folder_output(Path(path), replaceable)
    path = Path(path).resolve()
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        temporary, lock = _temporary_folder(path)
        try:
            with _named_as_in(path, temporary):
                yield temporary
            temporary.chmod(0o777 & ~_umask())
            for path_within in temporary.rglob("*"):
                _flush(path_within)
            if replaceable is not None and path.is_dir() and any(path.iterdir()):
                replaceable(path)
                _put_in_place_of(path, temporary)
            else:
                _put_where_nothing_is(path, temporary)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            os.close(lock)


@contextmanager
def _named_as_in(path: Path, temporary: Path) -> Iterator[None]:
    """Let errors of the operating system name files in `path`, not in the temporary folder."""
    try:
        yield
    except CerebellaOSError as error:
        if error.file is None or not error.file.is_relative_to(temporary):
            raise
        file = path / error.file.relative_to(temporary)
        raise CerebellaOSError(error.problem, file=file, remedy=error.remedy) from error


def _temporary_folder(path: Path) -> tuple[Path, int]:
    """Return a new folder beside `path`, and a handle that holds its lock."""
    while True:
        name = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-", suffix=_SUFFIX)
        handle = os.open(name, os.O_RDONLY)
        with suppress(BlockingIOError, FileNotFoundError):
            acquire(handle)
            Path(name).stat()
            return Path(name), handle
        os.close(handle)  # another process took it for abandoned before it was locked


def remove_abandoned(path: Path) -> None:
    """Remove temporary folders of processes that were killed while they wrote `path`."""
    for folder in path.parent.glob(f".{glob.escape(path.name)}-????????{_SUFFIX}"):
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            with suppress(BlockingIOError):
                if acquire(handle):
                    shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _put_where_nothing_is(path: Path, temporary: Path) -> None:
    """Rename `temporary` to `path`, which another process may have created in the meantime."""
    try:
        temporary.rename(path)
    except OSError:
        refuse_existing(path)
        raise


def _put_in_place_of(path: Path, temporary: Path) -> None:
    """Exchange `temporary` and the existing `path`; without exchange, rename one after the other.

    A process that is killed between the two renames leaves the old folder at `path_aside`.
    """
    if exchange(path, temporary):
        return
    aside = path_aside(path)
    shutil.rmtree(aside, ignore_errors=True)
    path.rename(aside)
    try:
        temporary.rename(path)
    except BaseException:
        aside.rename(path)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def is_left_over(name: str, of: str) -> bool:
    """Return whether `name` is a temporary file of a process killed while it wrote file `of`."""
    stem, suffix = re.escape(Path(of).stem), re.escape(Path(of).suffix)
    return re.fullmatch(rf"\.{stem}-\w{{8}}{suffix}", name) is not None


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Convert errors of the operating system about `path` to a message with a remedy."""
    try:
        yield
    except OSError as error:
        if isinstance(error, CerebellaOSError):
            raise
        raise CerebellaOSError(
            f"cannot be written ({error.strerror or error})",
            file=path,
            remedy="Choose a writable folder on a disk with free space",
        ) from error


class CerebellaOSError(InputError, OSError):
    """An output that could not be written because of an error of the operating system."""


def _flush(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    """Return the mask of the process, which can be read by replacing it only."""
    with _UMASK:
        mask = os.umask(0)
        os.umask(mask)
    return mask
