"""Kernel locks of files, and of folders that are written over time.

The kernel frees a lock when its process ends, also by a crash or a kill.
"""

from __future__ import annotations

import errno
import fcntl
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cerebella.errors import InputError

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF)
"""Errors of file systems without locks; NFS locks files, but not folders (EBADF)."""


@contextmanager
def locked_folder(folder: Path, file: Path) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    On a file system without locks, a warning says so and the block runs without a lock.

    Parameters
    ----------
    folder : Path
        Folder that only one process may write.
    file : Path
        File that carries the lock; created if it does not exist.

    Raises
    ------
    InputError
        Another process holds the lock.
    """

    def refuse() -> None:
        raise _in_use(folder) from None

    try:
        handle, has_locks = _open_locked(file, refuse, 0o666)
    except FileNotFoundError:  # its folder was renamed by the process that held the lock
        raise _in_use(folder) from None
    try:
        if not has_locks:
            warnings.warn(
                f"{folder} is on a file system without locks. Make sure that no other process "
                "writes to it",
                RuntimeWarning,
                stacklevel=3,
            )
        yield
    finally:
        os.close(handle)


@contextmanager
def locked_file(file: Path, announce_wait: Callable[[], None]) -> Iterator[bool]:
    """Wait for the lock of a file, and hold it while the block runs.

    Parameters
    ----------
    file : Path
        File that carries the lock; created, for its owner only, if it does not exist.
    announce_wait : callable
        Called if another process holds the lock.

    Yields
    ------
    bool
        False if the file system has no locks.
    """
    handle, has_locks = _open_locked(file, announce_wait, 0o600)
    try:
        yield has_locks
    finally:
        os.close(handle)


def _open_locked(file: Path, busy: Callable[[], None], mode: int) -> tuple[int, bool]:
    """Return an open handle of the file with its lock, and whether there are locks.

    If another process holds the lock, `busy` raises an error, or returns to wait.
    """
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, mode)
        try:
            has_locks = _acquire_or_wait(handle, busy)
        except BaseException:
            os.close(handle)
            raise
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), file.stat()):
                return handle, has_locks
        os.close(handle)  # another process removed the file in the meantime


def _acquire_or_wait(handle: int, busy: Callable[[], None]) -> bool:
    try:
        return acquire(handle)
    except BlockingIOError:
        busy()
    fcntl.flock(handle, fcntl.LOCK_EX)
    return True


def _in_use(folder: Path) -> InputError:
    return InputError(
        "is in use by another process",
        file=folder,
        remedy="Wait until it has finished, or give another folder",
    )


def acquire(handle: int) -> bool:
    """Lock an open file or folder without waiting; return False if there are no locks.

    Raises
    ------
    BlockingIOError
        Another process holds the lock.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True
