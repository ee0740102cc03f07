"""What does climbing-fibre synchrony do? Levels × trials of one network, side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from cerebella.molecular_layer.simulate import MLISimulation, simulate_mli
from cerebella.network.network import Network


class _CancelledError(Exception):
    """Raised inside a simulation's progress call, to end it."""


def run_cf_synchrony(
    network: Network,
    levels: Iterable[int] = (0, 8),
    trials: Iterable[int] = (1,),
    *,
    workers: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
    **options: Any,
) -> dict[int, list[MLISimulation]]:
    """Simulate every level in every trial; trials of different levels share their streams.

    Parameters
    ----------
    levels : CF synchrony levels of the network.
    trials : trial numbers; in one trial all levels get the same PF trains, bias and delays.
    workers : simulations at a time, each in its own process; by default one for each core.
    on_progress : called with the fraction done, from 0 to 1.
    options : further arguments of `simulate_mli`.

    Returns
    -------
    {level: [simulation of each trial]}
    """
    conditions = [(level, trial) for trial in trials for level in levels]
    done = dict.fromkeys(conditions, 0.0)
    stop = Event()

    def simulate(level: int, trial: int) -> MLISimulation:
        def report(fraction: float) -> None:
            if stop.is_set():
                raise _CancelledError
            done[level, trial] = fraction
            on_progress(sum(done.values()) / len(done))

        return simulate_mli(network, cf_sync=level, trial=trial, on_progress=report, **options)

    # Each simulation is a process, so threads are enough to wait for them.
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        futures = {condition: pool.submit(simulate, *condition) for condition in conditions}
        try:
            results = {condition: future.result() for condition, future in futures.items()}
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {
        level: [result for (of_level, _), result in results.items() if of_level == level]
        for level in dict.fromkeys(level for level, _ in conditions)
    }
