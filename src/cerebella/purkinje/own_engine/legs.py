"""Runs of a Purkinje cell on the engine of this package: integration in legs, with recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from cerebella.compiled.synaptic_events import Events, first_difference
from cerebella.machine import peak_memory_MB
from cerebella.morphology.morphology import Morphology
from cerebella.purkinje.own_engine.arrays import Electrodes, Synapses
from cerebella.purkinje.own_engine.common_beginning import continued_with
from cerebella.purkinje.own_engine.integrate import (
    Simulation,
    advance_to,
    place_synapses,
    set_up,
)
from cerebella.purkinje.own_engine.sampling import Plan, initial_values, plan_recorder
from cerebella.purkinje.recordings import plan_recordings
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.stimulation import clamping_of, injection_of
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.runs.progress import Reporter

_LEG_MS = 10.0
"""Simulated time between two reports of progress, which are also the moments of interruption."""


def integrate(
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    reporter: Reporter,
    *,
    in_doubles: bool,
) -> PurkinjeResult:
    """Integrate in this process, on one core.

    Parameters
    ----------
    request : PurkinjeRequest
        The run.
    morphology : Morphology
        The cell.
    events : SynapticEvents
        Synapses and their events.
    reporter : Reporter
        Receives the fraction done.
    in_doubles : bool
        Use doubles everywhere, instead of singles with remainders in dendrites.

    Returns
    -------
    PurkinjeResult
    """
    integration = _begin(request, morphology, events, in_doubles=in_doubles)
    _advance(integration, integration.n_steps, reporter)
    return _result_of(integration)


def integrate_beginning(
    request: PurkinjeRequest,
    morphology: Morphology,
    events: Sequence[SynapticEvents],
    *,
    in_doubles: bool,
) -> list[Callable[[], PurkinjeResult]]:
    """Integrate up to the first difference between the events of several runs.

    Parameters
    ----------
    request, morphology, in_doubles
        As in `integrate`, the same for all runs.
    events : sequence of SynapticEvents
        Those of each run.

    Returns
    -------
    list of callable
        For each run, integrates its rest and returns its result, which is that of `integrate`. They
        may be called in several threads.
    """
    integration = _begin(request, morphology, events[0], in_doubles=in_doubles)
    cell = integration.simulation.cell
    placed = [place_synapses(of_run, cell, request.parameters) for of_run in events]
    until = first_difference([due for _, due in placed])
    _advance(integration, min(until, integration.n_steps), Reporter())

    def finish(synapses: Synapses, due: Events) -> PurkinjeResult:
        rest = _continued(integration, continued_with(integration.simulation, synapses, due))
        _advance(rest, rest.n_steps, Reporter())
        return _result_of(rest)

    return [partial(finish, *of_run) for of_run in placed]


@dataclass
class _Integration:
    """A run that has been integrated up to a step, with samples until then."""

    simulation: Simulation
    plan: Plan
    electrodes_of: Callable[[int, int], Electrodes]
    samples: list[npt.NDArray[np.floating]]
    n_steps: int
    leg: int
    set_up_s: float
    step: int = 0
    solve_s: float = 0.0
    solve_cpu_s: float = 0.0


def _begin(
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    *,
    in_doubles: bool,
) -> _Integration:
    """Return a run at its start."""
    began = time.perf_counter()
    step_ms = request.parameters.time_step_ms
    simulation = set_up(request.parameters, morphology, events, in_doubles=in_doubles)
    injection, clamping = injection_of(request, morphology), clamping_of(request, morphology)
    injected, clamped = (simulation.cell.place[one.place] for one in (injection, clamping))

    def electrodes_of(first: int, stop: int) -> Electrodes:
        currents_nA, commands = injection.currents_nA(first, stop), clamping.commands(first, stop)
        return Electrodes(injected, currents_nA, clamped, *commands)

    set_up_s = time.perf_counter() - began
    plan = plan_recorder(simulation.cell, plan_recordings(request, morphology))
    n_steps = round(request.duration_ms / step_ms)
    samples = _memory_for(plan, n_steps)
    for values, start in zip(samples, initial_values(plan, simulation.cell), strict=True):
        values[0] = start
    leg = max(1, round(_LEG_MS / step_ms))
    return _Integration(simulation, plan, electrodes_of, samples, n_steps, leg, set_up_s)


def _memory_for(plan: Plan, n_steps: int) -> list[npt.NDArray[np.floating]]:
    return [
        np.empty((n_steps // recording.every + 1, len(recording.compartments)), recording.dtype)
        for recording in plan.recordings
    ]


def _advance(run: _Integration, until: int, reporter: Reporter) -> None:
    """Integrate up to a step."""
    began, cpu_s = time.perf_counter(), time.process_time()
    while run.step < until:
        first, stop = run.step, min(run.step + run.leg, until)
        electrodes = run.electrodes_of(first, stop)
        new = advance_to(stop, run.simulation, first, run.plan, electrodes)
        for recording, values, taken in zip(run.plan.recordings, run.samples, new, strict=True):
            values[first // recording.every + 1 : stop // recording.every + 1] = taken
        run.step = stop
        reporter(stop / run.n_steps)
    run.solve_s += time.perf_counter() - began
    run.solve_cpu_s += time.process_time() - cpu_s


def _continued(beginning: _Integration, simulation: Simulation) -> _Integration:
    """Return a run that goes on with another simulation, and has the samples of its beginning."""
    samples = _memory_for(beginning.plan, beginning.n_steps)
    for recording, values, known in zip(
        beginning.plan.recordings, samples, beginning.samples, strict=True
    ):
        own = slice(beginning.step // recording.every + 1)
        values[own] = known[own]
    return replace(beginning, simulation=simulation, samples=samples)


def _result_of(run: _Integration) -> PurkinjeResult:
    """Return the result of a finished run; its times include those of a common beginning."""
    by_name = {
        recording.name: values
        for recording, values in zip(run.plan.recordings, run.samples, strict=True)
    }
    timings_s = {"set_up": run.set_up_s, "solve": run.solve_s, "solve_cpu": run.solve_cpu_s}
    return PurkinjeResult(by_name, timings_s, peak_memory_MB())
