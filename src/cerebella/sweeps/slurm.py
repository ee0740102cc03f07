"""Slurm: job arrays through submitit, and their state through squeue.

Jobs outlive the process that submitted them. Their ids are in ``slurm/jobs.json`` in the folder of
the sweep, so that another process can wait for them, and the error of a run is a text file there.
Nothing that a job wrote is unpickled.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import InputError, MachineError
from cerebella.results.atomic import atomic_file
from cerebella.runs.directory import is_run
from cerebella.sweeps.slurm_options import SlurmOptions
from cerebella.sweeps.task import RunTask, Task, run_task

FOLDER, JOBS_FILE = "slurm", "jobs.json"
CLUSTER = "slurm"
"""Where submitit starts jobs; tests also use its local processes."""

_ANSWER_S = 60.0
_JOB = re.compile(r"\d+(_\d+)?")
_NEVER = {
    "AccountNotAllowed",
    "BadConstraints",
    "InvalidAccount",
    "InvalidQOS",
    "PartitionNodeLimit",
    "PartitionTimeLimit",
    "QOSNotAllowed",
}
"""Reasons for which a job would wait forever."""


class Queued(NamedTuple):
    """A job in the queue.

    Attributes
    ----------
    state, reason : str
        Words of Slurm, such as PENDING and Priority.
    """

    state: str
    reason: str

    @property
    def can_start(self) -> bool:
        """Whether the job can start without a change of its options."""
        return self.state != "PENDING" or self.reason not in _NEVER


def check_slurm() -> None:
    """Raise MachineError unless Slurm is on this machine and answers."""
    if shutil.which("sbatch") is None:
        raise MachineError(
            "Slurm is not on this machine (no sbatch on PATH). Start the command on a login node "
            "of the cluster, or give `executor` processes to run on this machine"
        )
    read_queue()


def read_queue() -> dict[str, Queued]:
    """Return the jobs of this user that have not ended, by job id.

    Raises
    ------
    MachineError
        Slurm does not answer.
    """
    command = ["squeue", "--noheader", "--array", "--user", str(os.getuid())]
    rows = _ask([*command, "--format", "%i|%T|%r"]).splitlines()
    parts = (row.strip().split("|") for row in rows)
    return {job[0]: Queued(job[1], job[2]) for job in parts if len(job) == 3}


def submit_array(
    folder: Path,
    tasks: Sequence[tuple[Task, Path, list[Path]]],
    options: SlurmOptions,
    *,
    time_min: int,
    at_once: int | None,
    after: Iterable[str],
) -> list[str]:
    """Submit runs as a job array.

    Parameters
    ----------
    folder : Path
        The sweep's directory.
    tasks : sequence of (Task, Path, list of Path)
        Tasks that need equally many cores, their run directories, and those that they depend on.
    options : SlurmOptions
        Options of the jobs.
    time_min : int
        Time limit in min, unless `options` give one.
    at_once : int or None
        Maximum number of runs at the same time.
    after : iterable of str
        Job ids that must end before.

    Returns
    -------
    list of str
        Job ids in the order of `tasks`.

    Raises
    ------
    InputError
        sbatch refused the options.
    """
    import submitit  # pyright: ignore[reportMissingImports]
    from submitit.core.utils import FailedJobError  # pyright: ignore[reportMissingImports]

    executor = submitit.AutoExecutor(folder / FOLDER, cluster=CLUSTER)
    before = sorted({_array_of(job) for job in after})
    executor.update_parameters(
        name="cerebella",
        timeout_min=time_min,
        cpus_per_task=tasks[0][0].cores,
        slurm_array_parallelism=at_once or len(tasks),
        slurm_use_srun=False,  # whose steps have one core, whatever the job has
        slurm_wckey="",
        slurm_dependency=f"afterany:{':'.join(before)}" if before else None,
        slurm_additional_parameters={k: v or True for k, v in options.sbatch.items()},
    )
    calls = [
        (task.run, path, {**task.settings, **task.labels}, needed, error_file(folder, path))
        for task, path, needed in tasks
    ]
    try:
        jobs = executor.map_array(run_in_job, *map(list, zip(*calls, strict=True)))
    except (FailedJobError, subprocess.CalledProcessError) as error:
        raise InputError(
            f"sbatch refused the jobs: {_first_lines(str(error))}",
            remedy="Correct `slurm`, the options of the jobs. Jobs submitted before go on",
        ) from error
    return [job.job_id for job in jobs]


def run_in_job(
    run: RunTask, path: Path, settings: Mapping[str, Any], needed: Sequence[Path], report: Path
) -> None:
    """Make one run in a job, and write its error, if any, to a text file."""
    report.unlink(missing_ok=True)
    missing = [one.name for one in needed if not is_run(one)]
    error = (
        f"needs {missing[0]}, which failed" if missing else run_task(run, path, settings, needed)
    )
    if error is not None:
        with atomic_file(report) as temporary:
            temporary.write_text(error, encoding="utf-8")


def why_ended(folder: Path, path: Path, job: str) -> str:
    """Return the error of a job that ended without a run, and remove its files if it is known."""
    report = error_file(folder, path)
    if report.exists():
        error = report.read_text(encoding="utf-8")
        report.unlink()
        return error
    logs = sorted((folder / FOLDER).glob(f"{job}_*_log.err"))
    text = logs[-1].read_text(errors="replace").strip() if logs else ""
    words = f"; its log ends: {_first_lines(text, last=True)}" if text else ""
    return (
        f"Slurm job {job} ended without a run ({_final_state(job)}){words}. If time or memory was "
        "short, give `slurm` time or mem_GB"
    )


def remove_files(folder: Path, job: str) -> None:
    """Remove the files of a job whose run is complete."""
    for file in (folder / FOLDER).glob(f"{job}_*"):
        file.unlink(missing_ok=True)


def remove_all_files(folder: Path) -> None:
    """Remove the files of all jobs of a sweep of which no run is left."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def cancel(jobs: Iterable[str]) -> None:
    """Cancel jobs; those that have ended are ignored."""
    arrays = sorted({_array_of(job) for job in jobs})
    if arrays:
        subprocess.run(["scancel", *arrays], capture_output=True, timeout=_ANSWER_S, check=False)


