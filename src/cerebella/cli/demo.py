"""`cerebella demo`: from nothing to the first result, with one command."""

from __future__ import annotations

import time
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cerebella.cli.console import err, out, say_saved, show_progress

if TYPE_CHECKING:
    from cerebella.molecular_layer.simulate import MLISimulation

_LEVELS = (0, 8)
_TRIALS = (1, 2, 3)

_WHAT_TO_SEE = (
    "Look at 150–170 ms in the right column. Eight climbing fibres fire together and excite "
    "MLI2, which peak in 150–160 ms; MLI2 silence MLI1, which dip in 160–170 ms. A Purkinje cell "
    "that these MLI1 inhibit is disinhibited for about 10 ms. In the left column, without "
    "synchronous climbing fibres, neither happens."
)


def demo(
    out_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OUT]",
            help="Folder for the network, the runs and the figure; by default demo, or the first "
            "of demo-2, demo-3, … that is free.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the runs of an older demo.")] = (
        False
    ),
) -> None:
    """Show what climbing-fibre synchrony does to the molecular layer, in under a minute.

    Example: cerebella demo
    """
    from cerebella.experiments.cf_synchrony import run_cf_synchrony
    from cerebella.network.generate import generate_network
    from cerebella.network.load import save_network
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
    from cerebella.plots.molecular_layer import plot_molecular_layer
    from cerebella.plots.save import save_figure
    from cerebella.results.run_directory import check_output

    start = time.perf_counter()
    folder = out_path or _free_folder()
    run_folders = {
        (level, trial): folder / f"sync{level}_trial{trial}"
        for level in _LEVELS
        for trial in _TRIALS
    }
    for path in run_folders.values():
        check_output(path, force=force)
    network = generate_network(seed=0)
    err.print(f"{network!r}", soft_wrap=True, markup=False)
    save_network(network, folder / "network", overwrite=force)
    ensure_mechanisms(announce=lambda message: err.print(message, markup=False))
    with show_progress(f"Simulating {len(run_folders)} × 300 ms") as progress:
        simulations = run_cf_synchrony(network, _LEVELS, _TRIALS, on_progress=progress.update)
    for level, trials in simulations.items():
        for trial, simulation in zip(_TRIALS, trials, strict=True):
            simulation.save(run_folders[level, trial], force=force)
    _print_comparison(simulations)
    everything = [simulation for trials in simulations.values() for simulation in trials]
    figure = save_figure(plot_molecular_layer(everything), folder / "cf_synchrony.png")
    out.print(f"\n{_WHAT_TO_SEE}\n")
    say_saved(figure)
    err.print(f"Everything else is in {folder} ({time.perf_counter() - start:.0f} s)", markup=False)


def _free_folder() -> Path:
    names = chain([Path("demo")], (Path(f"demo-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _print_comparison(simulations: dict[int, list[MLISimulation]]) -> None:
    """Print the rates beside the published ones, levels side by side."""
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
