"""Many runs, some of which need others, on any executor; what is finished is never repeated.

A sweep is a directory:

sweep.json    which experiment, under which settings
runs/NAME-KEY a run directory for each task; KEY is the hash of its settings
failed.json   tasks that failed, with their errors

A task is finished if and only if its run is complete, so that whatever is killed, the driver, a
worker or the machine, costs the runs in flight and nothing else. Workers need no more than the
same files under the same path.
"""

from __future__ import annotations

import hashlib
import json
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

from cerebella.errors import CerebellaError, InputError, SimulationError
from cerebella.neuron_backend.session import leave_launcher
from cerebella.results.run_directory import is_run
from cerebella.sweeps.executors import (
    ExecutorName,
    check_executor,
    count_workers,
    open_executor,
)
from cerebella.sweeps.folder import RUNS, open_sweep_folder, save_failures

RunTask = Callable[[Path, Mapping[str, Any], Sequence[Path]], None]
"""Makes the run directory (1) from settings (2) and the finished runs that it needs (3)."""

MOST_ATTEMPTS = 2
_KEY_LENGTH = 8
_TICK_S = 1.0


class Task(NamedTuple):
    """One run of a sweep.

    Attributes
    ----------
    name : unique within the sweep; with the key it names the run's folder.
    run : makes the run; a function of a module, so that other processes find it.
    settings : all that it depends on beside the runs that it needs; what JSON can hold.
    after : names of the tasks whose runs it needs, in the order in which it gets them.
    weight : how long it takes, relative to the others.
    labels : more settings, on which the result does not depend, and so not the key either.
    """

    name: str
    run: RunTask
    settings: Mapping[str, Any]
    after: tuple[str, ...] = ()
    weight: float = 1.0
    labels: Mapping[str, Any] = {}


class TaskResult(NamedTuple):
    """What became of a task.

    Attributes
    ----------
    path : its run directory.
    error : None if the run is complete, else why it is not.
    """

    path: Path
    error: str | None = None


class SweepProgress(NamedTuple):
    """How far a sweep is.

    Attributes
    ----------
    total, done, kept, running, failed : tasks; `done` includes those `kept` from an earlier start.
    fraction : done or failed, by weight, from 0 to 1.
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
    executor: ExecutorName | Executor = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    prepare: Callable[[Path], None] = lambda folder: None,
    on_progress: Callable[[SweepProgress], None] = lambda progress: None,
) -> dict[str, TaskResult]:
    """Run all tasks that are not finished yet, each after those that it needs.

    A task that fails is tried once more; if it fails again, it and those that need it are
    listed with their errors, and tried again by the next start.

    Parameters
    ----------
    folder : the sweep's directory; made if it is not there.
    tasks : more, fewer or other ones than at an earlier start are welcome.
    experiment, settings : what all tasks of the folder have in common, whenever they are run.
    executor : one of `EXECUTORS`, or any `concurrent.futures.Executor`, which stays open.
    workers : runs at a time; by default one for each core. An executor of yours decides itself.
    scheduler : address of a Dask scheduler, for ``executor="dask"``.
    prepare : called with the folder before the first run, to write there what all runs read.
    on_progress : called at least once a second.

    Returns
    -------
    {name: result}, in the order of `tasks`.

    Raises
    ------
    InputError : the folder is of another experiment or other settings, holds something else, or
        another process is at work there; two tasks have one name, or a task needs an unknown one.
    MachineError : the executor's library is missing, or its scheduler cannot be reached.
    SimulationError : the executor gave up; finished runs are kept.
    """
    tasks = list(tasks)
    paths = task_paths(folder, tasks)
    if not isinstance(executor, Executor):
        check_executor(executor, scheduler)
    with open_sweep_folder(Path(folder), experiment, settings) as folder:
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
        return drive.results()


def task_paths(folder: Path | str, tasks: Sequence[Task]) -> dict[str, Path]:
    """Return the run directory of each task, {name: path}; it need not exist.

    Raises
    ------
    InputError : see `run_sweep`.
    """
    keys: dict[str, str] = {}
    for task in tasks:
        if task.name in keys:
            raise InputError(f"two tasks are called {task.name!r}", remedy="Name each once")
        strangers = [name for name in task.after if name not in keys]
        if strangers:
            raise InputError(
                f"task {task.name!r} needs {strangers[0]!r}, which does not come before it"
            )
        identity = [
            f"{task.run.__module__}.{task.run.__qualname__}",
            task.settings,
            [keys[name] for name in task.after],
        ]
        text = json.dumps(identity, sort_keys=True, allow_nan=False)
        keys[task.name] = hashlib.sha256(text.encode()).hexdigest()
    runs = Path(folder).absolute() / RUNS
    return {name: runs / f"{name}-{key[:_KEY_LENGTH]}" for name, key in keys.items()}


def run_task(
    run: RunTask, path: Path, settings: Mapping[str, Any], needed: Sequence[Path]
) -> str | None:
    """Make one run, in whichever process; return None, or what went wrong."""
    leave_launcher()
    if is_run(path):
        return None
    try:
        run(path, settings, needed)
    except CerebellaError as error:
        return None if is_run(path) else str(error)
    except Exception:
        return traceback.format_exc()
    return None


@dataclass
class _Drive:
    """Which tasks wait, are in flight, done or failed, and the loop that moves them on."""

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
        """Run what is not finished; return early if the executor breaks and `may_break`."""
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
                    f"the executor takes no more runs ({error}); finished ones are kept, and the "
                    "same command goes on"
                ) from error
        finally:
            for future in self.in_flight:
                future.cancel()
            self._report()

    def results(self) -> dict[str, TaskResult]:
        return {name: TaskResult(path, self.failed.get(name)) for name, path in self.paths.items()}

    def _submit(self, executor: Executor, most_at_once: int | None) -> None:
        """Hand over what is ready, and give up what needs a task that failed."""
        for name, task in list(self.waiting.items()):
            if lost := [other for other in task.after if other in self.failed]:
                del self.waiting[name]
                self._fail(task, f"needs {lost[0]}, which failed")
            elif most_at_once is not None and len(self.in_flight) >= most_at_once:
                return
            elif self.done.issuperset(task.after):
                needed = [self.paths[other] for other in task.after]
                future = executor.submit(
                    run_task, task.run, self.paths[name], {**task.settings, **task.labels}, needed
                )
                self.in_flight[future] = self.waiting.pop(name)

    def _collect(self, future: Future[str | None]) -> None:
        """Note what came of a task."""
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
