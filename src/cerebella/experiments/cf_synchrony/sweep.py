"""The effect of climbing-fiber synchrony: levels × trials × controls, with their statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.analysis.cf_response import DIP_MS
from cerebella.analysis.level_statistics import CONDITION, LEVEL, TRIAL, summarize_levels
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.conditions import (
    CONDITION_VALUES,
    CONTROL,
    VARIANTS,
    Condition,
)
from cerebella.experiments.cf_synchrony.coverage import tabulate_coverage
from cerebella.experiments.cf_synchrony.tasks import SyncModel, run_cell, sync_tasks
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.engines import choose_engines
from cerebella.experiments.identity import model_identity
from cerebella.experiments.measures import LABELS, load_measures
from cerebella.experiments.tables import save_table
from cerebella.neuron_backend.ranks import check_ranks
from cerebella.results.html_table import frame_as_html
from cerebella.runs.engines import AUTO
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.state import SweepProgress, TaskResult
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "cf-synchrony"
LEVELS = (0, 1, 2, 4, 6, 8)
TRIALS = tuple(range(1, 21))
RUNS_FILE, SUMMARY_FILE, COVERAGE_FILE = "runs.csv", "summary.csv", "coverage.csv"


class SyncResult(NamedTuple):
    """Results of the experiment.

    Attributes
    ----------
    runs : pandas.DataFrame
        One row for each Purkinje cell: condition, cf_sync, trial, its measures, the folders of
        both runs, and the error message of failed runs, else "".
    summary : pandas.DataFrame
        See `summarize_levels`.
    labels : dict of str to str
        {key of a condition: label}.
    missing : dict of str to tuple of str
        {folder of a kept run: keys of the measures for which it lacks data}.
    coverage : pandas.DataFrame, optional
        Disinhibition coverage of network and cell, one row for each climbing fiber.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"trial": [1, 2], "error": ["", "out of memory"]})
    >>> result = cb.SyncResult(runs, pd.DataFrame(), {"control": "control"}, missing={})
    >>> result.failed["trial"].tolist()
    [2]
    """

    runs: pd.DataFrame
    summary: pd.DataFrame
    labels: dict[str, str]
    missing: dict[str, tuple[str, ...]]
    coverage: pd.DataFrame | None = None

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of `runs` that have an error."""
        return self.runs.loc[self.runs["error"] != ""]

    def _repr_html_(self) -> str:
        return frame_as_html(
            f"Synchrony experiment: {len(self.runs):,} runs, {len(self.failed):,} failed",
            self.summary,
        )


def sweep_cf_synchrony(
    folder: Path | str,
    model: SyncModel,
    *,
    levels: Iterable[int] = LEVELS,
    trials: Iterable[int] = TRIALS,
    w2_pS: Iterable[float] = (),
    cf_scale: Iterable[float] = (),
    pf_scale: Iterable[float] = (),
    mli1_rate_Hz: Iterable[float] = (),
    cf_contacts_per_mli1: Iterable[int] = (),
    variants: Iterable[str] = (),
    engine: str = AUTO,
    ranks: int = 1,
    keep_calcium: bool = False,
    executor: ExecutorName | Executor = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: Mapping[str, Any] | None = None,
    detach: bool = False,
    accept_mixture: bool = False,
    on_progress: Callable[[SweepProgress], None] = lambda progress: None,
    announce: Callable[[str], None] = lambda message: None,
) -> SyncResult:
    """Simulate network and Purkinje cell at every level in every trial; finished runs are kept.

    In one trial all levels share cells, synapses and random streams, so that they are compared
    trial by trial. Tables go to ``runs.csv``, ``summary.csv``, ``summary.json`` and
    ``coverage.csv`` in `folder`.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory, see `run_sweep`.
    model : SyncModel
        The circuit and the settings shared by all runs.
    levels : iterable of int
        CF synchrony levels of the network, in increasing order.
    trials : iterable of int
        Trial numbers, in increasing order.
    w2_pS : iterable of float
        Additional MLI2→MLI1 peak conductances in pS, each with all levels and trials, as all
        conditions below.
    cf_scale, pf_scale : iterable of float
        Scales of the climbing fiber and of the parallel fibers of the Purkinje cell.
    mli1_rate_Hz : iterable of float
        Rates to which the MLI1s are clamped, as the Purkinje cell receives them.
    cf_contacts_per_mli1 : iterable of int
        Contacts with climbing fibers that each MLI1 gets.
    variants : iterable of str
        Names of `VARIANTS`: ``"no-gap-junctions"``, ``"no-mli1-to-pc"``, ``"mli2-silenced"``
        and ``"cf-proximal"``, climbing-fiber synapses near the soma.
    engine : str
        Name of the engine of both levels. By default that of the finished runs or, without any,
        the fastest: that of this package, or CoreNEURON for networks on several ranks.
    ranks : int
        MPI processes of each network.
    keep_calcium : bool
        Keep the calcium of every compartment, 30 MB per run, instead of its mean and peaks.
    executor, workers, scheduler, slurm, detach, accept_mixture, on_progress
        See `run_sweep`.
    announce : callable
        Called with a line before a compilation.

    Returns
    -------
    SyncResult
        Tables of runs and of levels.

    Raises
    ------
    InputError
        See `run_sweep`; also for levels that the network does not have, and for empty or repeated
        levels and trials.
    MachineError, SimulationError
        See `run_sweep`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> model = cb.SyncModel(cb.generate_network(seed=1, scale=0.1), duration_ms=172.0)
    >>> with ThreadPoolExecutor(2) as threads:
    ...     result = cb.sweep_cf_synchrony(
    ...         "out", model, levels=(8,), trials=(1,), executor=threads
    ...     )
    >>> result.runs[["cf_sync", "trial", "error"]].to_dict("records")
    [{'cf_sync': 8, 'trial': 1, 'error': ''}]
    """
    levels, trials = list(levels), list(trials)
    values = {
        "w2_pS": w2_pS,
        "cf_scale": cf_scale,
        "pf_scale": pf_scale,
        "mli1_rate_Hz": mli1_rate_Hz,
        "cf_contacts_per_mli1": cf_contacts_per_mli1,
    }
    conditions = [CONTROL, *_conditions_of(values), *map(_variant, variants)]
    check_request(model, levels, trials)
    _check_duration(model.duration_ms)
    _check_conditions(conditions)
    if executor == "processes":
        check_ranks(ranks)
    engines = choose_engines(engine, {"mli": ranks, "purkinje": 1}, folder, announce)
    tasks = sync_tasks(
        model,
        levels,
        trials,
        conditions,
        engines=engines,
        ranks=ranks,
        keep_calcium=keep_calcium,
    )
    compile_engines(engines, task_paths(folder, tasks).values(), executor, announce)
    results = run_sweep(
        folder,
        tasks,
        experiment=EXPERIMENT,
        settings=model.settings,
        identity=model_identity(engines),
        accept_mixture=accept_mixture,
        executor=executor,
        workers=workers,
        scheduler=scheduler,
        slurm=slurm,
        detach=detach,
        prepare=model.save,
        on_progress=on_progress,
    )
    runs, missing = collect_runs(tasks, results, conditions)
    coverage = tabulate_coverage(model)
    result = SyncResult(
        runs,
        summarize_levels(runs, LABELS),
        {condition.key: condition.label for condition in conditions},
        missing,
        coverage,
    )
    save_table(coverage, Path(folder) / COVERAGE_FILE)
    save_table(result.runs, Path(folder) / RUNS_FILE)
    save_table(result.summary, Path(folder) / SUMMARY_FILE, as_json=True)
    return result


