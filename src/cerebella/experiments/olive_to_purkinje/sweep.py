"""Spikes of the olive drive the molecular layer: effects of their synchrony."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.analysis.olive_synchrony import (
    Coincidences,
    Correlogram,
    compute_correlogram,
)
from cerebella.analysis.regression import compute_regression
from cerebella.errors import InputError, SimulationError
from cerebella.experiments.cf_synchrony.tasks import CELL_WEIGHT, NETWORK_WEIGHT
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.engines import choose_engines
from cerebella.experiments.identity import model_identity
from cerebella.experiments.measures import LABELS, load_measures
from cerebella.experiments.olive_to_purkinje.events import Event, choose_events, find_events
from cerebella.experiments.olive_to_purkinje.tasks import (
    JoinedModel,
    LoopCase,
    event_tasks,
    loop_task,
)
from cerebella.experiments.repetitions import check_different
from cerebella.experiments.tables import save_table
from cerebella.neuron_backend.ranks import check_ranks
from cerebella.results.html_table import frame_as_html
from cerebella.runs.engines import AUTO
from cerebella.runs.load import load_run
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.state import SweepProgress, TaskResult
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "olive-to-purkinje"
COUPLINGS_PER_MS = (0.0, 0.05, 0.2)
N_EVENTS = 6
TRIALS = (1, 2)

COUPLING, SEED, SYNCHRONY, TRIAL = "coupling_per_ms", "seed", "n_synchronous", "trial"
SHARE = "share_"
"""Columns of the tables; `SHARE` is followed by a number of synchronous CFs."""

EVENTS_FILE, SYNCHRONY_FILE = "events.csv", "synchrony.csv"
CORRELOGRAMS_FILE, SUMMARY_FILE = "correlograms.csv", "summary.csv"


class JoinedResult(NamedTuple):
    """Results of the experiment.

    Attributes
    ----------
    events : pandas.DataFrame
        One row for each chosen event: coupling_per_ms, seed, event (number), event_ms (in the
        loop), n_synchronous (CFs of the network within ± 5 ms), trial, the measures, the folders
        of the three runs, and the error message of failed runs, else "".
    synchrony : pandas.DataFrame
        One row for each loop: coupling_per_ms, seed, io_rate_Hz, n_events, mean_synchronous over
        all of them, chance_synchronous (independent trains of the same rates), share_0 … (of
        events with that number), and coincidences of pairs relative to chance, same_zone_ratio
        and other_zones_ratio.
    correlograms : pandas.DataFrame
        coupling_per_ms, seed, lag_ms, same_zone, other_zones, relative to chance.
    summary : pandas.DataFrame
        One row for each measure: n_events, slope for each synchronous CF with ci_low, ci_high
        (95 %), p and r, over all events, within trials; see `compute_regression`.
    missing : dict of str to tuple of str
        {folder of a kept run: keys of the measures for which it lacks data}.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({"event": [0, 1], "error": ["", "out of memory"]})
    >>> empty = pd.DataFrame()
    >>> result = cb.JoinedResult(events, empty, empty, empty, missing={})
    >>> result.failed["event"].tolist()
    [1]
    """

    events: pd.DataFrame
    synchrony: pd.DataFrame
    correlograms: pd.DataFrame
    summary: pd.DataFrame
    missing: dict[str, tuple[str, ...]]

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of `events` that have an error."""
        return self.events.loc[self.events["error"] != ""]

    def _repr_html_(self) -> str:
        return frame_as_html(
            f"Loop and Purkinje cell: {len(self.events):,} events, {len(self.failed):,} failed",
            self.summary,
        )


class _Settled(NamedTuple):
    """A loop after it has settled."""

    case: LoopCase
    io_rate_Hz: float
    found: Coincidences
    correlogram: Correlogram


