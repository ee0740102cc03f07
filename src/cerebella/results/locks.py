"""Kernel locks of folders that are written over time.

The kernel frees a lock when its process ends, also by a crash or a kill.
"""

from __future__ import annotations

import errno
import fcntl
import os
import warnings
from collections.abc import Iterator
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
    handle = _lock_of(folder, file)
    try:
        yield
    finally:
        os.close(handle)


def _lock_of(folder: Path, file: Path) -> int:
    """Return an open handle of the file with its lock."""
    while True:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # its folder was renamed by the process that held the lock
            raise _in_use(folder) from None
        try:
            if not acquire(handle):
                warnings.warn(
                    f"{folder} is on a file system without locks. Make sure that no other process "
                    "writes to it",
                    RuntimeWarning,
                    stacklevel=4,
                )
        except BlockingIOError:
            os.close(handle)
            raise _in_use(folder) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), file.stat()):
                return handle
        os.close(handle)  # another process removed the file in the meantime


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
