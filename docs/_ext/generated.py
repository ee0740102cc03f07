"""Pages that follow from the code, written to docs/_generated before each build."""

from __future__ import annotations

from pathlib import Path

import api
import circuits
import commands
import parameter_tables
import root_pages
import trust_tables
import validation
from sphinx.application import Sphinx
from sphinx.config import Config


def _write_if_changed(path: Path, text: str) -> None:
    """Keep the time of a file that stays the same, so that its page is not built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_pages(app: Sphinx, _config: Config) -> None:
    """Write all of them."""
    folder = Path(app.srcdir) / "_generated"
    for module in (api, circuits, commands, parameter_tables, root_pages, trust_tables, validation):
        for name, text in module.pages().items():
            _write_if_changed(folder / name, text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx lists its sources, also in the first build."""
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
