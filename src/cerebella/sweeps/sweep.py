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

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import CerebellaError, SimulationError
from cerebella.neuron_backend.launcher import leave_launcher
from cerebella.runs.directory import is_run
from cerebella.sweeps.executors import (
    ExecutorName,
    check_executor,
    count_workers,
    open_executor,
)
from cerebella.sweeps.folder import FAILED_FILE, Identity, open_sweep_folder, save_failures
from cerebella.sweeps.task import RunTask, Task, task_paths

MOST_ATTEMPTS = 2
_TICK_S = 1.0


class TaskResult(NamedTuple):
    """The outcome of a task.

    Attributes
    ----------
    path : Path
        Its run directory.
    error : str or None
        Error message of a failed run; None if the run is complete.

    Examples
    --------
    >>> cb.TaskResult("my_sweep/runs/net-1a2b3c4d", error="out of memory").error
    'out of memory'
    """

    path: Path
    error: str | None = None


class SweepProgress(NamedTuple):
    """Progress of a sweep.

    Attributes
    ----------
    total, done, kept, running, failed : int
        Numbers of tasks; `done` includes tasks `kept` from an earlier start.
    fraction : float
        Fraction done or failed, weighted by duration, from 0 to 1.

    Examples
    --------
    >>> progress = cb.SweepProgress(10, done=4, kept=1, running=2, failed=0, fraction=0.4)
    >>> progress.total - progress.done - progress.running
    4
    """

    total: int
    done: int
    kept: int
    running: int
    failed: int
    fraction: float


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
        Number of concurrent runs, by default one per core; not used with an executor object.
    scheduler : str, optional
        Address of a Dask scheduler, for ``executor="dask"``.
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
    of_folder = Identity(experiment, settings, identity)
    with open_sweep_folder(Path(folder), of_folder, accept_mixture=accept_mixture) as folder:
        prepare(folder)
        drive = _Drive(tasks, paths, folder, on_progress)
        if isinstance(executor, Executor):
            drive.run(executor, most_at_once=None)
        else:
            n_workers = count_workers(workers)
            most_at_once = n_workers if executor == "processes" else None
            while drive.is_unfinished:
                with open_executor(executor, n_workers, folder, scheduler) as pool:
                    drive.run(pool, most_at_once, may_break=executor == "processes")
        drive.raise_if_all_failed()
        return drive.results()


def run_task(
    run: RunTask, path: Path, settings: Mapping[str, Any], needed: Sequence[Path]
) -> str | None:
    """Make one run, in any process; return the error message, or None."""
    leave_launcher()
    if is_run(path):
        return None
    try:
        run(path, settings, needed)
    except CerebellaError as error:
        return None if is_run(path) else str(error)
    except Exception:  # any fault of one run is its result, and the other runs go on
        return traceback.format_exc()
    return None


@dataclass
class _Drive:
    """The state of each task, and the loop that submits and collects them."""

    tasks: list[Task]
    paths: dict[str, Path]
    folder: Path
    on_progress: Callable[[SweepProgress], None]
    waiting: dict[str, Task] = field(default_factory=dict)
    in_flight: dict[Future[str | None], Task] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    n_kept: int = 0

    def __post_init__(self) -> None:
        self.done = {name for name, path in self.paths.items() if is_run(path)}
        self.n_kept = len(self.done)
        self.waiting = {task.name: task for task in self.tasks if task.name not in self.done}

    @property
    def is_unfinished(self) -> bool:
        return bool(self.waiting or self.in_flight)

    def run(self, executor: Executor, most_at_once: int | None, *, may_break: bool = False) -> None:
        """Run unfinished tasks; return early if the executor breaks and `may_break` is set."""
        try:
            while self.is_unfinished:
                self._submit(executor, most_at_once)
                self._report()
                finished, _ = wait(self.in_flight, _TICK_S, FIRST_COMPLETED)
                for future in finished:
                    self._collect(future)
        except BrokenExecutor as error:
            for task in self.in_flight.values():
                self._failed_once(task, "the process that ran it died")
            self.in_flight.clear()
            if not may_break:
                raise SimulationError(
                    f"the executor accepts no more runs ({error}). Finished runs are kept; start "
                    "the same command again to resume"
                ) from error
        finally:
            for future in self.in_flight:
                future.cancel()
            self._report()

    def results(self) -> dict[str, TaskResult]:
        return {name: TaskResult(path, self.failed.get(name)) for name, path in self.paths.items()}

    def raise_if_all_failed(self) -> None:
        """Raise SimulationError if no task has a result that no other task needs."""
        needed = {name for task in self.tasks for name in task.after}
        last = [task.name for task in self.tasks if task.name not in needed]
        if last and all(name in self.failed for name in last):
            name, error = next(iter(self.failed.items()))
            lines = error.strip().splitlines()
            raise SimulationError(
                f"all {len(last)} runs failed, for example {name}: "
                f"{lines[-1] if lines[0].startswith('Traceback') else lines[0]}\n"
                f"All errors are in {self.folder / FAILED_FILE}; the same command retries the runs"
            )

    def _submit(self, executor: Executor, most_at_once: int | None) -> None:
        """Submit ready tasks; fail tasks that depend on a failed one."""
        for name, task in list(self.waiting.items()):
            if lost := [other for other in task.after if other in self.failed]:
                del self.waiting[name]
                self._fail(task, f"depends on {lost[0]}, which failed")
            elif most_at_once is not None and len(self.in_flight) >= most_at_once:
                return
            elif self.done.issuperset(task.after):
                needed = [self.paths[other] for other in task.after]
                future = executor.submit(
                    run_task, task.run, self.paths[name], {**task.settings, **task.labels}, needed
                )
                self.in_flight[future] = self.waiting.pop(name)

    def _collect(self, future: Future[str | None]) -> None:
        """Record the outcome of a task."""
        try:
            error = future.result()
        except BrokenExecutor:
            raise
        except Exception as reason:
            error = f"{type(reason).__name__}: {reason}"
        task = self.in_flight.pop(future)
        if error is None and not is_run(self.paths[task.name]):
            error = f"no run was written to {self.paths[task.name]}"
        if error is None:
            self.done.add(task.name)
        else:
            self._failed_once(task, error)

    def _failed_once(self, task: Task, error: str) -> None:
        self.attempts[task.name] = self.attempts.get(task.name, 0) + 1
        if self.attempts[task.name] < MOST_ATTEMPTS:
            self.waiting[task.name] = task
        else:
            self._fail(task, error)

    def _fail(self, task: Task, error: str) -> None:
        self.failed[task.name] = error
        save_failures(self.folder, self.failed)

    def _report(self) -> None:
        over = sum(p.weight for p in self.tasks if p.name in self.done or p.name in self.failed)
        self.on_progress(
            SweepProgress(
                len(self.tasks),
                len(self.done),
                self.n_kept,
                len(self.in_flight),
                len(self.failed),
                over / (sum(task.weight for task in self.tasks) or 1.0),
            )
        )
