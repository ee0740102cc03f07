"""What does climbing-fiber synchrony do? Levels × trials of one network, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from cerebella.molecular_layer.simulate import MLISimulation, simulate_mli
from cerebella.network.network import Network
from cerebella.sweeps.in_parallel import run_in_parallel


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
    results = run_in_parallel(
        {
            (level, trial): partial(_simulate, network, level, trial, options)
            for level, trial in conditions
        },
        workers=workers,
        on_progress=on_progress,
    )
    return {
        level: [result for (of_level, _), result in results.items() if of_level == level]
        for level in dict.fromkeys(level for level, _ in conditions)
    }


def _simulate(
    network: Network,
    level: int,
    trial: int,
    options: Mapping[str, Any],
    report: Callable[[float], None],
) -> MLISimulation:
    return simulate_mli(network, cf_sync=level, trial=trial, on_progress=report, **options)
