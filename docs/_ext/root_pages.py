"""Pages of the site that are files in the root of the repository, with their links adapted."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    return {page: _adapted((ROOT / name).read_text("utf-8")) for name, page in FILES.items()}


def _adapted(text: str) -> str:
    for name, page in FILES.items():
        text = text.replace(f"]({name})", f"]({page})")
    return text.replace("](docs/", "](../")