def collect_runs(
    tasks: Sequence[Task], results: Mapping[str, TaskResult], conditions: Sequence[Condition]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Compute the measures of all Purkinje cells from their kept runs.

    Parameters
    ----------
    tasks : sequence of Task
        All tasks of the sweep.
    results : mapping of str to TaskResult
        By name of the task.
    conditions : sequence of Condition
        In the order of the rows.

    Returns
    -------
    tuple of pandas.DataFrame and dict
        One row for each cell and the measures for which kept runs lack data, as in `SyncResult`.
    """
    settings = {task.name: task.settings for task in tasks}
    order = {condition.key: i for i, condition in enumerate(conditions)}
    rows: list[dict[str, Any]] = []
    missing: dict[str, tuple[str, ...]] = {}
    for task in tasks:
        if task.run is not run_cell:
            continue
        (network,) = task.after
        measured = load_measures(results[network], results[task.name])
        name = results[task.name].path.name
        if measured.missing:
            missing[name] = measured.missing
        rows.append(
            {
                CONDITION: task.labels["condition"],
                LEVEL: settings[network]["cf_sync"],
                TRIAL: settings[network]["trial"],
                **measured.values,
                "network_run": results[network].path.name,
                "cell_run": name,
                "error": results[task.name].error or "",
            }
        )
    import pandas as pd

    rows.sort(key=lambda row: (order[row[CONDITION]], row[LEVEL], row[TRIAL]))
    return pd.DataFrame(rows), missing


def _conditions_of(values: Mapping[str, Iterable[float]]) -> Iterable[Condition]:
    """Yield a condition for each value; `values` are by the names of `CONDITION_VALUES`."""
    for name, of_name in values.items():
        for value in of_name:
            yield CONDITION_VALUES[name].condition(value)


def _variant(name: str) -> Condition:
    if name not in VARIANTS:
        raise InputError(f"no variant {name!r}", remedy=f"Choose from {', '.join(VARIANTS)}")
    return VARIANTS[name]


def check_request(model: SyncModel, levels: list[int], trials: list[int]) -> None:
    """Raise InputError unless the network has these levels, and trials can be run.

    Parameters
    ----------
    model : SyncModel
        The circuit.
    levels, trials : list of int
        In increasing order.

    Raises
    ------
    InputError
        Levels or trials are missing, repeated, not in increasing order or out of range.
    """
    known = list(model.network.cf_times_ms)
    for name, values in (("levels", levels), ("trials", trials)):
        if not values:
            raise InputError(f"no {name}", remedy=f"Give at least one of the {name}")
        if sorted(set(values)) != values:
            raise InputError(
                f"{name} {', '.join(map(str, values))} are not in increasing order",
                remedy="Give each once, from low to high",
            )
    unknown = [level for level in levels if level not in known]
    if unknown:
        raise InputError(
            f"network {model.network.name} has no synchrony level {unknown[0]}",
            remedy=f"It has {', '.join(map(str, known))}",
        )
    if trials[0] < 0:
        raise InputError(f"trial {trials[0]}", remedy="Give trials of 0 or more")


def _check_duration(duration_ms: float) -> None:
    """Raise InputError for runs that end before the response of the network was measured."""
    if duration_ms < DIP_MS[1]:
        raise InputError(
            f"`duration_ms` is {duration_ms:g}, but the response of the network is measured until "
            f"{DIP_MS[1]:g} ms",
            remedy=f"Give {DIP_MS[1]:g} ms or more",
        )


def _check_conditions(conditions: Sequence[Condition]) -> None:
    keys = [condition.key for condition in conditions]
    repeated = [key for key in keys if keys.count(key) > 1]
    if repeated:
        raise InputError(f"condition {repeated[0]} is given twice", remedy="Give each once")
