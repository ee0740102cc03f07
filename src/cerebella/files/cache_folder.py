"""The folder of compiled code and mechanisms: its place, and who may write to it.

Its files are loaded as code. It is therefore used only if no other user can have changed them.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import platformdirs

from cerebella.errors import MachineError

BUILDING = ".building-"
"""Prefix of folders in which mechanisms are being compiled."""


def cache_folder() -> Path:
    """Return the folder of compiled code: ``$CEREBELLA_CACHE`` or the user's cache.

    Returns
    -------
    Path
        Absolute path; ``~`` is the home folder, and a relative path is below the current folder.
    """
    chosen = os.environ.get("CEREBELLA_CACHE")
    if not chosen:
        return platformdirs.user_cache_path("cerebella")
    try:
        return Path(chosen).expanduser().absolute()
    except RuntimeError as error:
        raise MachineError(
            f"the cache folder CEREBELLA_CACHE={chosen} has no such user. Give a full path"
        ) from error


def make_private(folder: Path) -> None:
    """Create a folder that only its owner can enter, or check an existing one; see `check_owner`.

    Raises
    ------
    OSError
        The folder cannot be created.
    MachineError
        Another user owns it or may write to it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    check_owner(folder)


def check_owner(path: Path) -> None:
    """Raise MachineError if a user other than this one and root owns `path` or may write to it.

    Symbolic links are followed.
    """
    found = path.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise MachineError(
            f"{path} belongs to another user (number {found.st_uid}), who could put any program "
            "there. Set CEREBELLA_CACHE to a folder of your own"
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise MachineError(
            f"other users may write to {path}, and could put any program there. Remove the "
            f"compiled code and forbid it: `cerebella doctor --clean && chmod go-w {path}`, "
            "or set CEREBELLA_CACHE to a folder of your own"
        )


def clean_cache() -> list[Path]:
    """Delete compiled code, mechanisms and the remains of interrupted builds.

    Returns
    -------
    list of Path
        Deleted files and folders.
    """
    ours = re.compile(rf"({re.escape(BUILDING)}|\.)?[0-9a-f]{{16}}(-.*|\.log|\.lock)?")
    removed = [path for path in sorted(cache_folder().glob("*")) if ours.fullmatch(path.name)]
    for path in removed:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return removed
