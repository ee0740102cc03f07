"""A sweep on Slurm: all runs are submitted at once, as job arrays, and collected."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence

from cerebella.errors import InputError, MachineError, SimulationError, SweepDetached
from cerebella.runs.directory import is_run
from cerebella.sweeps import slurm
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.slurm_options import SlurmOptions, time_limit_min
from cerebella.sweeps.state import SweepState
from cerebella.sweeps.task import Task

ASK_EVERY_S = (2.0, 30.0)
"""Shortest and longest interval in s between questions to Slurm."""

VISIBLE_S = 15.0
"""Time in s after which files of another machine are visible on a shared file system."""

SILENT_S = 600.0
"""Time in s for which Slurm may be silent, for example while it is restarted."""


def run_on_slurm(
    state: SweepState, options: SlurmOptions, *, at_once: int | None, detach: bool
) -> None:
    """Submit all unfinished tasks of a sweep and wait for them.

    A task that depends on others is submitted with them and starts when their arrays have ended.
    Jobs of an earlier call are waited for, not submitted again.

    Parameters
    ----------
    state : SweepState
        The sweep.
    options : SlurmOptions
        Options of the jobs.
    at_once : int or None
        Maximum number of runs of an array at the same time.
    detach : bool
        Submit, but do not wait.

    Raises
    ------
    SweepDetached
        Runs are submitted, and `detach` is set.
    InputError
        Slurm refuses the options, or could never start the jobs.
    MachineError, SimulationError
        Slurm does not answer.
    """
    _attach(state)
    shortest, interval = ASK_EVERY_S[0], ASK_EVERY_S[0]
    try:
        while True:
            queue = _read_queue_patiently()
            if _collect(state, queue):
                interval = shortest
            _submit(state, options, at_once)
            state.report()
            if not state.is_unfinished:
                if not state.failed:
                    slurm.remove_all_files(state.folder)
                return
            if detach:
                raise _detached(state)
            _refuse_stuck_jobs(state, queue)
            _wait(state, interval)
            interval = min(1.5 * interval, ASK_EVERY_S[1])
    except (KeyboardInterrupt, SystemExit):
        if not detach:
            slurm.cancel(state.in_flight)
            slurm.save_jobs(state.folder, {})
        raise


def _attach(state: SweepState) -> None:
    """Take the jobs of an earlier call as submitted."""
    tasks = {state.paths[task.name].name: task for task in state.waiting.values()}
    for name, job in slurm.load_jobs(state.folder).items():
        if name in tasks:
            state.submitted(tasks[name], job)
        else:
            slurm.remove_files(state.folder, job)
    _save(state)


def _save(state: SweepState) -> None:
    jobs = {state.paths[task.name].name: job for job, task in state.in_flight.items()}
    slurm.save_jobs(state.folder, jobs)


def _read_queue_patiently() -> Mapping[str, slurm.Queued]:
    """Return the queue; a Slurm that is restarted is waited for."""
    start = time.monotonic()
    while True:
        try:
            return slurm.read_queue()
        except MachineError as error:
            if time.monotonic() - start > SILENT_S:
                raise SimulationError(
                    f"Slurm has been silent for {SILENT_S / 60:.0f} min ({error}). Jobs that were "
                    "submitted go on; the same command collects them"
                ) from error
        time.sleep(ASK_EVERY_S[1])


def _collect(state: SweepState, queue: Mapping[str, slurm.Queued]) -> bool:
    """Note which jobs have ended, in the order of the tasks; return whether any has."""
    order = {task.name: i for i, task in enumerate(state.tasks)}
    over = {
        job: task
        for job, task in sorted(state.in_flight.items(), key=lambda item: order[item[1].name])
        if job not in queue or is_run(state.paths[task.name])
    }
    _wait_until_visible(state, over)
    for job, task in over.items():
        path = state.paths[task.name]
        if is_run(path):
            state.ended(job, None)
            slurm.remove_files(state.folder, job)
        elif not state.done.issuperset(task.after):
            state.put_back(job)  # it depends on a run that is repeated, or lost
        else:
            state.ended(job, slurm.why_ended(state.folder, path, job))
    if over:
        _save(state)
    return bool(over)


def _wait_until_visible(state: SweepState, over: Mapping[str, Task]) -> None:
    """Wait a moment for runs and errors that ended jobs wrote on another machine."""
    end = time.monotonic() + VISIBLE_S
    paths = [state.paths[task.name] for task in over.values()]
    while time.monotonic() < end:
        list((state.folder / RUNS).iterdir())  # which makes NFS ask for new entries
        paths = [
            path
            for path in paths
            if not is_run(path) and not slurm.error_file(state.folder, path).exists()
        ]
        if not paths:
            return
        _wait(state, 1.0)


def _submit(state: SweepState, options: SlurmOptions, at_once: int | None) -> None:
    """Submit all waiting tasks, dependent ones after the arrays of those they depend on."""
    while ready := state.ready(after_submitted=True):
        ready.sort(key=lambda task: task.cores)
        for _, group in itertools.groupby(ready, key=lambda task: task.cores):
            tasks = list(group)
            for first in range(0, len(tasks), options.array_size):
                _submit_array(state, tasks[first : first + options.array_size], options, at_once)


def _submit_array(
    state: SweepState, tasks: Sequence[Task], options: SlurmOptions, at_once: int | None
) -> None:
    job_of = {task.name: job for job, task in state.in_flight.items()}
    after = {job_of[name] for task in tasks for name in task.after if name in job_of}
    jobs = slurm.submit_array(
        state.folder,
        [(task, state.paths[task.name], state.needed_by(task)) for task in tasks],
        options,
        time_min=time_limit_min([task.seconds for task in tasks]),
        at_once=at_once,
        after=after,
    )
    for task, job in zip(tasks, jobs, strict=True):
        state.submitted(task, job)
    _save(state)


def _refuse_stuck_jobs(state: SweepState, queue: Mapping[str, slurm.Queued]) -> None:
    """Cancel all jobs and raise InputError if one of them could never start."""
    for job in state.in_flight:
        if job in queue and not queue[job].can_start:
            slurm.cancel(state.in_flight)
            slurm.save_jobs(state.folder, {})
            raise InputError(
                f"Slurm could never start job {job} ({queue[job].reason}); all jobs of the sweep "
                "were canceled",
                remedy="Give other options with `slurm`, such as time, partition or account",
            )


def _detached(state: SweepState) -> SweepDetached:
    failed = f", {len(state.failed)} failed" if state.failed else ""
    return SweepDetached(
        f"{len(state.done)} of {len(state.tasks)} runs are finished{failed}, "
        f"{len(state.in_flight)} in the queue of Slurm "
        f"({slurm.describe_jobs(state.in_flight)}). The same command collects them"
    )


def _wait(state: SweepState, seconds: float) -> None:
    """Wait, and report progress each second."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(1.0, left))
        state.report()