def load_jobs(folder: Path) -> dict[str, str]:
    """Return the jobs that were submitted for a sweep and not collected.

    Parameters
    ----------
    folder : Path
        The sweep's directory.

    Returns
    -------
    dict of str to str
        {name of a run directory: job id}.
    """
    file = folder / FOLDER / JOBS_FILE
    if not file.is_file():
        return {}
    try:
        jobs = json.loads(file.read_text(encoding="utf-8"))
        if all(_JOB.fullmatch(job) for job in jobs.values()):
            return jobs
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        pass
    raise InputError(
        "is not a list of Slurm jobs",
        file=file,
        remedy="Remove it; runs whose jobs still exist are then repeated",
    )


def save_jobs(folder: Path, jobs: Mapping[str, str]) -> None:
    """Write the jobs of `load_jobs`; without jobs, remove the file."""
    file = folder / FOLDER / JOBS_FILE
    if jobs:
        with atomic_file(file) as temporary:
            temporary.write_text(json.dumps(jobs, indent=1), encoding="utf-8")
    else:
        file.unlink(missing_ok=True)


def describe_jobs(jobs: Iterable[str]) -> str:
    """Return the ids of the arrays of jobs, such as "jobs 12, 13"."""
    return f"jobs {', '.join(sorted({_array_of(job) for job in jobs}, key=int))}"


def error_file(folder: Path, path: Path) -> Path:
    """Return the file for the error of the run at `path`."""
    return folder / FOLDER / f"{path.name}.error.txt"


def _array_of(job: str) -> str:
    return job.partition("_")[0]


def _final_state(job: str) -> str:
    """Return the state in which a job ended, such as TIMEOUT, as far as Slurm remembers."""
    for command, pattern in (
        (
            ["sacct", "--noheader", "--allocations", "--parsable2", "-o", "State", "-j", job],
            r"(\w+)",
        ),
        (["scontrol", "--oneliner", "show", "job", job], r"JobState=(\w+)"),
    ):
        try:
            found = re.search(pattern, _ask(command))
        except MachineError:
            continue
        if found:
            return found[1]
    return "state unknown"


def _ask(command: list[str]) -> str:
    """Return the output of a command of Slurm, or raise MachineError with its words."""
    try:
        asked = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"Slurm does not answer ({error}). Try again later") from error
    if asked.returncode:
        raise MachineError(
            f"Slurm does not answer ({_first_lines(asked.stderr)}). Try again later, or give "
            "`executor` processes to run on this machine"
        )
    return asked.stdout


def _first_lines(text: str, n: int = 3, *, last: bool = False) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-n:] if last else lines[:n])[:600]
