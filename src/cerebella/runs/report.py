"""The report on runs: tables and remarks as text, and the same numbers for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class ReportTable(NamedTuple):
    """One table.

    Attributes
    ----------
    title : str
        What it shows, with the unit of its numbers.
    columns : sequence of str
        Heads of the columns; the first column names the rows.
    rows : sequence of sequence of str
        Cells.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Remark(NamedTuple):
    """A line below a table that explains it."""

    text: str


class Report(NamedTuple):
    """Output of `cerebella analyze` for runs of one level.

    Attributes
    ----------
    blocks : sequence of ReportTable, Remark or str
        Tables and text in order.
    values : mapping
        The same numbers, by name with unit; None where a number is unknown.
    """

    blocks: Sequence[ReportTable | Remark | str]
    values: Mapping[str, Any]
