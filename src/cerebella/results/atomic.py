"""Atomic writing: a file or folder is either complete or absent, even after a crash.

Content is flushed to disk before it is renamed, so that this also holds after a power failure.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cerebella.errors import InputError, OutputExistsError


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
        If the folder is not writable or the disk is full.
    """
    path = Path(path)
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
def atomic_directory(path: Path | str, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield an empty temporary folder, which is renamed to `path` on success.

    Parameters
    ----------
    path : Path or str
        Folder to write; it may exist if it is empty.
    overwrite : bool, default False
        Replace an existing file or folder.

    Yields
    ------
    Path
        Temporary folder.

    Raises
    ------
    OutputExistsError
        If `path` exists, is not an empty folder, and `overwrite` is False.
    InputError
        If the folder is not writable or the disk is full.
    """
    path = Path(path).absolute()  # so that "." has a parent and a name
    if not overwrite:
        refuse_existing(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            for path_within in temporary.rglob("*"):
                _flush(path_within)
            if overwrite and os.path.lexists(path):
                _put_in_place_of(path, temporary)
            else:
                _put_where_nothing_is(path, temporary)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _put_where_nothing_is(path: Path, temporary: Path) -> None:
    """Rename `temporary` to `path`, which another process may have created in the meantime."""
    try:
        temporary.rename(path)
    except OSError:
        refuse_existing(path)
        raise


def _put_in_place_of(path: Path, temporary: Path) -> None:
    """Move the existing `path` aside, rename `temporary`, and only then delete the old one."""
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-replaced-"))
    old = aside / path.name
    try:
        path.rename(old)
    except OSError:
        aside.rmdir()
        raise
    try:
        temporary.rename(path)
    except OSError:
        old.rename(path)
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


def refuse_existing(path: Path) -> None:
    """Raise OutputExistsError if `path` exists and is not an empty folder."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise OutputExistsError(
            "already exists", file=path, remedy="Choose another name, or use `force` to replace it"
        )


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
    mask = os.umask(0)
    os.umask(mask)
    return mask
