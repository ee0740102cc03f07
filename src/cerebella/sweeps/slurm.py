"""Slurm jobs as futures, through submitit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import submitit  # pyright: ignore[reportMissingImports]


class SlurmExecutor(ThreadPoolExecutor):
    """Submits each call as a separate job; without Slurm, as a local process.

    The threads only wait for their jobs.

    Parameters
    ----------
    folder : Path
        Folder for files of submitit: scripts, calls, results and logs of the jobs.
    workers : int
        Number of concurrent jobs.
    **asked
        Resources of a job, as arguments of `submitit.AutoExecutor.update_parameters`; by
        default one core for two hours.
    """

    def __init__(self, folder: Path, workers: int, **asked: Any) -> None:
        super().__init__(workers)
        self._submitter = submitit.AutoExecutor(folder)
        self._submitter.update_parameters(
            **({"name": "cerebella", "timeout_min": 120, "cpus_per_task": 1} | asked)
        )
        self._jobs: set[submitit.Job[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit a call as a job."""
        return super().submit(self._wait_for_job, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Refuse further calls; with `cancel_futures`, also cancel running jobs."""
        if cancel_futures:
            for job in list(self._jobs):
                job.cancel(check=False)
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _wait_for_job(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        job = self._submitter.submit(fn, *args, **kwargs)
        self._jobs.add(job)
        try:
            return job.result()
        finally:
            self._jobs.discard(job)
