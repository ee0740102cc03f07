"""A trained loop drives the detailed Purkinje cell, before and after learning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.compiled.engine import Numba
from cerebella.errors import SimulationError
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.eyelid.cases import EyelidRun
from cerebella.experiments.eyelid.measures import EyelidMeasures
from cerebella.experiments.eyelid_to_purkinje.curves import (
    cell_curves,
    loop_curves,
    weight_curves,
)
from cerebella.experiments.eyelid_to_purkinje.drive import (
    BEFORE_CS_MS,
    STAGES,
    CellTrial,
    duration_ms,
)
from cerebella.experiments.eyelid_to_purkinje.measures import (
    LABELS,
    measure_cell,
    summarize_cells,
)
from cerebella.experiments.eyelid_to_purkinje.tasks import (
    ConditionedModel,
    cell_task,
    cell_trials,
    check_trials,
    loop_task,
)
from cerebella.experiments.identity import model_identity
from cerebella.experiments.repetitions import check_different
from cerebella.experiments.tables import save_table
from cerebella.results.html_table import frame_as_html
from cerebella.results.traces import Traces
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.state import TaskResult
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "eyelid-to-purkinje"
ENGINES = {"olive": Numba.name, "purkinje": Numba.name}
SEEDS = (1, 2, 3, 4, 5, 6)
N_TRIALS = 4


class ConditionedResult(NamedTuple):
    """Results of the experiment.

    Attributes
    ----------
    cells : pandas.DataFrame
        One row for each cell: ``seed`` of the session, ``zones`` (trained, with US, or untrained),
        ``stage`` (before or after learning), ``number`` of the trial, the measures, folders of
        both runs, and the error message of failed runs, else "".
    summary : pandas.DataFrame
        One row for each measure and kind of zones: before, after, and their difference, with
        sessions as the unit.
    cell_curves, loop_curves, weights : pandas.DataFrame
        Time courses of cell and loop around the CS, and weights by bump center.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"seed": [1, 2], "error": ["", "out of memory"]})
    >>> result = cb.ConditionedResult(cells, *[pd.DataFrame()] * 4)
    >>> result.failed["seed"].tolist()
    [2]
    """

    cells: pd.DataFrame
    summary: pd.DataFrame
    cell_curves: pd.DataFrame
    loop_curves: pd.DataFrame
    weights: pd.DataFrame

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of `cells` that have an error."""
        return self.cells.loc[self.cells["error"] != ""]

    def _repr_html_(self) -> str:
        return frame_as_html(
            f"Learned pause: {len(self.cells):,} cells, {len(self.failed):,} failed", self.summary
        )


def sweep_eyelid_to_purkinje(
    folder: Path | str,
    model: ConditionedModel | None = None,
    *,
    seeds: Iterable[int] = SEEDS,
    trials: int = N_TRIALS,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> ConditionedResult:
    """Train loops, and simulate the detailed cell in trials before and after learning.

    Finished runs in `folder` are kept, and seeds and trials may be added. Tables go to
    ``cells.csv``, ``summary.csv``, ``cell_curves.csv``, ``loop_curves.csv`` and ``weights.csv`` in
    `folder`, and to JSON files of the same names.

    Parameters
    ----------
    folder : Path or str
        Directory of the sweep, see `run_sweep`.
    model : ConditionedModel, optional
        Session and cell; by default an interval of 500 ms and the default cell.
    seeds : iterable of int
        Seeds of the sessions.
    trials : int
        Trials of each session before and after learning, for zones with and without US.
    executor : str or Executor
        As of `run_sweep`.
    announce : callable
        Called with a line before a compilation.
    **options
        Further options of `run_sweep`.

    Returns
    -------
    ConditionedResult
        Tables of cells, their comparison, and curves.

    Raises
    ------
    InputError
        An argument is out of range; see also `run_sweep`.
    SimulationError
        A session failed, or all cells; finished runs are kept.

    Examples
    --------
    >>> cb.sweep_eyelid_to_purkinje("out", trials=100)
    Traceback (most recent call last):
    cerebella.errors.InputError: 100 trials before and after learning cannot be taken from an
    acquisition of 150. Give 1 to 67 trials, or a longer acquisition
    """
    model, seeds = model or ConditionedModel(), list(seeds)
    check_different("seeds", seeds)
    check_trials(model.case, trials)
    loops = {seed: loop_task(model, seed) for seed in seeds}
    cells = {cell: cell_task(model, loops[cell.seed], cell) for cell in cell_trials(seeds, trials)}
    tasks = [*loops.values(), *cells.values()]
    compile_engines(ENGINES, task_paths(folder, tasks).values(), executor, announce)
    results = run_sweep(
        folder,
        tasks,
        experiment=EXPERIMENT,
        settings=model.settings,
        identity=model_identity(ENGINES),
        executor=executor,
        prepare=model.save,
        **options,
    )
    of_loop = {seed: _session(model, seed, results[task.name]) for seed, task in loops.items()}
    found = _collect(model, of_loop, cells, results)
    for name, table in found._asdict().items():
        save_table(table, Path(folder) / f"{name}.csv", as_json=True)
    return found


def example_voltages(folder: Path, cells: pd.DataFrame) -> dict[str, Traces]:
    """Return the potentials of a cell before and after learning, in ms from the CS, by stage.

    They are of the first number with a trial of each stage in which no CF spike comes before the
    US, or else of the first one.
    """
    own = cells.loc[(cells["zones"] == "trained") & (cells["error"] == "")]
    found = {}
    for stage in STAGES:
        rows = own.loc[own["stage"] == stage]
        quiet = rows.loc[rows["longest_interval_ms"].notna()]
        for row in (quiet if len(quiet) else rows).head(1).to_dict("records"):
            soma_v = load_run(Path(folder) / RUNS / row["cell_run"]).traces["soma_v"]
            found[stage] = replace(soma_v, times_ms=soma_v.times_ms - BEFORE_CS_MS)
    return found


def _session(model: ConditionedModel, seed: int, result: TaskResult) -> EyelidMeasures:
    if result.error is not None:
        raise SimulationError(f"the session with seed {seed} failed: {result.error}")
    return EyelidMeasures(EyelidRun(model.case, seed, load_run(result.path)))


def _collect(
    model: ConditionedModel,
    of_loop: Mapping[int, EyelidMeasures],
    cells: Mapping[CellTrial, Task],
    results: Mapping[str, TaskResult],
) -> ConditionedResult:
    """Return the tables; curves are means over the cells that did not fail."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    runs: dict[CellTrial, Run] = {}
    for cell, task in cells.items():
        result = results[task.name]
        if result.error is None:
            runs[cell] = load_run(result.path)
            measured = measure_cell(runs[cell], cell, of_loop[cell.seed])
        else:
            measured = dict.fromkeys(LABELS, float("nan"))
        rows.append(
            {
                **cell._asdict(),
                **measured,
                "loop_run": results[task.after[0]].path.name,
                "cell_run": result.path.name,
                "error": result.error or "",
            }
        )
    if not runs:
        raise SimulationError(f"all cells failed, for example: {rows[0]['error']}")
    table = pd.DataFrame(rows)
    sessions = list(of_loop.values())
    length_ms = duration_ms(sessions[0].one.session)
    return ConditionedResult(
        table,
        summarize_cells(table),
        cell_curves(runs, model.case.isi_ms, length_ms),
        loop_curves(sessions),
        weight_curves(sessions),
    )
