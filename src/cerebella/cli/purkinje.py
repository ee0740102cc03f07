"""`cerebella purkinje`: the Purkinje cell and its morphology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved, show_progress
from cerebella.cli.options import (
    Config,
    Engine,
    ForceRun,
    Seed,
    Settings,
    ShowConfig,
    time_option,
)
from cerebella.cli.shortcut_options import with_shortcuts
from cerebella.errors import InputError
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.purkinje.shortcuts import SHORTCUTS

if TYPE_CHECKING:
    from cerebella.morphology.morphology import Morphology
    from cerebella.morphology.statistics import MorphologyStatistics
    from cerebella.purkinje.request import Recorded

app = typer.Typer(no_args_is_help=True, help="The Purkinje cell and its morphology.")

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


@app.command()
def morphology(
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
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write a Purkinje-like morphology as SWC and its sections as OUT_sections.csv.

    The table lists names and compartments of the sections; pass both to `describe` and `run`.

    Example: cerebella purkinje morphology cell.swc --seed 3 --figure cell.png
    """
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.growth.generate import generate_morphology
    from cerebella.morphology.swc import save_morphology
    from cerebella.plots.save import check_figure_path
    from cerebella.results.outputs import check_file_output, refuse_existing

    if swc.suffix.lower() != ".swc":
        raise InputError("a morphology is written as SWC", file=swc, remedy="End the name in .swc")
    if figure is not None:
        check_figure_path(figure)
    sections = swc.with_name(f"{swc.stem}_sections.csv")
    for file in (swc, sections):
        if not force:
            refuse_existing(file)
        check_file_output(file)
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
    """Measure a morphology and compare it with the traced cell of the publication.

    Deviations large enough to change the firing of the cell are marked and cause a warning.

    Example: cerebella purkinje describe cell.swc --type-code 4=smooth
    """
    from cerebella.morphology.statistics import describe_morphology
    from cerebella.morphology.swc import load_morphology
    from cerebella.plots.save import check_figure_path

    if figure is not None:
        check_figure_path(figure)
    cell = load_morphology(swc, sections, type_codes=parse_codes(type_codes or []))
    statistics = describe_morphology(cell)
    if as_json:
        typer.echo(json.dumps(statistics.as_json(), indent=2))
    else:
        out.print(repr(cell), markup=False, soft_wrap=True)
        out.print(_statistics_table(statistics))
    for warning in statistics.warnings:
        err.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    _save_figure(cell, figure)


