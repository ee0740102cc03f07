"""`cerebella experiment olive-to-purkinje`: effects of synchrony in the olive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Seed, Settings, ShowConfig, time_option
from cerebella.cli.sweep_options import (
    Circuit,
    Execution,
    MorphologyPath,
    NetworkPath,
    NetworkRanks,
    RunDuration,
    SweepConfig,
    SweepEngine,
    SweepPath,
    exit_on_failures,
    parse_numbers,
    parse_range,
    say_missing,
)

if TYPE_CHECKING:
    import pandas as pd

FIGURE = "olive_to_purkinje.png"


@with_group("execution")
def olive_to_purkinje(
    out_path: SweepPath,
    coupling: Annotated[
        str,
        typer.Option(
            metavar="LIST", help="Conductances of an olivary gap junction in 1/ms, such as 0,0.05."
        ),
    ] = "0,0.05,0.2",
    events: Annotated[
        int, typer.Option(help="Events chosen from each loop: spikes of the cell's own CF.")
    ] = 6,
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of the loops, such as 0-2.")
    ] = "0",
    trials: Annotated[
        str,
        typer.Option(
            metavar="LIST",
            help="Trials of network and cell, assigned to the events in round-robin order.",
        ),
    ] = "1,2",
    loop_duration: Annotated[
        float, time_option(help="Simulated time of each loop.", show_default="300 s")
    ] = 300_000.0,
    settle: Annotated[
        float,
        time_option(help="Time after which the loop counts as settled.", show_default="100 s"),
    ] = 100_000.0,
    network: NetworkPath = None,
    morphology: MorphologyPath = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    duration: RunDuration = 300.0,
    seed: Seed = 0,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    engine: SweepEngine = "auto",
    ranks: NetworkRanks = 1,
    *,
    execution: Execution,
) -> None:
    """Drive network and Purkinje cell with spikes of the olive, for each coupling strength.

    Events that differ in synchrony are chosen from each loop; network and Purkinje cell are
    simulated around each event. The same command resumes an interrupted experiment. Tables:
    events.csv, synchrony.csv, correlograms.csv, summary.csv and summary.json in OUT.

    Example: cerebella experiment olive-to-purkinje joined --coupling 0,0.05 --events 4
    """
    asked = {
        "couplings_per_ms": parse_numbers(coupling, "--coupling"),
        "seeds": parse_range(seeds, "--seeds"),
        "trials": parse_range(trials, "--trials"),
    }

    from cerebella.experiments.configuration import JoinedParameters
    from cerebella.experiments.measures import LABELS, describe_missing
    from cerebella.experiments.olive_to_purkinje.events import default_loop
    from cerebella.experiments.olive_to_purkinje.sweep import sweep_olive_to_purkinje
    from cerebella.experiments.olive_to_purkinje.tasks import JoinedModel
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.plots.olive_to_purkinje import plot_olive_to_purkinje
    from cerebella.plots.save import save_figure

    circuit = Circuit(network, morphology, sections, type_codes, prepare, duration, seed)
    net = circuit.load_network()
    loop = default_loop(net.population("CF").n_cells)
    parameters = configured(JoinedParameters(olive=loop), config, settings or [])
    if show_config:
        print(as_yaml(parameters), end="")
        return
    model = JoinedModel(circuit.build(net, parameters), parameters.olive, loop_duration, settle)
    with execution.running() as options:
        result = sweep_olive_to_purkinje(
            out_path,
            model,
            events=events,
            **asked,
            engine=engine,
            ranks=ranks,
            **options,
        )
    out.print(_synchrony_table(result.synchrony))
    out.print(_slope_table(result.summary, LABELS))
    figure = plot_olive_to_purkinje(
        result.events, result.synchrony, result.correlograms, result.summary, LABELS
    )
    say_saved(save_figure(figure, out_path / FIGURE))
    say_missing(describe_missing(result.missing.values()))
    exit_on_failures(result.failed, len(result.events), out_path)


def _synchrony_table(synchrony: pd.DataFrame) -> Table:
    table = Table(title="Settled olive", title_justify="left")
    for heading in (
        "Coupling (1/ms)",
        "Seed",
        "IO (Hz)",
        "Events",
        "CFs within ± 5 ms",
        "Expected by chance",
        "Same-zone pairs / chance",
        "Other pairs / chance",
    ):
        table.add_column(heading, justify="right")
    for row in synchrony.to_dict("records"):
        table.add_row(
            f"{row['coupling_per_ms']:g}",
            str(row["seed"]),
            f"{row['io_rate_Hz']:.2f}",
            str(row["n_events"]),
            f"{row['mean_synchronous']:.2f}",
            f"{row['chance_synchronous']:.2f}",
            f"{row['same_zone_ratio']:.2f}",
            f"{row['other_zones_ratio']:.2f}",
        )
    return table


def _slope_table(summary: pd.DataFrame, labels: dict[str, str]) -> Table:
    from cerebella.analysis.paired import p_text

    table = Table(title="Change per synchronous climbing fiber", title_justify="left")
    for heading in ("Measure", "Events", "Slope (95 % CI)", "p", "r"):
        table.add_column(heading, justify="left" if heading == "Measure" else "right")
    for row in summary.to_dict("records"):
        slope = "–" if math.isnan(row["slope"]) else f"{row['slope']:+.3g}"
        if not math.isnan(row["ci_low"]):
            slope += f" ({row['ci_low']:.3g} to {row['ci_high']:.3g})"
        table.add_row(
            labels[row["measure"]],
            str(row["n_events"]),
            slope,
            "–" if math.isnan(row["p"]) else p_text(row["p"]),
            "–" if math.isnan(row["r"]) else f"{row['r']:.2f}",
        )
    return table
