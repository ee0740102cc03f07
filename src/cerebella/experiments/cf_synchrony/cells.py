"""What does climbing-fiber synchrony do to a Purkinje cell? Runs of the network, one cell each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cerebella.molecular_layer.simulate import MLISimulation
from cerebella.purkinje.simulate import PurkinjeSimulation, simulate_purkinje
from cerebella.results.run_directory import Run
from cerebella.sweeps.in_parallel import run_in_parallel


def run_purkinje_synchrony(
    networks: Mapping[int, Sequence[MLISimulation | Run]],
    *,
    workers: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
    **options: Any,
) -> dict[int, list[PurkinjeSimulation]]:
    """Simulate a Purkinje cell for each run of the network, several at a time.

    In one trial all levels share the cell, its synapses and the streams of its own parallel
    fibers, so that they can be compared trial by trial.

    Parameters
    ----------
    networks : {level: runs of its trials}, from `run_cf_synchrony` or loaded.
    workers : simulations at a time, each in its own process; by default one for each core.
    on_progress : called with the fraction done, from 0 to 1.
    options : further arguments of `simulate_purkinje`.

    Returns
    -------
    {level: [simulation of each trial]}
    """
    results = run_in_parallel(
        {
            (level, place): partial(_simulate, run, options)
            for level, runs in networks.items()
            for place, run in enumerate(runs)
        },
        workers=workers,
        on_progress=on_progress,
    )
    return {
        level: [results[level, place] for place in range(len(runs))]
        for level, runs in networks.items()
    }


def _simulate(
    run: MLISimulation | Run, options: Mapping[str, Any], report: Callable[[float], None]
) -> PurkinjeSimulation:
    return simulate_purkinje(run, on_progress=report, **options)
