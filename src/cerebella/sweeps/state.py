"""State of a sweep while it runs: which tasks wait, run, are done or have failed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import SimulationError
from cerebella.runs.directory import is_run
from cerebella.sweeps.folder import FAILED_FILE, save_failures
from cerebella.sweeps.task import Batch, Task

MOST_ATTEMPTS = 2


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


def _size_of(batch: Batch, left: int, workers: int | None) -> int:
    """Return the size of the next batch if `left` runs are left that are made like its own."""
    if not batch.in_turn:
        return batch.size
    return min(batch.size, math.ceil(left / workers)) if workers else 1


@dataclass
class SweepState:
    """The state of each task.

    Attributes
    ----------
    tasks : list of Task
        All tasks, each after its dependencies.
    paths : dict of str to Path
        {name of a task: its run directory}.
    folder : Path
        The sweep's directory.
    on_progress : callable
        Called by `report` with a `SweepProgress`.
    waiting, in_flight : dict
        Tasks that are not submitted, by name, and that are, by future or job.
    done : set of str
        Names of finished tasks.
    failed, attempts : dict
        Error of tasks that failed for good, and number of failures of others, by name.
    """

    tasks: list[Task]
    paths: dict[str, Path]
    folder: Path
    on_progress: Callable[[SweepProgress], None]
    waiting: dict[str, Task] = field(default_factory=dict)
    in_flight: dict[Any, Task] = field(default_factory=dict)
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
        """Whether tasks wait or run."""
        return bool(self.waiting or self.in_flight)

    def ready(self, *, after_submitted: bool = False) -> list[Task]:
        """Return waiting tasks whose dependencies are done, and fail those that lost one.

        Parameters
        ----------
        after_submitted : bool
            Accept dependencies that are submitted only.

        Returns
        -------
        list of Task
        """
        for task in list(self.waiting.values()):
            if lost := [other for other in task.after if other in self.failed]:
                del self.waiting[task.name]
                self._fail(task, f"depends on {lost[0]}, which failed")
        reached = set(self.done)
        if after_submitted:
            reached.update(task.name for task in self.in_flight.values())
        return [task for task in self.waiting.values() if reached.issuperset(task.after)]

    def submissions(self, workers: int | None = None) -> list[list[Task]]:
        """Return tasks that are ready, those of equal batches together.

        A task that failed is submitted alone, so that it does not take others with it again. Tasks
        whose batch is not complete wait for the others, unless nothing else happens.

        Parameters
        ----------
        workers : int, optional
            Number of workers, if known.
        """
        found: list[list[Task]] = []
        filling: dict[Batch, tuple[list[Task], int]] = {}
        ready = self.ready()
        names = {task.name for task in ready}
        growing = {task.batch for task in self.waiting.values() if task.name not in names}
        held: list[Task] = []
        left = Counter(task.batch.run for task in self.waiting.values() if task.batch is not None)
        for task in ready:
            if task.batch is None or task.name in self.attempts:
                found.append([task])
                continue
            if task.batch in growing:
                held.append(task)
                continue
            group, size = filling.get(task.batch, ([], 0))
            if len(group) == size:
                group, size = [], _size_of(task.batch, left[task.batch.run], workers)
                filling[task.batch] = group, size
                found.append(group)
            group.append(task)
            left[task.batch.run] -= 1
        return found or [[task] for task in held if not self.in_flight]

    def needed_by(self, task: Task) -> list[Path]:
        """Return the run directories that a task depends on."""
        return [self.paths[other] for other in task.after]

    def submitted(self, task: Task, handle: Hashable) -> None:
        """Note that a waiting task is submitted, under a future or job."""
        self.in_flight[handle] = self.waiting.pop(task.name)

    def ended(self, handle: Hashable, error: str | None) -> None:
        """Note that a task ended, without error or with one; the first time it is tried again."""
        task = self.in_flight.pop(handle)
        if error is None and not is_run(self.paths[task.name]):
            error = f"no run was written to {self.paths[task.name]}"
        if error is None:
            self.done.add(task.name)
            return
        self.attempts[task.name] = self.attempts.get(task.name, 0) + 1
        if self.attempts[task.name] < MOST_ATTEMPTS:
            self.waiting[task.name] = task
        else:
            self._fail(task, error)

    def put_back(self, handle: Hashable) -> None:
        """Let a submitted task wait again, which does not count as a failure."""
        task = self.in_flight.pop(handle)
        self.waiting[task.name] = task

    def report(self) -> None:
        """Report progress."""
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

    def results(self) -> dict[str, TaskResult]:
        """Return the result of each task.

        Raises
        ------
        SimulationError
            All tasks failed that no other task needs.
        """
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
        return {name: TaskResult(path, self.failed.get(name)) for name, path in self.paths.items()}

    def _fail(self, task: Task, error: str) -> None:
        self.failed[task.name] = error
        save_failures(self.folder, self.failed)
