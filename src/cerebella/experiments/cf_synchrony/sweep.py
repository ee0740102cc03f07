"""What does climbing-fiber synchrony do? Levels × trials × controls, with their statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.analysis.level_statistics import CONDITION, LEVEL, TRIAL, summarize_levels
from cerebella.analysis.purkinje_levels import MEASURES
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import (
    CONTROL,
    VARIANTS,
    Condition,
    SyncModel,
    run_cell,
    sync_tasks,
    w2_condition,
)
from cerebella.neuron_backend.mechanism_sets import purkinje_mechanisms
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.results.atomic import atomic_file
from cerebella.results.manifest import load_manifest
from cerebella.results.run_directory import MANIFEST_FILE, load_run
from cerebella.sweeps.executors import ExecutorName, count_workers
from cerebella.sweeps.sweep import SweepProgress, Task, TaskResult, run_sweep

EXPERIMENT = "cf-synchrony"
LEVELS = (0, 1, 2, 4, 6, 8)
TRIALS = tuple(range(1, 21))

NETWORK_MEASURES = {"MLI2_peak_Hz": "MLI2 peak (Hz)", "MLI1_dip_Hz": "MLI1 dip (Hz)"}
LABELS = NETWORK_MEASURES | {measure.key: measure.label for measure in MEASURES}
"""{name of a measure: what tables and figures call it}."""

RUNS_FILE, SUMMARY_FILE = "runs.csv", "summary.csv"


class SyncResult(NamedTuple):
    """What the experiment found.

    Attributes
    ----------
    runs : one row a Purkinje cell: condition, cf_sync, trial, its measures, the folders of both
        runs, and the error if there is no run.
    summary : see `summarize_levels`.
    labels : {key of a condition: label}.
    """

    runs: pd.DataFrame
    summary: pd.DataFrame
    labels: dict[str, str]

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of `runs` that have an error."""
        return self.runs.loc[self.runs["error"] != ""]


def sweep_cf_synchrony(
    folder: Path | str,
    model: SyncModel,
    *,
    levels: Iterable[int] = LEVELS,
    trials: Iterable[int] = TRIALS,
    w2_pS: Iterable[float] = (),
    variants: Iterable[str] = (),
    ranks: int = 1,
    keep_calcium: bool = False,
    executor: ExecutorName | Executor = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    on_progress: Callable[[SweepProgress], None] = lambda progress: None,
    announce: Callable[[str], None] = lambda message: None,
) -> SyncResult:
    """Simulate network and Purkinje cell at every level in every trial; what is there is kept.

    In one trial all levels share cells, synapses and random streams, so that they are compared
    trial by trial. Tables go to ``runs.csv``, ``summary.csv`` and ``summary.json`` in `folder`.

    Parameters
    ----------
    folder : the sweep's directory, see `run_sweep`.
    model : the circuit and what all runs share.
    levels : CF synchrony levels of the network, rising.
    trials : trial numbers.
    w2_pS : further weights of the MLI2→MLI1 synapses, each with all levels and trials.
    variants : names of `VARIANTS`, likewise.
    ranks : MPI processes of each network.
    keep_calcium : keep the calcium of every compartment, 30 MB a run.
    executor, workers, scheduler, on_progress : see `run_sweep`.
    announce : called with a line before the mechanisms are compiled.

    Raises
    ------
    InputError, MachineError, SimulationError : see `run_sweep`; also for levels that the network
        does not have, and for empty or repeated levels and trials.
    """
    levels, trials = list(levels), list(trials)
    conditions = [CONTROL, *map(w2_condition, w2_pS), *map(_variant, variants)]
    _check(model, levels, trials, conditions)
    tasks = sync_tasks(model, levels, trials, conditions, ranks=ranks, keep_calcium=keep_calcium)
    compile_mechanisms(executor, announce)
    results = run_sweep(
        folder,
        tasks,
        experiment=EXPERIMENT,
        settings=model.settings,
        executor=executor,
        workers=count_workers(workers, ranks),
        scheduler=scheduler,
        prepare=model.save,
        on_progress=on_progress,
    )
    runs = collect_runs(tasks, results, conditions)
    result = SyncResult(
        runs,
        summarize_levels(runs, LABELS),
        {condition.key: condition.label for condition in conditions},
    )
    save_table(result.runs, Path(folder) / RUNS_FILE)
    save_table(result.summary, Path(folder) / SUMMARY_FILE, as_json=True)
    return result


def collect_runs(
    tasks: Sequence[Task], results: Mapping[str, TaskResult], conditions: Sequence[Condition]
) -> pd.DataFrame:
    """Return one row for each Purkinje cell; see `SyncResult`."""
    settings = {task.name: task.settings for task in tasks}
    place = {condition.key: i for i, condition in enumerate(conditions)}
    rows: list[dict[str, Any]] = []
    for task in tasks:
        if task.run is not run_cell:
            continue
        (network,) = task.after
        error = results[task.name].error
        rows.append(
            {
                CONDITION: task.labels["condition"],
                LEVEL: settings[network]["cf_sync"],
                TRIAL: settings[network]["trial"],
                **load_measures(results[network], results[task.name]),
                "network_run": results[network].path.name,
                "cell_run": results[task.name].path.name,
                "error": error or "",
            }
        )
    return pd.DataFrame(
        sorted(rows, key=lambda row: (place[row[CONDITION]], row[LEVEL], row[TRIAL]))
    )


def compile_mechanisms(executor: ExecutorName | Executor, announce: Callable[[str], None]) -> None:
    """Compile for network and Purkinje cell where all runs are made on this machine.

    Others find out for themselves whether they can.
    """
    if executor == "processes":
        ensure_mechanisms(announce=announce)
        ensure_mechanisms(purkinje_mechanisms(), announce=announce)


def load_measures(network: TaskResult, cell: TaskResult) -> dict[str, float]:
    """Return what a network and its Purkinje cell did; all NaN unless both are finished."""
    measures: dict[str, float | None] = dict.fromkeys(LABELS)
    if cell.error is None:
        measures |= compute_cf_response(load_run(network.path).spikes)._asdict()
        measures |= load_manifest(cell.path / MANIFEST_FILE)["response"]
    return {measure: float("nan") if x is None else x for measure, x in measures.items()}


def save_table(table: pd.DataFrame, file: Path, *, as_json: bool = False) -> None:
    """Write a table as CSV and, if asked, beside it as JSON records."""
    with atomic_file(file) as temporary:
        table.to_csv(temporary, index=False)
    if as_json:
        with atomic_file(file.with_suffix(".json")) as temporary:
            table.to_json(temporary, orient="records", double_precision=15, indent=1)


def _variant(name: str) -> Condition:
    if name not in VARIANTS:
        raise InputError(f"no variant {name!r}", remedy=f"Choose from {', '.join(VARIANTS)}")
    return VARIANTS[name]


def _check(
    model: SyncModel, levels: list[int], trials: list[int], conditions: list[Condition]
) -> None:
    known = list(model.network.cf_times_ms)
    for name, values in (("levels", levels), ("trials", trials)):
        if not values:
            raise InputError(f"no {name}", remedy=f"Give at least one of the {name}")
        if sorted(set(values)) != values:
            raise InputError(
                f"{name} {', '.join(map(str, values))} do not rise",
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
    keys = [condition.key for condition in conditions]
    repeated = [key for key in keys if keys.count(key) > 1]
    if repeated:
        raise InputError(f"condition {repeated[0]} is asked for twice", remedy="Give each once")
