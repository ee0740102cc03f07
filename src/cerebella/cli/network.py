"""`cerebella network`: build, check, convert and show networks."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved

if TYPE_CHECKING:
    from cerebella.network.network import Network
    from cerebella.network.statistics import NetworkStatistics

app = typer.Typer(no_args_is_help=True, help="Build, check, convert and show networks.")

NetworkPath = Annotated[
    Path,
    typer.Argument(metavar="PATH", help="Network folder, CSV or SONATA.", show_default=False),
]
OutPath = Annotated[
    Path, typer.Argument(metavar="OUT", help="Folder to create.", show_default=False)
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing network at OUT.")]


class NetworkFormat(StrEnum):
    """File format of a network."""

    sonata = "sonata"
    csv = "csv"


@app.command()
def build(
    out_path: OutPath,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random generator.")] = 0,
    scale: Annotated[
        float,
        typer.Option(help="Scale factor of cell numbers; synapses per cell are unchanged."),
    ] = 1.0,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="DIR",
            help="Use the tables in DIR (published file names) and generate the missing ones.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[NetworkFormat, typer.Option(help="Output format.")] = NetworkFormat.sonata,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set one parameter; may be repeated."),
    ] = None,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print all parameters and exit.")
    ] = False,
    force: Force = False,
) -> None:
    """Generate a network, entirely or from some existing tables.

    Example: cerebella network build net --seed 1

    Example: cerebella network build net --from published_tables --to csv
    """
    from cerebella.network.complete import complete_network
    from cerebella.network.generate import generate_network
    from cerebella.network.load import refuse_output, save_network
    from cerebella.parameters.configure import as_yaml
    from cerebella.parameters.mli_network import MLINetworkParameters
    from cerebella.parameters.settings import apply_settings
    from cerebella.results.outputs import refuse_shared

    parameters = apply_settings(MLINetworkParameters(), settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    refuse_shared(out_path, [tables])
    refuse_output(out_path, force)
    if tables is None:
        network = generate_network(parameters, seed=seed, scale=scale)
    else:
        network, used, generated = complete_network(tables, parameters, seed=seed, scale=scale)
        err.print(f"Used:      {', '.join(path.name for path in used)}", markup=False)
        err.print(f"Generated: {', '.join(generated) or 'nothing'}", markup=False)
    save_network(network, out_path, to.value, overwrite=force)
    out.print(repr(network), markup=False, soft_wrap=True)
    say_saved(out_path)


@app.command()
def check(path: NetworkPath) -> None:
    """Validate the tables of a network; exit code 2 if any is invalid.

    Reports the first problem of each file, with row, column, value and remedy.

    Example: cerebella network check net
    """
    from cerebella.network.load import check_network

    network, problems = check_network(path)
    for problem in problems:
        err.print(f"[bold red]error:[/] {escape(str(problem))}", soft_wrap=True)
    if network is None:
        raise typer.Exit(2)
    out.print(f"ok: {network!r}", markup=False, soft_wrap=True)


@app.command()
def convert(
    path: NetworkPath,
    out_path: OutPath,
    to: Annotated[NetworkFormat, typer.Option(help="Output format.", show_default=False)],
    force: Force = False,
) -> None:
    """Convert a network between CSV and SONATA without loss.

    Example: cerebella network convert net tables --to csv
    """
    from cerebella.network.load import load_network, refuse_output, save_network
    from cerebella.results.outputs import refuse_shared

    refuse_shared(out_path, [path])
    refuse_output(out_path, force)
    save_network(load_network(path), out_path, to.value, overwrite=force)
    say_saved(out_path)


@app.command()
def show(
    path: NetworkPath,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Figure to save as well (.png, .pdf or .svg).",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show counts, degrees and synapses per cell, compared with electron microscopy.

    Example: cerebella network show net --out net.pdf
    """
    from cerebella.analysis.disinhibition import summarize_coverage
    from cerebella.network.load import load_network
    from cerebella.network.statistics import describe_network
    from cerebella.plots.save import check_figure_path

    if figure is not None:
        check_figure_path(figure)
    network = load_network(path)
    statistics = describe_network(network)
    coverage = summarize_coverage(network)
    if as_json:
        both = statistics.as_json() | {"disinhibition_coverage": coverage}
        typer.echo(json.dumps(both, indent=2))
    else:
        _print_statistics(network, statistics)
        if coverage is not None:
            out.print(
                "Disinhibition coverage: MLI2s of a climbing fiber inhibit {mean:.0%} ± {sd:.0%} "
                "of the MLI1s ({min:.0%} to {max:.0%}), mean ± SD over {n_cf} climbing fibers"
                "".format(**coverage)
            )
    if figure is not None:
        from cerebella.plots.network import plot_network
        from cerebella.plots.save import save_figure

        say_saved(save_figure(plot_network(network), figure))


def _print_statistics(network: Network, statistics: NetworkStatistics) -> None:
    out.print(repr(network), markup=False, soft_wrap=True)
    cells = Table("Cell type", title="Cells", title_justify="left")
    cells.add_column("Number", justify="right")
    for name, count in statistics.cell_counts.items():
        cells.add_row(name, f"{count:,}")
    out.print(cells)
    table = Table("Connection", title="Synapses (EM in parentheses)", title_justify="left")
    for heading in ("Synapses", "Per cell", "Partners per cell", "Per connected pair"):
        table.add_column(heading, justify="right")
    for c in statistics.connections:
        table.add_row(
            f"{c.source} → {c.target}",
            f"{c.n_synapses:,}",
            f"{_number(c.synapses_per_cell)} ± {_number(c.synapses_per_cell_sd)} "
            f"({_number(c.em.synapses_per_cell)})",
            f"{_number(c.partners_per_cell)} ({_number(c.em.partners_per_cell)})",
            f"{_number(c.synapses_per_pair)} ({_number(c.em.synapses_per_pair)})",
        )
    out.print(table)
    _print_counts("Gap junction partners", statistics.gap_degree_counts, statistics.gap_degree_mean)
    _print_counts("CFs per MLI2", statistics.cf_degree_counts)
    levels = Table("CF synchrony", title="Climbing fibers", title_justify="left")
    for heading in ("Firing", "Added to the lowest level", "MLI2s contacted by added CFs"):
        levels.add_column(heading, justify="right")
    for level, one in statistics.cf_levels.items():
        levels.add_row(str(level), str(one.n_firing), str(one.n_added), str(one.n_mli2_reached))
    out.print(levels)


def _print_counts(quantity: str, counts: tuple[int, ...], mean: float | None = None) -> None:
    if not counts:
        return
    text = ", ".join(f"{value}: {count}" for value, count in enumerate(counts) if count)
    out.print(f"{quantity} (number: cells): {text}" + (f"; mean {mean:.2f}" if mean else ""))


def _number(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.4g}"
