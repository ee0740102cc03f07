"""`cerebella demo`: a complete example with network, simulations, statistics and figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer
from rich.table import Table

from cerebella.cli.console import err, out, say_saved, show_progress

if TYPE_CHECKING:
    from cerebella.analysis.purkinje import PurkinjeSummary
    from cerebella.network.network import Network
    from cerebella.runs.run import Run

T = TypeVar("T")
U = TypeVar("U")

Rest = Callable[[], "Run"]
"""Simulates the rest of a run after a beginning that it has in common with others."""

_LEVELS = (0, 8)
_TRIALS = (1, 2, 3)

_INTERPRETATION = (
    "Compare the interval 150–170 ms in the right columns. Eight climbing fibers fire "
    "synchronously and excite the MLI2 population, whose rate peaks at 150–160 ms. MLI2s "
    "inhibit MLI1s, whose rate drops at 160–170 ms, and the Purkinje cell is disinhibited "
    "for about 10 ms. "
    "The climbing fiber of this cell fires at 151.7 ms (triangle) at both levels and evokes a "
    "complex spike, dendritic calcium and a pause. The effect of disinhibition on these varies "
    "between trials, between cells and with the strength of the climbing fiber, which "
    "cerebella experiment cf-strength compares."
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

    Takes about 15 s on two cores, plus less than a minute the first time, to compile.

    Example: cerebella demo
    """
    from cerebella.network.generate import generate_network
    from cerebella.runs.directory import check_output

    start = time.perf_counter()
    folder = out_path or _free_folder()
    for kind in ("mli", "purkinje"):
        for level in _LEVELS:
            for trial in _TRIALS:
                check_output(_run_folder(folder, kind, level, trial), force=force)
    _compile(folder)
    network = generate_network(seed=0)
    err.print(f"{network!r}", soft_wrap=True, markup=False)
    results = _simulate(network, folder, force=force)
    _print_rates(results.networks)
    figures = [results.figure, _draw_cells(results.cells, folder)]
    _print_purkinje(results.cells)
    out.print(f"\n{_INTERPRETATION}\n")
    for figure in figures:
        say_saved(figure)
    err.print(f"All results are in {folder} ({time.perf_counter() - start:.0f} s)", markup=False)


def _run_folder(folder: Path, kind: str, level: int, trial: int) -> Path:
    prefix = "" if kind == "mli" else f"{kind}_"
    return folder / f"{prefix}sync{level}_trial{trial}"


def _compile(folder: Path) -> None:
    from cerebella.experiments.compilation import compile_engines
    from cerebella.experiments.engines import choose_engines

    def announce(message: str) -> None:
        err.print(message, markup=False)

    engines = choose_engines("auto", {"mli": 1, "purkinje": 1}, folder)
    compile_engines(engines, [folder], "processes", announce)


class _Results(NamedTuple):
    """Runs of the network and summaries of the cell, by level, and the figure of the networks."""

    networks: dict[int, list[Run]]
    cells: dict[int, list[PurkinjeSummary]]
    figure: Path


def _simulate(network: Network, folder: Path, *, force: bool) -> _Results:
    """Simulate networks and cells of all trials, with a thread for each core, and save them.

    The levels of a trial share the beginning of the network and of the cell. Calcium of all
    compartments, 30 MB, is kept in the first trial.
    """
    from cerebella.analysis.purkinje import compute_purkinje_summary
    from cerebella.analysis.reduced_calcium import with_reduced_calcium
    from cerebella.machine import count_cores
    from cerebella.molecular_layer.common_beginning import begin_levels
    from cerebella.network.load import save_network
    from cerebella.purkinje.common_beginning import begin_cells

    def begin_networks(trial: int) -> list[Rest]:
        return begin_levels(network, _LEVELS, trial=trial)

    def end_network(run: Run, level: int, trial: int) -> Run:
        return run.save(_run_folder(folder, "mli", level, trial), force=force)

    def begin_driven_cells(trial: int) -> list[Rest]:
        return begin_cells([runs[_TRIALS.index(trial)] for runs in networks.values()])

    def end_cell(run: Run, level: int, trial: int) -> PurkinjeSummary:
        if trial != _TRIALS[0]:
            run = with_reduced_calcium(run, run.manifest["cf_time_ms"])
        run.save(_run_folder(folder, "purkinje", level, trial), force=force)
        return compute_purkinje_summary(run)

    threads = ThreadPoolExecutor(count_cores())
    n_runs = len(_LEVELS) * len(_TRIALS)
    try:
        saving = threads.submit(save_network, network, folder / "network", overwrite=force)
        with show_progress(f"Simulating {n_runs} networks") as progress:
            networks = _simulate_trials(threads, begin_networks, end_network, progress)
        drawing = threads.submit(_draw_networks, networks, folder)
        with show_progress(f"Simulating {n_runs} Purkinje cells") as progress:
            cells = _simulate_trials(threads, begin_driven_cells, end_cell, progress)
        saving.result()
        return _Results(networks, cells, drawing.result())
    finally:
        threads.shutdown(cancel_futures=True)


