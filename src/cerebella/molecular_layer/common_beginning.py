"""Levels of synchrony of one network in one trial: their common beginning is simulated once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from cerebella.molecular_layer.engines import integrate_beginning
from cerebella.molecular_layer.planned_run import plan_run
from cerebella.molecular_layer.simulate import finished_run
from cerebella.network.network import Network
from cerebella.runs.common_beginning import rests_of_runs
from cerebella.runs.run import Run


def begin_levels(
    network: Network, levels: Iterable[int], **arguments: Any
) -> list[Callable[[], Run]]:
    """Simulate a network up to the first climbing-fiber spike in which levels of synchrony differ.

    Engines other than that of this package simulate each run as a whole.

    Parameters
    ----------
    network : Network
        The network.
    levels : iterable of int
        Levels of synchrony.
    **arguments
        Arguments of `simulate_mli` for all runs, except for ``cf_sync``, ``out``, ``force`` and
        ``progress``.

    Returns
    -------
    list of callable
        For each level, simulates the rest and returns the run, which is that of `simulate_mli`; its
        times include those of the beginning. They may be called in several threads.

    Raises
    ------
    InputError, MachineError
        See `simulate_mli`.
    """
    start = time.perf_counter()
    planned = [plan_run(network, cf_sync=level, **arguments) for level in levels]
    one, *_ = planned
    rests = integrate_beginning(
        one.engine, one.acting, one.network, [run.reaching for run in planned]
    )
    return rests_of_runs(planned, rests, finished_run, start)
