"""Saving of figures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from cerebella.errors import InputError
from cerebella.plots.style import styled
from cerebella.results.atomic import atomic_file

# Dates are removed so that equal figures yield identical files.
_METADATA: dict[str, dict[str, None]] = {
    ".png": {},
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
}

PNG_DOTS_PER_INCH = 300


def save_figure(figure: Figure, path: Path | str) -> Path:
    """Save a figure as PNG, PDF or SVG.

    Equal figures yield identical files. An existing file is replaced.

    Parameters
    ----------
    figure : Figure
        Figure to save.
    path : Path or str
        File whose extension, ``.png``, ``.pdf`` or ``.svg``, determines the format.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the extension is unknown or the folder is not writable.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(figsize=(3.4, 2.2))
    >>> _ = figure.subplots().plot([0, 10, 20], [-65, -40, -65])
    >>> cb.save_figure(figure, "voltage.svg").name
    'voltage.svg'
    """
    path = Path(path)
    check_figure_path(path)
    # On a full disk, Matplotlib hides the error while it writes a PDF.
    content = BytesIO()
    with styled():
        figure.savefig(
            content,
            format=path.suffix.lower().removeprefix("."),
            dpi=PNG_DOTS_PER_INCH,
            metadata=_METADATA[path.suffix.lower()],
        )
    with atomic_file(path) as temporary:
        temporary.write_bytes(content.getvalue())
    return path


def check_figure_path(path: Path) -> None:
    """Raise InputError if the name does not allow saving a figure."""
    if path.suffix.lower() not in _METADATA:
        raise InputError(
            f"cannot save figures as {path.suffix or 'a file without an extension'}",
            file=path,
            remedy="Use the extension .png, .pdf or .svg",
        )
    if path.is_dir():
        raise InputError("is a folder", file=path, remedy="Give a file name")
