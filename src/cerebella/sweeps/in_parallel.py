"""Several simulations at a time, with one progress for all, ended together if one fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")


class _CanceledError(Exception):
    """Raised inside a simulation's progress call, to end it."""


def run_in_parallel(
    tasks: Mapping[Key, Callable[[Callable[[float], None]], Result]],
    *,
    workers: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> dict[Key, Result]:
    """Run simulations that are processes of their own; threads are enough to wait for them.

    Parameters
    ----------
    tasks : {key: function of `report`}, which has to call `report` now and then with the
        fraction done, from 0 to 1.
    workers : how many at a time; by default one for each core.
    on_progress : called with the fraction done of all tasks.

    Returns
    -------
    {key: result}, in the order of `tasks`.

    Raises
    ------
    What the first task that fails raises; the others are ended at their next report.
    """
    done = dict.fromkeys(tasks, 0.0)
    stop = Event()

    def run(key: Key, task: Callable[[Callable[[float], None]], Result]) -> Result:
        def report(fraction: float) -> None:
            if stop.is_set():
                raise _CanceledError
            done[key] = fraction
            on_progress(sum(done.values()) / len(done))

        return task(report)

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        futures = {key: pool.submit(run, key, task) for key, task in tasks.items()}
        try:
            return {key: future.result() for key, future in futures.items()}
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
