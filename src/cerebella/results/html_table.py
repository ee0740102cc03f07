"""Tables for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

_MOST_ROWS = 40


def table_as_html(title: str, rows: Mapping[str, str]) -> str:
    """Return a table with one row for each value, as an HTML fragment.

    Parameters
    ----------
    title : str
        Caption.
    rows : mapping of str to str
        Values by name.
    """
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table><caption>{escape(title)}</caption>{cells}</table>"


def frame_as_html(title: str, frame: pandas.DataFrame) -> str:
    """Return a pandas table below a title, as an HTML fragment; of a long one, both ends.

    Parameters
    ----------
    title : str
        Title.
    frame : pandas.DataFrame
        The table.
    """
    table = frame.to_html(max_rows=_MOST_ROWS, float_format="{:.4g}".format)
    return f"<p>{escape(title)}</p>{table}"
