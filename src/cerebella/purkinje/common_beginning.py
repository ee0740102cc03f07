"""Runs of one cell that are the same at first: their common beginning is simulated once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from cerebella.purkinje.engines import integrate_beginning
from cerebella.purkinje.planned_run import plan_run
from cerebella.purkinje.simulate import finished_run
from cerebella.runs.common_beginning import rests_of_runs
from cerebella.runs.run import Run


def begin_cells(networks: Sequence[Run], **arguments: Any) -> list[Callable[[], Run]]:
    """Simulate a cell up to the first difference between the runs of the network that drive it.

    Runs at several levels of synchrony in one trial differ from the volley of climbing fibers on.
    Engines other than that of this package simulate each run as a whole.

    Parameters
    ----------
    networks : sequence of Run
        Runs of the network, of the same duration.
    **arguments
        Arguments of `simulate_purkinje` for all runs, except for ``out``, ``force`` and
        ``progress``.

    Returns
    -------
    list of callable
        For each run of the network, simulates the rest and returns the run of the cell, which is
        that of `simulate_purkinje`; its times include those of the beginning. They may be called
        in several threads.

    Raises
    ------
    InputError, MachineError
        See `simulate_purkinje`.
    """
    start = time.perf_counter()
    planned = [plan_run(network, **arguments) for network in networks]
    one, *_ = planned
    assert len({run.request.duration_ms for run in planned}) == 1
    rests = integrate_beginning(
        one.engine, one.request, one.morphology, [run.events for run in planned]
    )
    return rests_of_runs(planned, rests, finished_run, start)
