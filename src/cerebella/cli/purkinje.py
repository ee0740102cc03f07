"""`cerebella purkinje`: the Purkinje cell and its morphology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.purkinje.statistics import MorphologyStatistics

app = typer.Typer(no_args_is_help=True, help="The Purkinje cell and its morphology.")

SWCPath = Annotated[
    Path, typer.Argument(metavar="SWC", help="Morphology as SWC file.", show_default=False)
]
SectionsPath = Annotated[
    Path | None,
    typer.Option(
        "--sections",
        metavar="CSV",
        help="Table of its sections: first_point_id, n_points, section, region, n_compartments, "
        "length_um. Without one, sections end where the tree branches.",
        show_default=False,
    ),
]
TypeCodes = Annotated[
    list[str] | None,
    typer.Option(
        "--type-code",
        metavar="CODE=REGION",
        help="Region (soma, ais, smooth, spiny) of an SWC type; may be repeated. By default "
        "1=soma, 2=ais, 3=spiny, 5=smooth.",
        show_default=False,
    ),
]


@app.command()
def describe(
    swc: SWCPath,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a morphology and show it beside the traced cell of the publication.

    What deviates so much that the cell may fire differently is marked, and warned of.

    Example: cerebella purkinje describe cell.swc --type-code 4=smooth
    """
    from cerebella.purkinje.statistics import describe_morphology
    from cerebella.purkinje.swc import load_morphology

    morphology = load_morphology(swc, sections, type_codes=_codes(type_codes or []))
    statistics = describe_morphology(morphology)
    if as_json:
        typer.echo(json.dumps(statistics.as_json(), indent=2))
    else:
        out.print(repr(morphology), markup=False, soft_wrap=True)
        out.print(_statistics_table(statistics))
    for warning in statistics.warnings:
        err.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)


def _codes(settings: list[str]) -> dict[int, str]:
    """Return the default type codes with those of the command line put in."""
    from cerebella.purkinje.swc_points import TYPE_CODES

    codes = dict(TYPE_CODES)
    for setting in settings:
        code, _, region = setting.partition("=")
        if not code.strip().isdigit() or not region.strip():
            raise InputError(
                f"type code {setting!r} is not of the form CODE=REGION",
                remedy="Try --type-code 4=smooth",
            )
        codes[int(code)] = region.strip().lower()
    return codes


def _statistics_table(statistics: MorphologyStatistics) -> Table:
    from cerebella.parameters.traced_morphology import TRACED
    from cerebella.purkinje.statistics import number_text

    table = Table("Statistic", title=statistics.name, title_justify="left")
    table.add_column("This cell", justify="right")
    table.add_column("Traced", justify="right")
    table.add_column("Unit")
    for key, value in statistics.values.items():
        traced = TRACED[key]
        table.add_row(
            traced.label,
            number_text(value),
            number_text(traced.value),
            traced.unit,
            style="yellow" if statistics.deviates(key) else "",
        )
    return table
