"""The file that an export writes."""

from __future__ import annotations

from pathlib import Path

from cerebella.results.atomic import refuse_existing


def export_target(folder: Path, name: str, *, force: bool) -> Path:
    """Return ``folder / name``.

    Raises
    ------
    OutputExistsError
        The file exists, and `force` is False.
    """
    if not force:
        refuse_existing(folder / name)
    return folder / name
