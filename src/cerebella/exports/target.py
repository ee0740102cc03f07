"""The file that an export writes."""

from __future__ import annotations

from pathlib import Path

from cerebella.errors import InputError
from cerebella.files.text import quoted
from cerebella.results.atomic import refuse_existing


def export_target(folder: Path, name: str, *, force: bool) -> Path:
    """Return ``folder / name``.

    Raises
    ------
    InputError
        The name, which contains names from the manifest, is a path.
    OutputExistsError
        The file exists, and `force` is False.
    """
    if Path(name).name != name:
        raise InputError(
            f"{quoted(name)} is a path, not the name of a file",
            file=folder,
            remedy="Correct the names in the manifest of the run",
        )
    if not force:
        refuse_existing(folder / name)
    return folder / name
