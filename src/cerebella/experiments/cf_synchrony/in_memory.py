"""Comparison of climbing-fiber synchrony levels without a folder: `run_cf_synchrony`."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from cerebella.errors import SimulationError
from cerebella.experiments.cf_synchrony.sweep import EXPERIMENT, check_request
from cerebella.experiments.cf_synchrony.tasks import SyncModel, run_network, sync_tasks
from cerebella.experiments.engines import choose_engines
from cerebella.experiments.identity import model_identity
from cerebella.network.network import Network
from cerebella.runs.engines import AUTO
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.executors import count_workers
from cerebella.sweeps.sweep import run_sweep


class SyncRuns(NamedTuple):
    """Runs by level of synchrony.

    Attributes
    ----------
    networks : dict of int to list of Run
        {level: runs of the network, by trial}.
    cells : dict of int to list of Run
        {level: runs of the Purkinje cell, by trial}; empty lists if none were requested.

    Examples
    --------
    >>> runs = cb.SyncRuns(networks={0: [], 8: []}, cells={0: [], 8: []})
    >>> list(runs.networks)
    [0, 8]
    """

    networks: dict[int, list[Run]]
    cells: dict[int, list[Run]]


def run_cf_synchrony(
    circuit: Network | SyncModel,
    levels: Iterable[int] = (0, 8),
    trials: Iterable[int] = (1,),
    *,
    cells: bool = False,
    engine: str = AUTO,
    keep_calcium: bool = False,
    folder: Path | str | None = None,
    workers: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> SyncRuns:
    """Simulate every level in every trial and return the runs.

    In one trial all levels share the network, the Purkinje cell and all random streams; they
    differ only in the climbing fibers. For tables, statistics, controls and clusters, use
    `sweep_cf_synchrony`.

    Parameters
    ----------
    circuit : Network or SyncModel
        The network, or a model with its parameters, morphology, duration and seed.
    levels : iterable of int
        CF synchrony levels of the network, in increasing order.
    trials : iterable of int
        Trial numbers, in increasing order.
    cells : bool
        Also simulate the Purkinje cell that each network drives.
    engine : str
        Name of the engine of both levels; see `sweep_cf_synchrony`.
    keep_calcium : bool
        Keep calcium of all compartments, 30 MB per cell.
    folder : Path or str, optional
        Directory of a sweep, whose finished runs are kept; by default a temporary one, which is
        removed when the process ends.
    workers : int, optional
        Number of concurrent simulations; by default one per core.
    on_progress : callable
        Called with the fraction done, from 0 to 1.

    Returns
    -------
    SyncRuns
        Runs of networks and of Purkinje cells by level.

    Raises
    ------
    InputError
        The network lacks a level, or levels or trials are empty or not in increasing order.
    SimulationError
        A run failed twice.

    Examples
    --------
    >>> model = cb.SyncModel(cb.generate_network(seed=1, scale=0.1), duration_ms=20.0)
    >>> runs = cb.run_cf_synchrony(model, levels=(0, 8))
    >>> [run.condition.cf_sync for trials in runs.networks.values() for run in trials]
    [0, 8]
    """
    model = circuit if isinstance(circuit, SyncModel) else SyncModel(circuit)
    levels, trials = list(levels), list(trials)
    check_request(model, levels, trials)
    folder = _temporary_folder() if folder is None else folder
    engines = choose_engines(engine, {"mli": 1, "purkinje": 1}, folder)
    tasks = sync_tasks(model, levels, trials, engines=engines, keep_calcium=keep_calcium)
    tasks = [task for task in tasks if cells or task.run is run_network]
    n_workers = count_workers(workers)
    with ThreadPoolExecutor(n_workers) as threads:
        results = run_sweep(
            folder,
            tasks,
            experiment=EXPERIMENT,
            settings=model.settings,
            identity=model_identity(engines),
            executor=threads,
            workers=n_workers,
            prepare=model.save,
            on_progress=lambda progress: on_progress(progress.fraction),
        )
    for name, result in results.items():
        if result.error is not None:
            raise SimulationError(f"{name}: {result.error}")
    by_level = SyncRuns({level: [] for level in levels}, {level: [] for level in levels})
    for task in tasks:
        run = load_run(results[task.name].path)
        runs = by_level.networks if task.run is run_network else by_level.cells
        runs[run.manifest["cf_sync"]].append(run)
    return by_level


def _temporary_folder() -> str:
    """Create a folder that lasts as long as this process, since runs are read from it lazily."""
    folder = tempfile.mkdtemp(prefix="cerebella-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
