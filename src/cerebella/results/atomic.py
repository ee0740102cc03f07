"""Writing so that a reader, or a kill at any moment, never meets half a file or folder.

Content is on the disk before its name is, so that a power cut leaves whole files, too.
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
    """Yield a temporary path beside `path`; on success it takes the place of `path`.

    Raises
    ------
    InputError : the folder cannot be written to, or its disk is full.
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
    """Yield an empty folder beside `path`; on success it becomes `path`, whole.

    An empty folder at `path` is used; anything else there needs `overwrite`.

    Raises
    ------
    OutputExistsError : something is at `path` and `overwrite` is False.
    InputError : the folder cannot be written to, or its disk is full.
    """
    path = Path(path).absolute()  # "." has a parent and a name, too
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
    """Rename `temporary` to `path`, which another process may have taken in the meantime."""
    try:
        temporary.rename(path)
    except OSError:
        refuse_existing(path)
        raise


def _put_in_place_of(path: Path, temporary: Path) -> None:
    """Move what is at `path` aside, put `temporary` there, and only then delete the old."""
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
    """Raise OutputExistsError if something other than an empty folder is at `path`."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise OutputExistsError(
            "exists already", file=path, remedy="Give another name, or --force to replace it"
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the operating system says about `path` into one message with a remedy."""
    try:
        yield
    except OSError as error:
        if isinstance(error, CerebellaOSError):
            raise
        raise CerebellaOSError(
            f"cannot be written ({error.strerror or error})",
            file=path,
            remedy="Choose a folder that you may write to, on a disk with room",
        ) from error


class CerebellaOSError(InputError, OSError):
    """An output that the operating system would not let us write."""


def _flush(path: Path) -> None:
    """Have what is in a file, or the names in a folder, written to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
