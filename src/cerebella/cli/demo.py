"""`cerebella demo`: a complete example with network, simulations, statistics and figures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from cerebella.cli.console import err, out, say_saved, show_progress

if TYPE_CHECKING:
    from cerebella.molecular_layer.simulate import MLISimulation
    from cerebella.network.network import Network
    from cerebella.purkinje.simulate import PurkinjeSimulation

Simulation = TypeVar("Simulation", bound="MLISimulation | PurkinjeSimulation")

_LEVELS = (0, 8)
_TRIALS = (1, 2, 3)

_INTERPRETATION = (
    "Compare the interval 150–170 ms in the right columns. Eight climbing fibers fire "
    "synchronously and excite the MLI2 population, whose rate peaks at 150–160 ms. MLI2 inhibit "
    "MLI1, whose rate drops at 160–170 ms, and the Purkinje cell is disinhibited for about 10 ms. "
    "The climbing fiber of this cell fires at 151.7 ms (triangle) in both levels and evokes a "
    "complex spike, dendritic calcium and a pause. The effect of disinhibition on these varies "
    "between trials; cerebella analyze compares levels over many trials."
)


def demo(
    out_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OUT]",
            help="Folder for the network, the runs and the figures; default: demo, or the first "
            "of demo-2, demo-3, … that does not exist.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the runs of a previous demo.")
    ] = False,
) -> None:
    """Show the effect of climbing-fiber synchrony on the molecular layer and a Purkinje cell.

    Takes about a minute, plus another minute the first time, to compile the mechanisms.

    Example: cerebella demo
    """
    from cerebella.network.generate import generate_network
    from cerebella.network.load import save_network
    from cerebella.plots.molecular_layer import plot_molecular_layer
    from cerebella.plots.purkinje import plot_purkinje
    from cerebella.plots.save import save_figure
    from cerebella.results.run_directory import check_output

    start = time.perf_counter()
    folder = out_path or _free_folder()
    for kind, trials in (("mli", _TRIALS), ("purkinje", _TRIALS[:1])):
        for level in _LEVELS:
            for trial in trials:
                check_output(_run_folder(folder, kind, level, trial), force=force)
    network = generate_network(seed=0)
    err.print(f"{network!r}", soft_wrap=True, markup=False)
    save_network(network, folder / "network", overwrite=force)
    _compile()
    networks = _simulate_networks(network)
    _save(networks, folder, "mli", force=force)
    cells = _simulate_cells({level: trials[:1] for level, trials in networks.items()})
    _save(cells, folder, "purkinje", force=force)
    _print_rates(networks)
    figures = [
        save_figure(plot_molecular_layer(_flat(networks)), folder / "cf_synchrony.png"),
        save_figure(plot_purkinje(_flat(cells)), folder / "purkinje.png"),
    ]
    _print_purkinje(cells)
    out.print(f"\n{_INTERPRETATION}\n")
    for figure in figures:
        say_saved(figure)
    err.print(f"All results are in {folder} ({time.perf_counter() - start:.0f} s)", markup=False)


def _run_folder(folder: Path, kind: str, level: int, trial: int) -> Path:
    prefix = "" if kind == "mli" else f"{kind}_"
    return folder / f"{prefix}sync{level}_trial{trial}"


def _compile() -> None:
    from cerebella.experiments.cf_synchrony.sweep import compile_mechanisms

    compile_mechanisms("processes", lambda message: err.print(message, markup=False))


def _simulate_networks(network: Network) -> dict[int, list[MLISimulation]]:
    from cerebella.experiments.cf_synchrony.networks import run_cf_synchrony

    with show_progress(f"Simulating {len(_LEVELS) * len(_TRIALS)} networks") as progress:
        return run_cf_synchrony(network, _LEVELS, _TRIALS, on_progress=progress.update)


def _simulate_cells(
    networks: dict[int, list[MLISimulation]],
) -> dict[int, list[PurkinjeSimulation]]:
    from cerebella.experiments.cf_synchrony.cells import run_purkinje_synchrony

    with show_progress(f"Simulating {len(networks)} Purkinje cells") as progress:
        return run_purkinje_synchrony(networks, on_progress=progress.update)


def _save(
    simulations: Mapping[int, Sequence[Simulation]], folder: Path, kind: str, *, force: bool
) -> None:
    for level, trials in simulations.items():
        for trial, simulation in zip(_TRIALS, trials, strict=False):
            simulation.save(_run_folder(folder, kind, level, trial), force=force)


def _flat(simulations: Mapping[int, Sequence[Simulation]]) -> list[Simulation]:
    return [simulation for trials in simulations.values() for simulation in trials]


def _free_folder() -> Path:
    names = chain([Path("demo")], (Path(f"demo-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _print_rates(simulations: dict[int, list[MLISimulation]]) -> None:
    """Print the rates of each level, with the published rates."""
    from cerebella.analysis.published import published_rates
    from cerebella.analysis.rates import RATE_WINDOWS_MS, compute_mean_rates, window_name

    table = Table(
        title=f"Rates in Hz: mean of {len(_TRIALS)} trials (published, one trial)",
        title_justify="left",
    )
    table.add_column("Window (ms)")
    columns = []
    for level, trials in simulations.items():
        rates = compute_mean_rates([simulation.spikes for simulation in trials])
        published = published_rates(level)
        for population in ("MLI1", "MLI2"):
            table.add_column(f"{population}, sync {level}", justify="right")
            columns.append((rates[population], published[population]))
    for window in RATE_WINDOWS_MS:
        cells = (f"{rate[window].mean_Hz:.1f} ({ref[window]:.1f})" for rate, ref in columns)
        table.add_row(window_name(window), *cells)
    out.print(table)


def _print_purkinje(cells: dict[int, list[PurkinjeSimulation]]) -> None:
    """Print the measures of the Purkinje cell, with those of the published cell."""
    from cerebella.analysis.published import published_purkinje
    from cerebella.analysis.purkinje import compute_purkinje_summary
    from cerebella.analysis.purkinje_levels import MEASURES

    responses = {level: compute_purkinje_summary(cells[level][0]).response for level in cells}
    columns = {
        f"sync {level}": {measure.key: measure.of(response) for measure in MEASURES}
        for level, response in responses.items()
    }
    for source in ("published", "traced"):
        columns |= {f"{source} {level}": published_purkinje(level, source) for level in cells}
    table = Table(title=f"Purkinje cell, trial {_TRIALS[0]}", title_justify="left")
    table.add_column("")
    for title in columns:
        table.add_column(title, justify="right")
    for measure in MEASURES:
        values = [column.get(measure.key) for column in columns.values()]
        if any(value is not None for value in values[len(cells) :]):
            digits = min(measure.digits, 1)
            texts = ("–" if value is None else f"{value:.{digits}f}" for value in values)
            table.add_row(measure.label, *texts)
    out.print(table)
    out.print(
        "published: one trial of the traced cell with the published network; traced: mean over 12 "
        "trials of the same cell with generated networks.",
        style="dim",
    )
