"""A page that shows runs: a complete HTML file, as text."""

from __future__ import annotations

from html import escape
from pathlib import Path

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_file

_INLINE_HEIGHT_PX = 760


class View:
    """A page that shows one or two runs, or a network.

    In a notebook, it is shown below the cell.

    Attributes
    ----------
    title : str
        Title of the page.
    html : str
        The page: a complete HTML file that loads nothing.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> page = cb.view(network)
    >>> page.save("network.html").name
    'network.html'
    """

    def __init__(self, title: str, html: str) -> None:
        self.title = title
        self.html = html

    def save(self, path: Path | str) -> Path:
        """Write the page to a file, as a whole or not at all; an existing file is replaced.

        Parameters
        ----------
        path : Path or str
            File with the extension ``.html``.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            The name has another extension, or the file cannot be written.
        """
        path = Path(path)
        check_page_path(path)
        with atomic_file(path) as temporary:
            temporary.write_text(self.html, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<View {self.title!r}: {len(self.html) / 1e6:.1f} MB>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{escape(self.html)}" '
            f'style="width:100%;height:{_INLINE_HEIGHT_PX}px;border:0" '
            f'title="{escape(self.title)}"></iframe>'
        )


def check_page_path(path: Path) -> None:
    """Raise InputError if the name does not allow saving a page."""
    if path.is_dir():
        raise InputError("is a folder", file=path, remedy="Give a file name")
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"cannot save pages as {path.suffix or 'a file without an extension'}",
            file=path,
            remedy="Use the extension .html",
        )
