"""`cerebella morphology`: generate, prepare and describe morphologies of Purkinje cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved
from cerebella.errors import InputError
from cerebella.parameters.traced_morphology import TRACED

if TYPE_CHECKING:
    from cerebella.morphology.morphology import Morphology
    from cerebella.morphology.preparation.prepare import PreparedMorphology
    from cerebella.morphology.statistics import MorphologyStatistics

app = typer.Typer(no_args_is_help=True, help="Morphologies of Purkinje cells.")

SWCPath = Annotated[
    Path, typer.Argument(metavar="SWC", help="Morphology as SWC file.", show_default=False)
]
SectionsPath = Annotated[
    Path | None,
    typer.Option(
        "--sections",
        metavar="CSV",
        help="Table of sections with columns first_point_id, n_points, section, region, "
        "n_compartments, length_um. By default, sections end at branch points.",
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
        help="Save front and side views of the cell as .png, .pdf or .svg.",
        show_default=False,
    ),
]


Prepare = Annotated[
    bool,
    typer.Option(
        "--prepare",
        help="Prepare the morphology as `cerebella morphology prepare` does, for tracings by "
        "others.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]


@app.command()
def generate(
    swc: Annotated[
        Path, typer.Argument(metavar="OUT.swc", help="File to write.", show_default=False)
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Seed of a generated cell; by default, the cell that comes with cerebella is "
            "written.",
            show_default=False,
        ),
    ] = None,
    figure: FigurePath = None,
    force: Force = False,
) -> None:
    """Write a Purkinje-like morphology as SWC and its sections as OUT_sections.csv.

    The table lists names and compartments of the sections; pass both to `describe` and `run`.

    Example: cerebella morphology generate cell.swc --seed 3 --figure cell.png
    """
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.growth.generate import generate_morphology
    from cerebella.morphology.swc import check_swc_output, save_morphology
    from cerebella.plots.save import check_figure_path
    from cerebella.results.outputs import check_file_output, refuse_existing

    if figure is not None:
        check_figure_path(figure)
    sections = swc.with_name(f"{swc.stem}_sections.csv")
    check_swc_output(swc, force=force)
    if not force:
        refuse_existing(sections)
    check_file_output(sections)
    cell = load_default_morphology() if seed is None else generate_morphology(seed=seed)
    save_morphology(cell, swc, sections)
    out.print(repr(cell), markup=False, soft_wrap=True)
    say_saved(swc)
    say_saved(sections)
    _save_figure(cell, figure)


@app.command()
def prepare(
    tracing: Annotated[
        Path, typer.Argument(metavar="IN.swc", help="Tracing to prepare.", show_default=False)
    ],
    swc: Annotated[
        Path, typer.Argument(metavar="OUT.swc", help="File to write.", show_default=False)
    ],
    scale: Annotated[
        float | None,
        typer.Option(
            metavar="UM",
            help="Size of a unit of IN.swc in µm: 0.001 for nm, or the size of a voxel. By "
            "default, the units are µm, and a cell of another size is refused.",
            show_default=False,
        ),
    ] = None,
    soma: Annotated[
        str,
        typer.Option(metavar="NAME", help="traced, or default for the soma of the default cell."),
    ] = "traced",
    keep_axon: Annotated[
        bool,
        typer.Option(
            "--keep-axon",
            help="Keep a traced axon as far as the axon initial segment, instead of that of the "
            "default cell.",
        ),
    ] = False,
    min_diameter: Annotated[
        float,
        typer.Option(metavar="UM", help="Smaller diameters are raised to this one, in µm."),
    ] = 0.2,
    type_codes: TypeCodes = None,
    figure: FigurePath = None,
    force: Force = False,
) -> None:
    """Prepare a tracing by others for simulation.

    Any form of SWC is read. The axon initial segment of the default cell is added, smooth and spiny
    dendrite are told apart, and impossible values are repaired. A table lists everything that
    was done; OUT.swc contains it as comments.

    Example: cerebella morphology prepare raw.swc cell.swc --figure cell.png
    """
    from cerebella.morphology.preparation.prepare import prepare_morphology
    from cerebella.plots.save import check_figure_path

    if figure is not None:
        check_figure_path(figure)
    prepared = prepare_morphology(
        tracing,
        swc,
        scale=scale,
        soma=soma,
        keep_axon=keep_axon,
        min_diameter_um=min_diameter,
        type_codes=parse_codes(type_codes or []),
        force=force,
    )
    out.print(repr(prepared.morphology), markup=False, soft_wrap=True)
    _print_repairs(prepared, out)
    say_saved(swc)
    _save_figure(prepared.morphology, figure)


@app.command()
def describe(
    swc: SWCPath,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    figure: FigurePath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a morphology and compare it with the traced cell of the publication.

    The first table holds the statistics that are known to change the physiology of the cell. Those
    that deviate from the traced cell are marked and cause a warning.

    Example: cerebella morphology describe cell.swc --type-code 4=smooth
    """
    from cerebella.morphology.statistics import describe_morphology
    from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
    from cerebella.plots.save import check_figure_path
    from cerebella.purkinje.cell_size import count_synapses

    if figure is not None:
        check_figure_path(figure)
    cell = load_cell(swc, sections, type_codes or [], prepare=prepare)
    statistics = describe_morphology(cell)
    synapses = count_synapses(cell, PurkinjeConnectionParameters())
    if as_json:
        typer.echo(json.dumps(statistics.as_json() | {"synapses": synapses}, indent=2))
    else:
        out.print(repr(cell), markup=False, soft_wrap=True)
        out.print(
            "Synapses: {pf_contacts:,} parallel fiber contacts, {mli_sites:,} MLI sites, "
            "{mli1_contacts:.3g} contacts of each MLI1, climbing fiber {cf_conductance_nS:.3g} nS"
            "".format(**synapses)
        )
        out.print(_relevant_table(statistics))
        out.print(_other_table(statistics))
    for key in filter(statistics.deviates, statistics.relevant):
        err.print(f"[yellow]warning:[/] {escape(statistics.warning(key))}", soft_wrap=True)
    _save_figure(cell, figure)


