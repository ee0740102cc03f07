"""Sweeps: many runs with dependencies, on any executor; finished runs are never repeated.

A sweep is a directory:

sweep.json    the experiment, its settings, the version of the model, accepted mixtures
runs/NAME-KEY a run directory for each task; KEY is a hash of its kind and settings
failed.json   tasks that failed, with their errors

A task is finished if and only if its run is complete. A crash of the driver, of a worker or of
the machine therefore loses only the runs in progress. Workers require only access to the same
files under the same path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from pathlib import Path
from typing import Any

from cerebella.errors import InputError, SimulationError
from cerebella.sweeps.executors import (
    ExecutorName,
    check_executor,
    count_workers,
    open_executor,
)
from cerebella.sweeps.folder import Identity, open_sweep_folder, remove_abandoned
from cerebella.sweeps.slurm import FOLDER, JOBS_FILE, describe_jobs, load_jobs
from cerebella.sweeps.slurm_options import read_slurm_options
from cerebella.sweeps.slurm_sweep import run_on_slurm
from cerebella.sweeps.state import SweepProgress, SweepState, TaskResult
from cerebella.sweeps.task import Task, run_batch, run_task, task_paths

_TICK_S = 1.0


def run_sweep(
    folder: Path | str,
    tasks: Iterable[Task],
    *,
    experiment: str,
    settings: Mapping[str, Any],
    identity: Mapping[str, Any] | None = None,
    accept_mixture: bool = False,
    executor: ExecutorName | Executor = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: Mapping[str, Any] | None = None,
    detach: bool = False,
    prepare: Callable[[Path], None] = lambda folder: None,
    on_progress: Callable[[SweepProgress], None] = lambda progress: None,
) -> dict[str, TaskResult]:
    """Run all unfinished tasks, each after its dependencies.

    A failed task is retried once. If it fails again, it and the tasks that depend on it are listed
    with their errors; the next start retries them. In a script, call this function below the line
    ``if __name__ == "__main__":``, since worker processes import the script.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory; created if it does not exist.
    tasks : iterable of Task
        Tasks may be added or removed between starts.
    experiment : str
        Name of the experiment; all tasks of a folder belong to one.
    settings : mapping
        Settings common to all tasks of the folder; values that JSON can represent.
    identity : mapping, optional
        Other determinants of the results, such as the version of the model. By default, they are
        not checked.
    accept_mixture : bool
        Continue even if finished runs were made under another identity, and record the mixture
        in sweep.json.
    executor : str or concurrent.futures.Executor
        A name of `EXECUTORS`, or an executor, which stays open.
    workers : int, optional
        Number of concurrent runs, by default as many as fit on the cores, and without limit for
        ``executor="slurm"``. With an executor object, only batches depend on it; see `Batch`.
    scheduler : str, optional
        Address of a Dask scheduler, for ``executor="dask"``.
    slurm : mapping, optional
        Options of the jobs for ``executor="slurm"``: ``mem_GB``, ``array_size``, and options of
        sbatch by their long names, such as ``partition``, ``account`` and ``time``.
    detach : bool
        For ``executor="slurm"``: submit all runs and raise `SweepDetached` instead of waiting. The
        same call collects them later.
    prepare : callable
        Called with the folder before the first run, to write files that all runs read.
    on_progress : callable
        Called with a `SweepProgress` at least once a second.

    Returns
    -------
    dict of str to TaskResult
        {name of a task: result}, in the order of `tasks`.

    Raises
    ------
    InputError
        The folder belongs to another experiment, other settings or another identity, contains
        other files, or is in use by another process; two tasks have the same name, or a task
        depends on an unknown one.
    MachineError
        The executor's library is missing, or its scheduler cannot be reached.
    SweepDetached
        Runs are in the queue of Slurm, and `detach` is given.
    SimulationError
        All runs failed that no other run depends on, or the executor broke down; finished runs
        are kept.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def network(path, settings, needed):
    ...     network = cb.generate_network(seed=settings["seed"], scale=0.1)
    ...     cb.simulate_mli(network, duration_ms=10.0).save(path)
    >>> tasks = [cb.Task("net", "molecular-layer-network", network, {"seed": 3})]
    >>> with ThreadPoolExecutor(2) as threads:
    ...     results = cb.run_sweep(
    ...         "my_sweep", tasks, experiment="seeds", settings={}, executor=threads
    ...     )
    >>> cb.load_run(results["net"].path).manifest["duration_ms"]
    10.0
    """
    tasks = list(tasks)
    paths = task_paths(folder, tasks)
    if not isinstance(executor, Executor):
        check_executor(executor, scheduler)
    on_slurm = executor == "slurm"
    if not on_slurm and (slurm or detach):
        given = "slurm" if slurm else "detach"
        raise InputError(f"`{given}` is for Slurm only", remedy="Give `executor` slurm, or omit it")
    options = read_slurm_options(slurm or {})
    n_workers = count_workers(workers, max((task.cores for task in tasks), default=1))
    of_folder = Identity(experiment, settings, identity)
    with open_sweep_folder(Path(folder), of_folder, accept_mixture=accept_mixture) as folder:
        jobs = load_jobs(folder)
        if jobs and not on_slurm:
            raise InputError(
                f"has runs in the queue of Slurm ({describe_jobs(jobs.values())})",
                file=folder,
                remedy="Collect them with `executor` slurm, or cancel them with scancel and "
                f"remove {JOBS_FILE} from the folder {FOLDER}",
            )
        remove_abandoned(folder, except_of=jobs)
        prepare(folder)
        state = SweepState(tasks, paths, folder, on_progress)
        if on_slurm:
            run_on_slurm(state, options, at_once=workers, detach=detach)
        elif isinstance(executor, Executor):
            _run_on(executor, state, workers)
        else:
            of_processes = executor == "processes"
            known = n_workers if scheduler is None else workers
            while state.is_unfinished:
                with open_executor(executor, n_workers, folder, scheduler) as pool:
                    _run_on(pool, state, known, limited=of_processes, may_break=of_processes)
        return state.results()


def _run_on(
    executor: Executor,
    state: SweepState,
    workers: int | None,
    *,
    limited: bool = False,
    may_break: bool = False,
) -> None:
    """Run unfinished tasks; return early if the executor breaks and `may_break` is set.

    If `limited` is set, no more are submitted than there are workers.
    """
    running: dict[Future[Any], list[Task]] = {}
    try:
        while state.is_unfinished:
            room = workers - len(running) if workers and limited else len(state.tasks)
            for tasks in state.submissions(workers)[: max(room, 0)]:
                running[_submit(executor, state, tasks)] = tasks
                for task in tasks:
                    state.submitted(task, task.name)
            state.report()
            finished, _ = wait(running, _TICK_S, FIRST_COMPLETED)
            for future in finished:
                errors = _errors_of(future, running[future])
                for task, error in zip(running.pop(future), errors, strict=True):
                    state.ended(task.name, error)
    except BrokenExecutor as error:
        for name in list(state.in_flight):
            state.ended(name, "the process that ran it died")
        if not may_break:
            raise SimulationError(
                f"the executor accepts no more runs ({error}). Finished runs are kept; start "
                "the same command again to resume"
            ) from error
    finally:
        for future in running:
            future.cancel()
        state.report()


def _submit(executor: Executor, state: SweepState, tasks: list[Task]) -> Future[Any]:
    """Submit a task, or several as a batch."""
    jobs = [
        (state.paths[task.name], {**task.settings, **task.labels}, state.needed_by(task))
        for task in tasks
    ]
    if len(tasks) > 1 and tasks[0].batch is not None:
        return executor.submit(run_batch, tasks[0].batch.run, jobs)
    (task,), (job,) = tasks, jobs
    return executor.submit(run_task, task.run, *job)


def _errors_of(future: Future[Any], tasks: list[Task]) -> list[str | None]:
    """Return the error of each task, or raise BrokenExecutor."""
    try:
        found = future.result()
    except BrokenExecutor:
        raise
    except Exception as reason:
        found = f"{type(reason).__name__}: {reason}"
    return found if isinstance(found, list) else [found] * len(tasks)
