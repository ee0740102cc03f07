"""`cerebella experiment eyelid-to-purkinje`: the learned pause in the detailed cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes, load_cell
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Seed, Settings, ShowConfig
from cerebella.cli.sweep_options import (
    Execution,
    MorphologyPath,
    SweepConfig,
    SweepPath,
    exit_on_failures,
    parse_range,
)

if TYPE_CHECKING:
    import pandas as pd

FIGURE = "eyelid_to_purkinje.png"


@with_group("execution")
def eyelid_to_purkinje(
    out_path: SweepPath,
    isi: Annotated[
        float, typer.Option(metavar="MS", help="Interval from CS to US in ms, 100 to 1000.")
    ] = 500.0,
    acquisition: Annotated[int, typer.Option(help="Trials of acquisition.")] = 150,
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of the sessions of the loop, such as 1-3.")
    ] = "1-6",
    trials: Annotated[
        int,
        typer.Option(help="Trials of each session before and after learning, with and without US."),
    ] = 4,
    morphology: MorphologyPath = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    seed: Seed = 0,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    *,
    execution: Execution,
) -> None:
    """Drive the detailed Purkinje cell with a trained loop, before and after learning.

    Sessions of eyelid conditioning with the preset conditioning give PF rates, learned weights,
    and spikes of basket cells and of the olive; the cell is simulated in trials at the begin and
    at the end of acquisition. The same command resumes an interrupted experiment; seeds and trials
    may be added. In OUT: cells, summary, cell_curves, loop_curves and weights (CSV and JSON), and
    eyelid_to_purkinje.png.

    Example: cerebella experiment eyelid-to-purkinje pause --seeds 1-3 --trials 2
    """
    numbers = parse_range(seeds, "--seeds")

    from cerebella.experiments.configuration import CellParameters
    from cerebella.experiments.eyelid.cases import EyelidCase
    from cerebella.experiments.eyelid_to_purkinje.measures import LABELS
    from cerebella.experiments.eyelid_to_purkinje.sweep import (
        example_voltages,
        sweep_eyelid_to_purkinje,
    )
    from cerebella.experiments.eyelid_to_purkinje.tasks import ConditionedModel
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.olive_presets import describe_preset
    from cerebella.plots.eyelid_to_purkinje import plot_eyelid_to_purkinje
    from cerebella.plots.save import save_figure

    parameters = configured(CellParameters(), config, settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    case = EyelidCase(isi, acquisition=acquisition, extinction=0, reacquisition=0)
    cell = load_cell(morphology, sections, type_codes or [], prepare=prepare)
    model = ConditionedModel(cell, parameters.purkinje, case, seed=seed)
    out.print(describe_preset(case.parameters), highlight=False)
    with execution.running() as options:
        result = sweep_eyelid_to_purkinje(out_path, model, seeds=numbers, trials=trials, **options)
    out.print(_table(result.summary, LABELS))
    figure = plot_eyelid_to_purkinje(
        result.cells,
        result.cell_curves,
        result.loop_curves,
        result.weights,
        example_voltages(out_path, result.cells),
    )
    say_saved(save_figure(figure, out_path / FIGURE))
    exit_on_failures(result.failed, len(result.cells), out_path)


def _table(summary: pd.DataFrame, labels: dict[str, str]) -> Table:
    """Return the comparison before and after learning, of zones with and without US."""
    from cerebella.analysis.paired import p_text

    table = Table(title="Means ± s.e.m. over sessions", title_justify="left")
    for heading in ("Measure", "Zones", "Before", "After", "Difference (95 % CI)", "p"):
        table.add_column(heading, justify="left" if heading in ("Measure", "Zones") else "right")
    for row in summary.to_dict("records"):
        table.add_row(
            labels[row["measure"]] if row["zones"] == "trained" else "",
            "with US" if row["zones"] == "trained" else "without",
            _mean_text(row["before"], row["before_sem"]),
            _mean_text(row["after"], row["after_sem"]),
            _difference_text(row),
            "–" if math.isnan(row["p"]) else p_text(row["p"]),
        )
    return table


def _mean_text(mean: float, sem: float) -> str:
    if math.isnan(mean):
        return "–"
    return f"{mean:.3g}" if math.isnan(sem) else f"{mean:.3g} ± {sem:.2g}"


def _difference_text(row: dict[str, Any]) -> str:
    if math.isnan(row["difference"]):
        return "–"
    text = f"{row['difference']:+.3g}"
    if not math.isnan(row["ci_low"]):
        text += f" ({row['ci_low']:.3g} to {row['ci_high']:.3g})"
    return text