def load_cell(
    swc: Path | None, sections: Path | None, type_codes: list[str], *, prepare: bool = False
) -> Morphology:
    """Load the morphology given by options, or the default cell; print what was prepared.

    Raises
    ------
    InputError : options that do not belong together, or files that cannot be used.
    """
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.preparation.prepare import prepare_morphology
    from cerebella.morphology.swc import load_morphology
    from cerebella.morphology.swc_points import TYPE_CODES

    codes = parse_codes(type_codes)
    if swc is None:
        for given, what in (
            (sections is not None, "a table of sections"),
            (prepare, "--prepare"),
        ):
            if given:
                raise InputError(f"{what} without a morphology", remedy="Also give --morphology")
        return load_default_morphology()
    if not prepare:
        return load_morphology(swc, sections, type_codes={**TYPE_CODES, **codes})
    if sections is not None:
        raise InputError(
            "--prepare divides the cell into sections itself, without a table",
            remedy="Omit --sections, or --prepare",
        )
    prepared = prepare_morphology(swc, type_codes=codes)
    _print_repairs(prepared, err)
    return prepared.morphology


def _print_repairs(prepared: PreparedMorphology, console: Console) -> None:
    """Print what was done to a tracing."""
    if not prepared.repairs:
        console.print("Nothing was changed.")
        return
    table = Table("Change", title="Changes", title_justify="left")
    table.add_column("Points", justify="right")
    for heading in ("Where", "Before", "After"):
        table.add_column(heading)
    for repair in prepared.repairs:
        cells = (repair.what, str(repair.n_points or "–"), *repair[2:])
        table.add_row(*map(escape, cells))
    console.print(table)


def _save_figure(cell: Morphology, figure: Path | None) -> None:
    if figure is None:
        return
    from cerebella.plots.morphology import plot_morphology_views
    from cerebella.plots.save import save_figure

    say_saved(save_figure(plot_morphology_views(cell), figure))


def parse_codes(settings: list[str]) -> dict[int, str]:
    """Return the regions of type codes given on the command line."""
    codes = {}
    for setting in settings:
        code, _, region = setting.partition("=")
        if not code.strip().isdigit() or not region.strip():
            raise InputError(
                f"type code {setting!r} is not of the form CODE=REGION",
                remedy="Use the form --type-code 4=smooth",
            )
        codes[int(code)] = region.strip().lower()
    return codes


def _relevant_table(statistics: MorphologyStatistics) -> Table:
    """Return the statistics that change the physiology of the cell, and what they change."""
    table = _statistics_table("These statistics change the physiology of the cell")
    table.add_column("What changes")
    for key in statistics.relevant:
        _add_row(table, statistics, key, TRACED[key].effect)
    return table


def _other_table(statistics: MorphologyStatistics) -> Table:
    table = _statistics_table("Other statistics")
    for key in statistics.values:
        if key not in statistics.relevant:
            _add_row(table, statistics, key)
    return table


def _statistics_table(title: str) -> Table:
    table = Table("Statistic", title=title, title_justify="left")
    table.add_column("This cell", justify="right")
    table.add_column("Traced", justify="right")
    table.add_column("Unit")
    return table


def _add_row(table: Table, statistics: MorphologyStatistics, key: str, *further: str) -> None:
    from cerebella.morphology.statistics import number_text

    traced = TRACED[key]
    table.add_row(
        traced.label,
        number_text(statistics.values[key]),
        number_text(traced.value),
        traced.unit,
        *further,
        style="yellow" if statistics.deviates(key) else "",
    )