def sweep_olive_to_purkinje(
    folder: Path | str,
    model: JoinedModel,
    *,
    couplings_per_ms: Iterable[float] = COUPLINGS_PER_MS,
    events: int = N_EVENTS,
    seeds: Iterable[int] = (0,),
    trials: Iterable[int] = TRIALS,
    engine: str = AUTO,
    ranks: int = 1,
    executor: ExecutorName | Executor = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: Mapping[str, Any] | None = None,
    detach: bool = False,
    accept_mixture: bool = False,
    on_progress: Callable[[SweepProgress], None] = lambda progress: None,
    announce: Callable[[str], None] = lambda message: None,
) -> JoinedResult:
    """Simulate loops, choose events, and simulate network and Purkinje cell around each event.

    Tables go to ``events.csv``, ``synchrony.csv``, ``correlograms.csv`` and ``summary.csv`` in
    `folder`, the last also to ``summary.json``.

    Parameters
    ----------
    folder : Path or str
        Directory of the sweep, see `run_sweep`.
    model : JoinedModel
        The circuits and the settings shared by all runs.
    couplings_per_ms : iterable of float
        Conductances of an olivary gap junction in 1/ms.
    events : int
        Number of events chosen from each loop.
    seeds : iterable of int
        Seeds of the loops.
    trials : iterable of int
        Trials of network and Purkinje cell, assigned to the events in round-robin order. Within
        one trial, only the climbing fibers differ.
    engine : str
        Name of the engine of network and Purkinje cell; see `sweep_cf_synchrony`.
    ranks : int
        MPI processes of each network.
    executor, workers, scheduler, slurm, detach, accept_mixture, on_progress
        See `run_sweep`.
    announce : callable
        Called with a line of text before a compilation.

    Returns
    -------
    JoinedResult
        Tables of events, loops, correlograms and slopes.

    Raises
    ------
    InputError
        See `run_sweep`; also for negative, repeated or too strong couplings, and for too few
        olivary cells or events.
    MachineError, SimulationError
        See `run_sweep`; also if the simulation of a loop failed.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> soma, ais = (1, 1, 0, 0, 0, 10, -1), (2, 2, 0, -30, 0, 1, 1)
    >>> smooth, spiny = (3, 5, 0, 30, 0, 2, 1), (4, 3, 0, 60, 0, 0.5, 3)
    >>> np.savetxt("cell.swc", [soma, ais, smooth, spiny], fmt="%g")
    >>> cell = cb.load_morphology("cell.swc")
    >>> layer = cb.SyncModel(cb.generate_network(seed=1, scale=0.1), cell, duration_ms=172.0)
    >>> loop = cb.default_loop(2).model_copy(update={"time_step_ms": 1.0})
    >>> model = cb.JoinedModel(layer, loop, loop_duration_ms=4_000.0, settle_ms=1_000.0)
    >>> with ThreadPoolExecutor(2) as threads:
    ...     result = cb.sweep_olive_to_purkinje(
    ...         "out", model, couplings_per_ms=(0.05,), events=1, executor=threads
    ...     )
    >>> result.events[["coupling_per_ms", "trial", "error"]].to_dict("records")
    [{'coupling_per_ms': 0.05, 'trial': 1, 'error': ''}]
    """
    couplings, seeds, trials = list(couplings_per_ms), list(seeds), list(trials)
    _check(couplings, events, seeds, trials)
    if executor == "processes":
        check_ranks(ranks)
    cases = [LoopCase(gap, seed) for gap in couplings for seed in seeds]
    loops = [loop_task(model, case) for case in cases]
    engines = choose_engines(engine, {"mli": ranks, "purkinje": 1}, folder, announce)
    all_engines = {"olive": "numba"} | engines
    compile_engines(all_engines, task_paths(folder, loops).values(), executor, announce)
    n_events = len(cases) * events
    weight = sum(task.weight for task in loops)
    weight /= weight + n_events * (NETWORK_WEIGHT + CELL_WEIGHT)

    def run(tasks: Sequence[Task], report: Callable[[SweepProgress], None]) -> Any:
        return run_sweep(
            folder,
            tasks,
            experiment=EXPERIMENT,
            settings=model.settings,
            identity=model_identity(all_engines),
            accept_mixture=accept_mixture,
            executor=executor,
            workers=workers,
            scheduler=scheduler,
            slurm=slurm,
            detach=detach,
            prepare=model.layer.save,
            on_progress=report,
        )

    def of_loops(now: SweepProgress) -> None:
        on_progress(now._replace(total=len(loops) + 2 * n_events, fraction=now.fraction * weight))

    results = run(loops, of_loops)
    settled = [_settle(model, case, results[f"loop_{case.tag}"]) for case in cases]
    chosen = {one.case: choose_events(one.found, events, one.case.seed) for one in settled}
    pairs = {
        (case, number): event_tasks(
            model, case, event, trials[number % len(trials)], engines=engines, ranks=ranks
        )
        for case, of_case in chosen.items()
        for number, event in enumerate(of_case)
    }
    tasks = [*loops, *(task for pair in pairs.values() for task in pair)]
    compile_engines(engines, task_paths(folder, tasks).values(), executor, announce)
    results = run(tasks, on_progress)
    table, missing = _collect(chosen, pairs, results)
    found = JoinedResult(
        table,
        _synchrony(settled),
        _correlograms(settled),
        summarize_events(table),
        missing,
    )
    save_table(found.events, Path(folder) / EVENTS_FILE)
    save_table(found.synchrony, Path(folder) / SYNCHRONY_FILE)
    save_table(found.correlograms, Path(folder) / CORRELOGRAMS_FILE)
    save_table(found.summary, Path(folder) / SUMMARY_FILE, as_json=True)
    return found


