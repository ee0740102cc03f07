"""Exchange of two names of a file system in one step."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from pathlib import Path
from typing import Any

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two files or folders, so that neither is absent at any time.

    Parameters
    ----------
    one, other : Path
        Absolute paths on one file system.

    Returns
    -------
    bool
        False if the system or the file system has no such operation, as NFS; nothing was changed.

    Raises
    ------
    OSError
        They could not be exchanged.
    """
    call, linux = _system_call()
    if call is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    arguments = (_HERE, paths[0], _HERE, paths[1], _EXCHANGE) if linux else (*paths, _EXCHANGE)
    if call(*arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(other))


@cache
def _system_call() -> tuple[Any, bool]:
    """Return the function of the C library, and whether it is the one of Linux."""
    library = ctypes.CDLL(None, use_errno=True)
    linux = getattr(library, "renameat2", None)
    return linux or getattr(library, "renamex_np", None), linux is not None
