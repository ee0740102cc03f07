"""`cerebella cite` and `cerebella parameters`: the papers behind runs and numbers."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out


class CitationFormat(StrEnum):
    """Format of references."""

    text = "text"
    bibtex = "bibtex"


class TableFormat(StrEnum):
    """Format of a table of parameters."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


def cite(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RUN]...", help="Run directories; by default, the package itself."),
    ] = None,
    format: Annotated[CitationFormat, typer.Option(help="One line per reference, or BibTeX.")] = (
        CitationFormat.text
    ),
) -> None:
    """Print the references of runs: model, channels, morphology, protocol and engine.

    Example: cerebella cite sync8 pc8 --format bibtex > references.bib
    """
    from cerebella.citations import cite as references

    typer.echo(references(*(runs or []), format=format.value))


def parameters(
    level: Annotated[
        str | None,
        typer.Argument(
            metavar="[LEVEL]", help="mli, purkinje, olive, network or morphology; by default all."
        ),
    ] = None,
    format: Annotated[TableFormat, typer.Option(help="Format of the table.")] = TableFormat.table,
) -> None:
    """Print all parameters with value, unit, source and remark.

    Sources are keys of `cerebella cite`; "chosen by park2026" means that no source is known.

    Example: cerebella parameters olive --format csv > parameters.csv
    """
    from cerebella.parameters.models import MODELS, default_parameters
    from cerebella.parameters.provenance import ParameterRow, format_value, parameter_rows

    rows: list[tuple[str, ParameterRow]] = [
        (name, row)
        for name in ([level] if level else MODELS)
        for row in parameter_rows(default_parameters(name))
    ]
    columns = (*(() if level else ("level",)), "name", "value", "unit", "source", "remark")
    if format is TableFormat.json:
        entries: list[dict[str, Any]] = [
            {"level": name, **{c: getattr(row, c) for c in (*columns[-5:], "meaning")}}
            for name, row in rows
        ]
        typer.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    cells = [
        [*(() if level else (name,)), row.name, format_value(row.value), *row[2:5]]
        for name, row in rows
    ]
    if format is TableFormat.csv:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([columns, *cells])
        typer.echo(text.getvalue(), nl=False)
    elif format is TableFormat.markdown:
        lines = [columns, ["---"] * len(columns), *cells]
        typer.echo("\n".join(f"| {' | '.join(_in_markdown(c) for c in line)} |" for line in lines))
    else:
        table = Table(*columns)
        for line in cells:
            table.add_row(*(escape(cell) for cell in line))
        out.print(table)


def _in_markdown(cell: str) -> str:
    return cell.replace("|", "\\|")