@app.command()
@with_shortcuts(PurkinjeParameters(), SHORTCUTS)
def run(
    spikes_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="SPIKES",
            help="Spikes of the network: a run of `cerebella mli run`, a published CSV, or SONATA.",
            show_default=False,
        ),
    ] = None,
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to create.", show_default=False),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            metavar="NETWORK",
            help="Network of the spikes, or a folder with its cells table; required only if "
            "SPIKES does not name its cells.",
        ),
    ] = None,
    trial: Annotated[
        int | None,
        typer.Option(
            min=0, help="Trial of the cell's own PF trains.", show_default="that of SPIKES"
        ),
    ] = None,
    morphology_path: Annotated[
        Path | None,
        typer.Option(
            "--morphology",
            metavar="SWC",
            help="Morphology of the cell, instead of the default one.",
        ),
    ] = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    pf_table: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Published table of the PF contacts of this morphology."),
    ] = None,
    duration: Annotated[
        float | None, time_option(help="Simulated time.", show_default="that of SPIKES")
    ] = None,
    seed: Seed = 0,
    engine: Engine = "auto",
    record: Annotated[
        str,
        typer.Option(metavar="NAMES", help="Comma-separated recordings: soma_v, calcium, v."),
    ] = "soma_v,calcium",
    record_dt: Annotated[
        float, time_option(help="Sampling step of calcium and v.", show_default="0.1ms")
    ] = 0.1,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    replay_published: Annotated[
        bool,
        typer.Option(
            "--replay-published",
            help="Use the published random streams and stopping time, for the traced cell with "
            "its table of PF contacts; PF trains then do not depend on the trial.",
        ),
    ] = False,
    force: ForceRun = False,
    *,
    shortcuts: dict[str, Any],
) -> None:
    """Simulate a Purkinje cell driven by the spikes of a network; write the run directory OUT.

    Example: cerebella purkinje run sync8 pc8

    Then: cerebella analyze pc8, cerebella plot pc8
    """
    from cerebella.parameters.configure import as_yaml, configured

    parameters = apply_shortcuts(
        configured(PurkinjeParameters(), config, settings or []),
        SHORTCUTS,
        shortcuts,
    )
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if spikes_path is None or out_path is None:
        raise typer.BadParameter("SPIKES and OUT are required; see --help")

    from cerebella.network.load import load_cell_counts
    from cerebella.network.network import population_ranges
    from cerebella.purkinje.simulate import simulate_purkinje
    from cerebella.results.outputs import refuse_shared
    from cerebella.runs.directory import check_output
    from cerebella.runs.load import load_run

    refuse_shared(out_path, [spikes_path, network, morphology_path, sections, pf_table, config])
    check_output(out_path, force=force)
    cell = load_cell(morphology_path, sections, type_codes or [])
    cells = None if network is None else load_cell_counts(network)
    recording = load_run(spikes_path, None if cells is None else population_ranges(cells))
    with show_progress("Simulating") as progress:
        run = simulate_purkinje(
            recording,
            network=cells,
            morphology=cell,
            pf_table=pf_table,
            trial=trial,
            duration_ms=duration,
            seed=seed,
            engine=engine,
            record=parse_recorded(record),
            record_dt_ms=record_dt,
            parameters=parameters,
            replay_published=replay_published,
            progress=progress,
        )
    run.save(out_path, force=force)
    timings = run.manifest["timings_s"]
    out.print(repr(run), markup=False, soft_wrap=True)
    err.print(
        f"Setup {timings['set_up']:.1f} s, integration {timings['solve']:.1f} s, "
        f"{run.manifest['peak_memory_MB']:.0f} MB",
    )
    say_saved(out_path)


def load_cell(swc: Path | None, sections: Path | None, type_codes: list[str]) -> Morphology:
    """Load the morphology given by options, or the default cell.

    Raises
    ------
    InputError : a table of sections without its morphology, or files that cannot be used.
    """
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.swc import load_morphology

    if swc is not None:
        return load_morphology(swc, sections, type_codes=parse_codes(type_codes))
    if sections is not None:
        raise InputError(
            "a table of sections without its morphology", remedy="Also give --morphology"
        )
    return load_default_morphology()


def parse_recorded(text: str) -> list[Recorded]:
    """Return the names in a text such as ``"soma_v,calcium"``.

    Raises
    ------
    InputError : a name is unknown.
    """
    from cerebella.purkinje.request import RECORDED

    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in RECORDED:
            raise InputError(
                f"--record: {name!r} cannot be recorded",
                remedy=f"Choose from {', '.join(RECORDED)}",
            )
    return names  # pyright: ignore[reportReturnType]


def _save_figure(cell: Morphology, figure: Path | None) -> None:
    if figure is None:
        return
    from cerebella.plots.morphology import plot_morphology_views
    from cerebella.plots.save import save_figure

    say_saved(save_figure(plot_morphology_views(cell), figure))


def parse_codes(settings: list[str]) -> dict[int, str]:
    """Return the default type codes, updated with those of the command line."""
    from cerebella.morphology.swc_points import TYPE_CODES

    codes = dict(TYPE_CODES)
    for setting in settings:
        code, _, region = setting.partition("=")
        if not code.strip().isdigit() or not region.strip():
            raise InputError(
                f"type code {setting!r} is not of the form CODE=REGION",
                remedy="Use the form --type-code 4=smooth",
            )
        codes[int(code)] = region.strip().lower()
    return codes


def _statistics_table(statistics: MorphologyStatistics) -> Table:
    from cerebella.morphology.statistics import number_text
    from cerebella.parameters.traced_morphology import TRACED

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
