"""`cerebella purkinje`: the Purkinje cell and its morphology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.purkinje.morphology import Morphology
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
FigurePath = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Draw the cell from the front and from the side: .png, .pdf or .svg.",
        show_default=False,
    ),
]


@app.command()
def morphology(
    swc: Annotated[
        Path, typer.Argument(metavar="OUT.swc", help="File to write.", show_default=False)
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Generate the cell of this seed; without, write the one that comes with "
            "cerebella.",
            show_default=False,
        ),
    ] = None,
    figure: FigurePath = None,
    force: Annotated[bool, typer.Option("--force", help="Replace older files.")] = False,
) -> None:
    """Write a Purkinje-like morphology as SWC, and OUT_sections.csv beside it.

    The table holds names and compartments of the sections; pass both to `describe` and `run`.

    Example: cerebella purkinje morphology cell.swc --seed 3 --figure cell.png
    """
    from cerebella.plots.save import check_figure_path
    from cerebella.purkinje.default import load_default_morphology
    from cerebella.purkinje.generate import generate_morphology
    from cerebella.purkinje.swc import save_morphology
    from cerebella.results.atomic import refuse_existing

    if swc.suffix.lower() != ".swc":
        raise InputError("a morphology is written as SWC", file=swc, remedy="End the name in .swc")
    if figure is not None:
        check_figure_path(figure)
    sections = swc.with_name(f"{swc.stem}_sections.csv")
    if not force:
        refuse_existing(swc)
        refuse_existing(sections)
    cell = load_default_morphology() if seed is None else generate_morphology(seed=seed)
    save_morphology(cell, swc, sections)
    out.print(repr(cell), markup=False, soft_wrap=True)
    say_saved(swc)
    say_saved(sections)
    _save_figure(cell, figure)


@app.command()
def describe(
    swc: SWCPath,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    figure: FigurePath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a morphology and show it beside the traced cell of the publication.

    What deviates so much that the cell may fire differently is marked, and warned of.

    Example: cerebella purkinje describe cell.swc --type-code 4=smooth
    """
    from cerebella.plots.save import check_figure_path
    from cerebella.purkinje.statistics import describe_morphology
    from cerebella.purkinje.swc import load_morphology

    if figure is not None:
        check_figure_path(figure)
    cell = load_morphology(swc, sections, type_codes=_codes(type_codes or []))
    statistics = describe_morphology(cell)
    if as_json:
        typer.echo(json.dumps(statistics.as_json(), indent=2))
    else:
        out.print(repr(cell), markup=False, soft_wrap=True)
        out.print(_statistics_table(statistics))
    for warning in statistics.warnings:
        err.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    _save_figure(cell, figure)


def _save_figure(cell: Morphology, figure: Path | None) -> None:
    if figure is None:
        return
    from cerebella.plots.morphology import plot_morphology_views
    from cerebella.plots.save import save_figure

    say_saved(save_figure(plot_morphology_views(cell), figure))


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
