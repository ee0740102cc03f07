"""Checkpoints of a run of the loop: the last two, each with its checksum in its name.

checkpoint-<step>-<checksum>.npz    the state, and length and checksum of the recorded values
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.npz import read_npz
from cerebella.results.append_only_column import damage_of

Arrays = dict[str, npt.NDArray]

COLUMN = "column."
"""Prefix of the names of recorded columns among the arrays of a checkpoint."""

_KEPT = 2
_NAME = re.compile(r"checkpoint-(\d{10})-([0-9a-f]{16})\.npz")
_OLDER_NAME, _NEW_NAME = "checkpoint.npz", "checkpoint.new"


def write_checkpoint(folder: Path, arrays: Mapping[str, npt.NDArray]) -> None:
    """Write a checkpoint atomically, and remove all older ones but the last."""
    temporary = folder / _NEW_NAME
    with temporary.open("w+b") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
        checksum = _checksum(temporary)
    temporary.replace(folder / f"checkpoint-{int(arrays['step']):010}-{checksum}.npz")
    for older in _files(folder)[_KEPT:]:
        older.unlink()


def read_last_checkpoint(folder: Path) -> Arrays | None:
    """Return the arrays of the last intact checkpoint; None if none was written yet.

    A warning names the last checkpoint if it is damaged and the one before is used.

    Raises
    ------
    InputError
        All checkpoints are damaged, or they are of another version.
    """
    problems = []
    for file in _files(folder):
        arrays, problem = _read(file)
        if arrays is not None:
            if problems:
                warnings.warn(
                    f"{folder / problems[0]}. The run is resumed from the checkpoint before it, "
                    f"at step {int(arrays['step'])}",
                    RuntimeWarning,
                    stacklevel=2,
                )
            return arrays
        problems.append(f"{file.name} {problem}")
    if problems:
        raise InputError(
            f"no checkpoint can be used: {'; '.join(problems)}",
            file=folder,
            remedy="Only the settings of the run are intact: start it again with `force`",
        )
    if (folder / _OLDER_NAME).exists():
        raise InputError(
            "was written by another version of cerebella",
            file=folder / _OLDER_NAME,
            remedy="Resume the run with that version, or start it again with `force`",
        )
    return None


def is_checkpoint(name: str) -> bool:
    """Return whether a file name is that of a checkpoint, also of an older version."""
    return name in (_OLDER_NAME, _NEW_NAME) or _NAME.fullmatch(name) is not None


def _files(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, the last one first."""
    files = [file for file in folder.iterdir() if _NAME.fullmatch(file.name)]
    return sorted(files, key=lambda file: (file.name, file.stat().st_mtime_ns), reverse=True)


def _read(file: Path) -> tuple[Arrays | None, str]:
    """Return the arrays of a checkpoint, or None and the problem with it."""
    match = _NAME.fullmatch(file.name)
    if match is None or _checksum(file) != match[2]:
        return None, "is damaged (its checksum differs)"
    arrays = read_npz(file)
    for name, values in arrays.items():
        if name.startswith(COLUMN):
            path = file.parent / name.removeprefix(COLUMN)
            if problem := damage_of(path, values):
                return None, f"cannot be used, since {path.name} {problem}"
    return arrays, ""


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
