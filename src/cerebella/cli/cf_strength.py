"""`cerebella experiment cf-strength`: synchrony in many cells, by strength of the CF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.morphology import load_cell
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Seed, Settings, ShowConfig
from cerebella.cli.sweep_options import (
    Execution,
    NetworkPath,
    SweepConfig,
    SweepPath,
    exit_on_failed_tasks,
    parse_numbers,
    parse_range,
)
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.experiments.cf_strength.sweep import StrengthResult
    from cerebella.morphology.morphology import Morphology

FIGURE = "cf_strength.png"

Cells = Annotated[
    str,
    typer.Option(
        metavar="LIST",
        help="Cells: default, seeds of generated cells such as 1-10, SWC files, and folders of "
        "these. Files without a table of sections beside them (NAME_sections.csv) are prepared.",
    ),
]


@with_group("execution")
def cf_strength(
    out_path: SweepPath,
    cells: Cells = "default,1-3",
    strengths: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="CF strengths relative to the threshold of each cell.",
            show_default="13 from 0.7 to 1.4",
        ),
    ] = None,
    levels: Annotated[
        str, typer.Option(metavar="LIST", help="Synchrony levels, such as 0,4,8.")
    ] = "0,8",
    trials: Annotated[str, typer.Option(metavar="LIST", help="Trials, such as 1-10.")] = "1-5",
    network: NetworkPath = None,
    seed: Seed = 0,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    *,
    execution: Execution,
) -> None:
    """Compare the effect of synchrony between cells and strengths of their climbing fiber.

    The threshold of each cell is found first, and strengths are relative to it. The same command
    resumes an interrupted experiment; cells and trials may be added. Tables in OUT: runs.csv,
    territories.csv, recruitment.csv, summary.csv and cells.csv; figure: cf_strength.png.

    Example: cerebella experiment cf-strength out --cells default,traced.swc,1-5 --trials 1-10
    """
    from cerebella.experiments.cf_strength.sweep import STRENGTHS, sweep_cf_strength
    from cerebella.experiments.configuration import CortexParameters
    from cerebella.network.load import load_network
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.plots.cf_strength import plot_cf_strength
    from cerebella.plots.save import save_figure

    parameters = configured(CortexParameters(), config, settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    numbers = parse_range(levels, "--levels"), parse_range(trials, "--trials")
    asked = parse_numbers(strengths, "--strengths") if strengths else STRENGTHS
    circuit = None if network is None else load_network(network)
    with execution.running() as options:
        result = sweep_cf_strength(
            out_path,
            load_cells(cells),
            network=circuit,
            strengths=asked,
            levels=numbers[0],
            trials=numbers[1],
            seed=seed,
            parameters=parameters.purkinje,
            network_parameters=parameters.mli,
            **options,
        )
    _print(result)
    figure = plot_cf_strength(result.summary, result.territories)
    say_saved(save_figure(figure, out_path / FIGURE))
    exit_on_failed_tasks(result.failed)


def load_cells(text: str) -> list[Morphology]:
    """Return the cells of the option --cells.

    Raises
    ------
    InputError
        A part of the text is neither default, a seed, a file nor a folder, or a file cannot be
        used.
    """
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.growth.generate import generate_morphology

    cells = []
    for part in filter(None, map(str.strip, text.split(","))):
        path = Path(part)
        if part == "default":
            cells.append(load_default_morphology())
        elif path.is_dir():
            files = sorted(path.glob("*.swc"))
            if not files:
                raise InputError("has no SWC files", file=path, remedy="Give another folder")
            cells += map(_load_file, files)
        elif path.is_file():
            cells.append(_load_file(path))
        elif part.replace("-", "").isdigit():
            cells += [generate_morphology(seed=seed) for seed in parse_range(part, "--cells")]
        else:
            raise InputError(
                f"--cells: there is no file or folder {part!r}",
                remedy="Give default, seeds such as 1-10, SWC files or folders of these",
            )
    return cells


def _load_file(swc: Path) -> Morphology:
    """Load a cell; prepare it unless a table of its sections is beside it."""
    sections = swc.with_name(f"{swc.stem}_sections.csv")
    if sections.is_file():
        return load_cell(swc, sections, [])
    return load_cell(swc, None, [], prepare=True)


def _print(result: StrengthResult) -> None:
    """Print thresholds and effects of the cells."""
    table = Table(
        "Cell",
        title="Effect of synchrony, at the strength at which that on calcium is largest",
        title_justify="left",
    )
    for heading in ("CF scale\nof 1x", "Terri-\ntories", "Strength", "Calcium\n(%, 95 % CI)"):
        table.add_column(heading, justify="right")
    table.add_column("Recruit-\nment", justify="right")
    table.add_column("Shift of thresholds\n(x, 95 % CI)", justify="right")
    for row in result.cells.to_dict("records"):
        table.add_row(
            escape(str(row["cell"])),
            f"{row['cf_scale_1x']:.1f}",
            str(row["n_territories"]),
            f"{row['peak_strength']:g}x",
            f"{row['peak_calcium_percent']:+.1f} ({row['peak_ci_low']:.1f} to "
            f"{row['peak_ci_high']:.1f})",
            f"{row['peak_recruitment']:.2f}",
            f"{row['shift']:+.4f} ({row['shift_ci_low']:.4f} to {row['shift_ci_high']:.4f})",
        )
    out.print(table)
