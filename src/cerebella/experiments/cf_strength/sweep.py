"""The effect of synchrony against the strength of the climbing fiber, in many cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.analysis.cf_strength import (
    add_percent,
    summarize_cells,
    summarize_recruitment,
    summarize_strengths,
    tabulate_territories,
)
from cerebella.analysis.cf_threshold import CFThreshold
from cerebella.analysis.level_statistics import TRIAL
from cerebella.analysis.strength_responses import measure_responses, tabulate_events
from cerebella.errors import InputError
from cerebella.experiments.cf_strength.tasks import (
    load_responses,
    load_threshold,
    run_duration_ms,
    strength_tasks,
)
from cerebella.experiments.cf_synchrony.sweep import check_request
from cerebella.experiments.many_cells import (
    ENGINES,
    CellsModel,
    check_cells,
    failures,
    model_of,
    run_cells,
)
from cerebella.experiments.tables import save_table
from cerebella.morphology.morphology import Morphology
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.results.html_table import frame_as_html
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.state import TaskResult
from cerebella.sweeps.task import Task

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "cf-strength"
STRENGTHS = (0.7, 0.8, 0.875, 0.9, 0.925, 0.95, 0.975, 1.0, 1.025, 1.05, 1.1, 1.2, 1.4)
"""Close to each other near the main threshold, 0.945."""
LEVELS, TRIALS = (0, 8), tuple(range(1, 6))

RUNS_FILE, TERRITORIES_FILE = "runs.csv", "territories.csv"
SUMMARY_FILE, RECRUITMENT_FILE, CELLS_FILE = "summary.csv", "recruitment.csv", "cells.csv"


class StrengthResult(NamedTuple):
    """Results of the experiment.

    Attributes
    ----------
    runs : pandas.DataFrame
        One row for each response: cell, strength, cf_scale, cf_sync, trial and the measures of
        `STRENGTH_MEASURES`.
    territories : pandas.DataFrame
        One row for each territory, strength and level: its threshold, and in how many trials it
        was recruited.
    summary : pandas.DataFrame
        One row for each cell, strength, measure and level, as of `summarize_levels`; ``"all"``
        stands for the means of the cells.
    recruitment : pandas.DataFrame
        One row for each cell (and ``"all"``), strength and higher level: territories gained and
        lost in comparison with the lowest level, with McNemar's test.
    cells : pandas.DataFrame
        One row for each cell: its threshold, and the strength at which the effect is largest.
    failed : dict of str to str
        {name of a failed run: error}.

    Examples
    --------
    >>> import pandas as pd
    >>> tables = [pd.DataFrame()] * 5
    >>> cb.StrengthResult(*tables, failed={"threshold_seed_3": "out of memory"}).failed
    {'threshold_seed_3': 'out of memory'}
    """

    runs: pd.DataFrame
    territories: pd.DataFrame
    summary: pd.DataFrame
    recruitment: pd.DataFrame
    cells: pd.DataFrame
    failed: dict[str, str]

    def _repr_html_(self) -> str:
        title = f"CF strength: {len(self.runs):,} responses, {len(self.failed):,} failed runs"
        return frame_as_html(title, self.summary)


def sweep_cf_strength(
    folder: Path | str,
    cells: Iterable[Morphology],
    *,
    network: Network | None = None,
    strengths: Iterable[float] = STRENGTHS,
    levels: Iterable[int] = LEVELS,
    trials: Iterable[int] = TRIALS,
    seed: int = 0,
    parameters: PurkinjeParameters | None = None,
    network_parameters: MLIParameters | None = None,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> StrengthResult:
    """Simulate the responses of cells to climbing fibers (CF) of several strengths.

    The thresholds of each cell are measured first; strengths are relative to them. In each trial, a
    cell is simulated until its CF, and from there for all strengths; levels of synchrony share the
    time before they differ. Finished runs are kept: cells and trials may be added.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory, see `run_sweep`. Tables are written to it.
    cells : iterable of Morphology
        The cells, with different names.
    network : Network, optional
        The network; by default that of `generate_network`.
    strengths : iterable of float
        CF strengths in increasing order; see `cf_scale_of_strength`.
    levels : iterable of int
        Levels of synchrony in increasing order; the lowest is compared with each of the others.
    trials : iterable of int
        Trials in increasing order.
    seed : int
        Seed of all random streams.
    parameters : PurkinjeParameters, optional
        Parameters of the cells.
    network_parameters : MLIParameters, optional
        Parameters of the network.
    executor
        See `run_sweep`.
    announce : callable
        Called with a line before a compilation.
    **options
        ``workers``, ``scheduler``, ``slurm``, ``detach``, ``accept_mixture`` and ``on_progress`` of
        `run_sweep`.

    Returns
    -------
    StrengthResult
        Tables.

    Raises
    ------
    InputError
        An argument is out of range; see also `run_sweep`.
    MachineError, SimulationError
        See `run_sweep`.

    Examples
    --------
    A cell needs a minute for its thresholds; the other arguments are refused or accepted at once.

    >>> cb.sweep_cf_strength("out", [cb.load_default_morphology()], levels=[8])
    Traceback (most recent call last):
    cerebella.errors.InputError: one level of synchrony cannot be compared. Give two or more
    """
    levels, trials, strengths = list(levels), list(trials), [float(one) for one in strengths]
    model = model_of(
        cells,
        network,
        parameters,
        network_parameters,
        duration_ms=run_duration_ms,
        seed=seed,
    )
    check_request(model.layer, levels, trials)
    _check(model, levels, strengths)
    tasks = strength_tasks(model, levels, trials, strengths, ENGINES)
    results = run_cells(
        folder,
        model,
        tasks,
        experiment=EXPERIMENT,
        executor=executor,
        announce=announce,
        **options,
    )
    return collect_results(Path(folder), model, tasks, results, levels, strengths)


def collect_results(
    folder: Path,
    model: CellsModel,
    tasks: Sequence[Task],
    results: dict[str, TaskResult],
    levels: Sequence[int],
    strengths: Sequence[float],
) -> StrengthResult:
    """Compute the tables from kept runs, and write them.

    Parameters
    ----------
    folder : Path
        The sweep's directory.
    model : CellsModel
        Circuit and cells.
    tasks : sequence of Task
        All tasks.
    results : dict of str to TaskResult
        Their results by name.
    levels, strengths : sequence of float
        Those of the responses.

    Returns
    -------
    StrengthResult
    """
    import pandas as pd

    of_cells = model.layer.purkinje.connections
    assert of_cells.cf_time_ms is not None
    thresholds: dict[str, CFThreshold] = {}
    runs, events = [], []
    for cell in model.cells:
        search, *responses = (
            task for task in tasks if task.settings.get("cell", {}).get("name") == cell.name
        )
        if results[search.name].error is not None:
            continue
        path = results[search.name].path
        found = load_threshold(path, cell, cf_scale=of_cells.cf_scale)
        thresholds[cell.name] = found
        for task in responses:
            result = results[task.name]
            if result.error is not None:
                continue
            stored, trial = load_responses(result.path), task.labels["trial"]
            measured = measure_responses(found, stored, of_cells.cf_time_ms, levels, strengths)
            runs.append(measured.assign(**{TRIAL: trial, "run": result.path.name}))
            recruited = tabulate_events(found, stored, levels, strengths)
            events.append(recruited.assign(**{TRIAL: trial}))
    failed = failures(results)
    of_runs, of_events = pd.concat(runs, ignore_index=True), pd.concat(events, ignore_index=True)
    summary = summarize_strengths(of_runs)
    result = StrengthResult(
        add_percent(of_runs),
        tabulate_territories(of_events),
        summary,
        summarize_recruitment(of_events),
        summarize_cells(of_runs, summary, thresholds),
        failed,
    )
    save_table(result.runs, folder / RUNS_FILE)
    save_table(result.territories, folder / TERRITORIES_FILE)
    save_table(result.recruitment, folder / RECRUITMENT_FILE, as_json=True)
    save_table(result.summary, folder / SUMMARY_FILE, as_json=True)
    save_table(result.cells, folder / CELLS_FILE, as_json=True)
    return result


def _check(model: CellsModel, levels: Sequence[int], strengths: Sequence[float]) -> None:
    """Raise InputError for cells, levels and strengths that cannot be compared."""
    check_cells(model.cells)
    if len(levels) < 2:
        raise InputError("one level of synchrony cannot be compared", remedy="Give two or more")
    if len(strengths) < 2 or sorted(set(strengths)) != list(strengths) or not strengths[0] > 0:
        raise InputError(
            f"strengths {', '.join(f'{one:g}' for one in strengths)} are not two or more positive "
            "numbers in increasing order",
            remedy="Give for example 0.9, 1, 1.1",
        )
