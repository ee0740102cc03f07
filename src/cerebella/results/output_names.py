"""Names of outputs that no file system takes, found before the work rather than after it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from cerebella.errors import InputError

_ROOM_BYTES = 40
"""Bytes for what is added to the name while an output is written."""

_LONGEST_NAME_BYTES, _LONGEST_PATH_BYTES = 255, 4096


def check_output_name(path: Path) -> None:
    """Raise InputError if a file or folder cannot have this path.

    Parameters
    ----------
    path : Path
        Output to be written; neither it nor its folder need exist.

    Raises
    ------
    InputError
        A name or the path is too long, or symbolic links on the way lead in a circle.
    """
    path = path.absolute()
    for name in path.parts:
        limit = _LONGEST_NAME_BYTES - (_ROOM_BYTES if name == path.name else 0)
        if (size := len(os.fsencode(name))) > limit:
            raise InputError(
                f"the name {name[:40]}… has {size} bytes", remedy=f"Give at most {limit} bytes"
            )
    if (size := len(os.fsencode(path))) > _LONGEST_PATH_BYTES - 2 * _ROOM_BYTES:
        raise InputError(
            f"the path {str(path)[:80]}… has {size} bytes", remedy="Choose a shorter path"
        )
    for place in (path, *path.parents):
        try:
            place.stat()
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise InputError(
                    "cannot be made, since symbolic links on the way lead in a circle",
                    file=path,
                    remedy="Choose another folder",
                ) from error
