"""Checks of outputs before work starts: what may be written, replaced, and next to which inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from cerebella.errors import InputError, OutputExistsError
from cerebella.results.output_names import check_output_name

Replaceable = Callable[[Path], None]
"""Raises InputError unless a folder is complete, of the kind to be written, and contains no other
file."""


def check_folder_output(path: Path, replaceable: Replaceable | None = None) -> None:
    """Raise an error if no folder may be written to `path`.

    Parameters
    ----------
    path : Path
        Folder to be written.
    replaceable : callable, optional
        Check of an existing folder that is to be replaced; by default none is replaced.

    Raises
    ------
    OutputExistsError
        It exists and is not an empty folder, and there is no `replaceable`.
    InputError
        It may not be replaced, or its parent is not writable.
    """
    path = path.absolute()
    _refuse_special(path)
    if replaceable is None:
        refuse_existing(path)
    elif path.is_file() or path.is_symlink():
        raise InputError(
            "is a file or a link, which is not replaced", file=path, remedy="Give another name"
        )
    elif path.is_dir() and any(path.iterdir()):
        replaceable(path)
    if path.is_mount():
        raise InputError(
            "is the root of a file system", file=path, remedy="Give a folder within it"
        )
    aside = path_aside(path)
    if aside.exists() and not path.exists():
        raise InputError(
            f"was being replaced when a process was killed; its content is in {aside}",
            file=path,
            remedy="Move that folder back, or remove it",
        )
    nearest = next(parent for parent in path.parents if parent.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise InputError(
            f"cannot be made, since {nearest} is not a folder that you may write to",
            file=path,
            remedy="Choose a writable folder",
        )


def path_aside(path: Path) -> Path:
    """Return the name of a folder while it is replaced on a file system without exchange."""
    return path.with_name(f".{path.name}-replaced")


def check_file_output(path: Path) -> None:
    """Raise InputError if `path` exists and is not a regular file, such as a device or a folder."""
    _refuse_special(path)
    if path.is_dir():
        raise InputError("is a folder", file=path, remedy="Give the name of a file")


def refuse_existing(path: Path) -> None:
    """Raise OutputExistsError if `path` exists and is not an empty folder."""
    _refuse_special(path)
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise OutputExistsError(
            "already exists", file=path, remedy="Choose another name, or use `force` to replace it"
        )


def refuse_shared(output: Path | str, inputs: Iterable[Path | str | None]) -> None:
    """Raise InputError if an output is, or contains, one of the inputs; links are resolved."""
    check_output_name(Path(output))
    resolved = Path(output).resolve()
    for given in inputs:
        if given is not None and Path(given).resolve().is_relative_to(resolved):
            same = Path(given).resolve() == resolved
            raise InputError(
                "is both input and output" if same else f"is the output and contains input {given}",
                file=output,
                remedy="Choose another output",
            )


def _refuse_special(path: Path) -> None:
    """Raise InputError for impossible names, devices, pipes and sockets, and for links to them."""
    check_output_name(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(
            "is a device, pipe or socket, which is not replaced",
            file=path,
            remedy="Give another name",
        )
