"""`cerebella experiment disinhibition`: PF and CF together, with and without inhibition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.cf_strength import Cells, load_cells
from cerebella.cli.console import out, say_saved
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Seed, Settings, ShowConfig, names_in
from cerebella.cli.sweep_options import (
    Execution,
    NetworkPath,
    SweepConfig,
    SweepPath,
    exit_on_failed_tasks,
    parse_range,
)

if TYPE_CHECKING:
    from cerebella.experiments.disinhibition.sweep import DisinhibitionResult

FIGURE = "disinhibition.png"


@with_group("execution")
def disinhibition(
    out_path: SweepPath,
    cells: Cells = "default",
    cf_placements: Annotated[
        str, typer.Option(metavar="LIST", help="Placements of CF synapses.")
    ] = "uniform,proximal",
    mli_placements: Annotated[
        str,
        typer.Option(metavar="LIST", help="Placements of MLI sites: on dendrite, or on spiny."),
    ] = "dendrite,spiny",
    sites: Annotated[int, typer.Option(min=1, help="Stimulated branches of each cell.")] = 3,
    contacts: Annotated[
        int | None,
        typer.Option(min=1, help="PF contacts of a pulse.", show_default="all of the branch"),
    ] = None,
    trials: Annotated[str, typer.Option(metavar="LIST", help="Trials, such as 1-10.")] = "1-2",
    network: NetworkPath = None,
    seed: Seed = 0,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    *,
    execution: Execution,
) -> None:
    """Compare calcium of parallel and climbing fibers together with the sum of both alone.

    A tetanus of parallel fibers begins 50 ms before the climbing fiber, with interneurons active
    or inhibited, as in the slices of gaffield2018. The same command resumes an interrupted
    experiment; cells, placements and trials may be added. In OUT: sites.csv, summary.csv,
    summary.json and disinhibition.png.

    Example: cerebella experiment disinhibition out --cells default,1-3
    """
    from cerebella.experiments.configuration import CortexParameters
    from cerebella.experiments.disinhibition.sweep import sweep_disinhibition
    from cerebella.network.load import load_network
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.plots.disinhibition import plot_disinhibition
    from cerebella.plots.save import save_figure

    parameters = configured(CortexParameters(), config, settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    numbers = parse_range(trials, "--trials")
    circuit = None if network is None else load_network(network)
    with execution.running() as options:
        result = sweep_disinhibition(
            out_path,
            load_cells(cells),
            network=circuit,
            cf_placements=names_in(cf_placements),
            mli_placements=names_in(mli_placements),
            n_sites=sites,
            n_contacts=contacts,
            trials=numbers,
            seed=seed,
            parameters=parameters.purkinje,
            network_parameters=parameters.mli,
            **options,
        )
    _print(result)
    figure = plot_disinhibition(result.sites, result.summary)
    say_saved(save_figure(figure, out_path / FIGURE))
    exit_on_failed_tasks(result.failed)


def _print(result: DisinhibitionResult) -> None:
    """Print measured values of all cells beside the published ones."""
    from cerebella.analysis.cf_strength import ALL
    from cerebella.analysis.pairing import PAIRING_LABELS, PLACEMENTS, groups_by

    rows = result.summary.loc[result.summary["cell"] == ALL]
    table = Table("", title="Mean ± s.e.m. of sites (spikelets: cells)", title_justify="left")
    groups = groups_by(rows, PLACEMENTS)
    for (of_cf, of_mli), _ in groups:
        table.add_column(f"CF {of_cf}\nMLI {of_mli}", justify="right")
    table.add_column("published", justify="right")
    for measure, label in PAIRING_LABELS.items():
        of = [group.loc[group["measure"] == measure].iloc[0] for _, group in groups]
        texts = [_text(row["mean"], row["sem"]) for row in of]
        table.add_row(escape(label), *texts, _text(of[0]["published"], of[0]["published_sem"]))
    out.print(table)


def _text(mean: float, sem: float) -> str:
    if mean != mean:
        return "–"
    return f"{mean:.1f}" if sem != sem else f"{mean:.1f} ± {sem:.1f}"
