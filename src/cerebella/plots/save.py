"""Saving figures."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from cerebella.errors import InputError
from cerebella.plots.style import styled
from cerebella.results.atomic import atomic_file

# A date inside the file would make two equal figures differ.
_METADATA: dict[str, dict[str, None]] = {
    ".png": {},
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
}

PNG_DOTS_PER_INCH = 300


def save_figure(figure: Figure, path: Path | str) -> Path:
    """Save a figure as PNG, PDF or SVG, by the ending of `path`; the same figure, the same bytes.

    A figure that is there already is replaced: it can always be drawn again.

    Raises
    ------
    InputError : another ending, or the folder cannot be written to.
    """
    path = Path(path)
    check_figure_path(path)
    with styled(), atomic_file(path) as temporary:
        figure.savefig(
            temporary,
            format=path.suffix.lower().removeprefix("."),
            dpi=PNG_DOTS_PER_INCH,
            metadata=_METADATA[path.suffix.lower()],
        )
    return path


def check_figure_path(path: Path) -> None:
    """Raise InputError if a figure cannot be saved under this name."""
    if path.suffix.lower() not in _METADATA:
        raise InputError(
            f"cannot save figures as {path.suffix or 'a file without an ending'}",
            file=path,
            remedy="End the name in .png, .pdf or .svg",
        )
    if path.is_dir():
        raise InputError("is a folder", file=path, remedy="Give the name of a file")