def summarize_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return how each measure follows the number of synchronous CFs; see `JoinedResult`."""
    import pandas as pd

    rows = []
    for measure in LABELS:
        found = compute_regression(events[SYNCHRONY], events[measure], events[TRIAL])
        rows.append({"measure": measure, "n_events": found.n} | found._asdict())
    return pd.DataFrame(rows).drop(columns="n")


def _check(couplings: list[float], events: int, seeds: list[int], trials: list[int]) -> None:
    check_different("couplings_per_ms", couplings)
    check_different("seeds", seeds)
    check_different("trials", trials)
    if events < 1:
        raise InputError(f"{events} events", remedy="Ask for 1 or more")


def _settle(model: JoinedModel, case: LoopCase, result: TaskResult) -> _Settled:
    if result.error is not None:
        raise SimulationError(f"the loop of {case.tag} failed: {result.error}")
    run = load_run(result.path)
    start_ms, stop_ms = model.first_event_ms, model.last_event_ms
    return _Settled(
        case,
        compute_olive_rates(run, start_ms, stop_ms)["IO"],
        find_events(run, model.fibers, start_ms, stop_ms),
        compute_correlogram(run, start_ms, stop_ms),
    )


def _collect(
    chosen: Mapping[LoopCase, list[Event]],
    pairs: Mapping[tuple[LoopCase, int], tuple[Task, Task]],
    results: Mapping[str, TaskResult],
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Return one row for each event, and the measures that kept runs cannot give."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    missing: dict[str, tuple[str, ...]] = {}
    for (case, number), (network, cell) in pairs.items():
        event = chosen[case][number]
        measured = load_measures(results[network.name], results[cell.name])
        name = results[cell.name].path.name
        if measured.missing:
            missing[name] = measured.missing
        rows.append(
            {
                COUPLING: case.gap_per_ms,
                SEED: case.seed,
                "event": number + 1,
                "event_ms": event.time_ms,
                SYNCHRONY: event.n_synchronous,
                TRIAL: network.settings["trial"],
                **measured.values,
                "loop_run": results[network.after[0]].path.name,
                "network_run": results[network.name].path.name,
                "cell_run": name,
                "error": results[cell.name].error or "",
            }
        )
    return pd.DataFrame(rows), missing


def _synchrony(settled: Sequence[_Settled]) -> pd.DataFrame:
    import pandas as pd

    most = max(int(one.found.n_cells.max(initial=0)) for one in settled)
    rows = []
    for one in settled:
        same, other = one.correlogram.at_zero
        n = one.found.n_cells
        rows.append(
            {
                COUPLING: one.case.gap_per_ms,
                SEED: one.case.seed,
                "io_rate_Hz": one.io_rate_Hz,
                "n_events": len(n),
                "mean_synchronous": float(n.mean()),
                "chance_synchronous": one.found.chance,
                "same_zone_ratio": same,
                "other_zones_ratio": other,
                **{f"{SHARE}{k}": float((n == k).mean()) for k in range(most + 1)},
            }
        )
    return pd.DataFrame(rows)


def _correlograms(settled: Sequence[_Settled]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(
        [
            pd.DataFrame(
                {COUPLING: one.case.gap_per_ms, SEED: one.case.seed, **one.correlogram._asdict()}
            )
            for one in settled
        ],
        ignore_index=True,
    )