def _simulate_trials(
    threads: Executor,
    begin: Callable[[int], list[Rest]],
    end: Callable[[Run, int, int], T],
    progress: Callable[[float], None],
) -> dict[int, list[T]]:
    """Simulate all levels of all trials, and return what `end` makes of the runs, by level.

    `begin` simulates the common beginning of a trial, and returns a function for the rest of each
    level.
    """
    n_jobs, numbers = len(_TRIALS) * (1 + len(_LEVELS)), count(1)

    def submit(function: Callable[..., U], *arguments: object) -> Future[U]:
        future = threads.submit(function, *arguments)
        future.add_done_callback(lambda _: progress(next(numbers) / n_jobs))
        return future

    def begin_trial(trial: int) -> list[Future[T]]:
        rests = zip(begin(trial), _LEVELS, strict=True)
        return [submit(end_level, rest, level, trial) for rest, level in rests]

    def end_level(simulate_rest: Rest, level: int, trial: int) -> T:
        return end(simulate_rest(), level, trial)

    trials = [one.result() for one in [submit(begin_trial, trial) for trial in _TRIALS]]
    return {
        level: [trial[place].result() for trial in trials] for place, level in enumerate(_LEVELS)
    }


def _draw_networks(networks: Mapping[int, Sequence[Run]], folder: Path) -> Path:
    from cerebella.plots.molecular_layer import plot_molecular_layer
    from cerebella.plots.save import save_figure

    return save_figure(plot_molecular_layer(_flat(networks)), folder / "cf_synchrony.png")


def _draw_cells(cells: Mapping[int, Sequence[PurkinjeSummary]], folder: Path) -> Path:
    from cerebella.plots.purkinje import plot_purkinje
    from cerebella.plots.save import save_figure

    return save_figure(plot_purkinje(_flat(cells)), folder / "purkinje.png")


def _flat(runs: Mapping[int, Sequence[T]]) -> list[T]:
    return [run for trials in runs.values() for run in trials]


def _free_folder() -> Path:
    names = chain([Path("demo")], (Path(f"demo-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())


def _print_rates(networks: dict[int, list[Run]]) -> None:
    """Print the rates of each level, with the published rates."""
    from cerebella.analysis.published import published_rates
    from cerebella.analysis.rates import RATE_WINDOWS_MS, compute_mean_rates, window_name

    table = Table(
        title=f"Rates in Hz: mean of {len(_TRIALS)} trials (published, one trial)",
        title_justify="left",
    )
    table.add_column("Window (ms)")
    columns = []
    for level, trials in networks.items():
        rates = compute_mean_rates([run.spikes for run in trials])
        published = published_rates(level)
        for population in ("MLI1", "MLI2"):
            table.add_column(f"{population}, sync {level}", justify="right")
            columns.append((rates[population], published[population]))
    for window in RATE_WINDOWS_MS:
        cells = (f"{rate[window].mean_Hz:.1f} ({ref[window]:.1f})" for rate, ref in columns)
        table.add_row(window_name(window), *cells)
    out.print(table)


def _print_purkinje(summaries: Mapping[int, Sequence[PurkinjeSummary]]) -> None:
    """Print the measures of the Purkinje cell, with those of the published cell."""
    import numpy as np

    from cerebella.analysis.published import published_purkinje
    from cerebella.analysis.purkinje_levels import MEASURES

    columns = {
        f"sync {level}": {
            measure.key: float(np.mean([measure.of(trial.response) for trial in trials]))
            for measure in MEASURES
        }
        for level, trials in summaries.items()
    }
    for source in ("published", "traced"):
        columns |= {f"{source} {level}": published_purkinje(level, source) for level in summaries}
    table = Table(title=f"Purkinje cell: mean of {len(_TRIALS)} trials", title_justify="left")
    table.add_column("")
    for title in columns:
        table.add_column(title, justify="right")
    for measure in MEASURES:
        values = [column.get(measure.key) for column in columns.values()]
        if any(value is not None for value in values[len(summaries) :]):
            digits = min(measure.digits, 1)
            texts = ("–" if value is None else f"{value:.{digits}f}" for value in values)
            table.add_row(measure.label, *texts)
    out.print(table)
    out.print(
        "published: one trial of the traced cell with the published network; traced: mean over 12 "
        "trials of the same cell with generated networks.",
        style="dim",
    )
