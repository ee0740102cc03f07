"""Responses of a Purkinje cell to climbing fibers of several strengths, from one state.

Until its CF fires, a cell does not depend on the strength of the CF. It is simulated up to there
once, and from there for each strength. Until the events of two runs of the network differ, as
those of levels of synchrony do from the volley on, cells driven by them share their state, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.synaptic_events import first_difference
from cerebella.morphology.morphology import Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.planned_run import draw_synapses
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.recordings import Recording, sites_of, soma_recording, whole_cell
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents
from cerebella.results.time_grid import times_of_steps
from cerebella.results.traces import Traces
from cerebella.runs.request import validated
from cerebella.runs.run import Run

_SAMPLE_MS = 0.1

Floats = npt.NDArray[np.floating]


class CFResponse(NamedTuple):
    """Response of a cell to a CF.

    Attributes
    ----------
    soma_v : Traces
        Potential of the soma in mV at every time step, from the start of the simulation.
    peak_mV : ndarray of float32, shape (n_compartments,)
        Peak potential of each compartment after the CF.
    calcium : Traces
        Calcium in mM of all compartments around the CF.
    """

    soma_v: Traces
    peak_mV: npt.NDArray[np.float32]
    calcium: Traces


class ResponseWindow(NamedTuple):
    """What is recorded, relative to the spike of the CF.

    Attributes
    ----------
    before_ms : float
        Time before it from which calcium is recorded.
    after_ms : float
        Time after it until which calcium and potentials are recorded.
    soma_ms : float
        Time after it until which the soma is recorded, at least `after_ms`.
    """

    before_ms: float
    after_ms: float
    soma_ms: float


Respond = Callable[[float], CFResponse]
"""From the scale of the CF synapses to the response."""


def prepare_cf_responses(
    runs: Sequence[Run],
    morphology: Morphology,
    *,
    seed: int,
    parameters: PurkinjeParameters,
    window: ResponseWindow,
) -> list[Respond]:
    """Simulate a cell up to the spike of its CF, with the engine of this package.

    Parameters
    ----------
    runs : sequence of Run
        Runs of the network that drive the cell, each until at least the end of `window`.
    morphology : Morphology
        The cell.
    seed : int
        Seed of synapse placement and of PFs outside the network.
    parameters : PurkinjeParameters
        Parameters of the model; their CF scale is not used.
    window : ResponseWindow
        What is recorded.

    Returns
    -------
    list of Respond
        For each run, simulates the response to a CF of given scale. It gives what
        `simulate_purkinje` gives.

    Raises
    ------
    InputError
        The synapses do not fit the network, or it has no spikes.
    """
    steps = _steps_of(window, parameters)
    events = [_events_of(run, morphology, seed, parameters, window) for run in runs]
    return [
        _responder(state, of_run, steps, morphology, parameters)
        for state, of_run in zip(
            _states_at(steps, events, morphology, parameters), events, strict=True
        )
    ]


class _Steps(NamedTuple):
    """Time steps: the last one before the calcium recording, CF, end of both recordings."""

    begin: int
    cf: int
    until: int
    stop: int


class _State(NamedTuple):
    """A cell just before its CF, the plans of what is recorded after it, and samples until then."""

    simulation: Any
    whole: Any
    soma: Any
    soma_mV: list[Floats]
    calcium_mM: list[Floats]


def _steps_of(window: ResponseWindow, parameters: PurkinjeParameters) -> _Steps:
    cf_time_ms, step_ms = parameters.connections.cf_time_ms, parameters.time_step_ms
    assert cf_time_ms is not None
    begin, until, stop = (
        round((cf_time_ms + relative_ms) / step_ms)
        for relative_ms in (-window.before_ms, window.after_ms, window.soma_ms)
    )
    cf = int(cf_time_ms / step_ms)
    return _Steps(max(0, min(begin - 1, cf)), cf, until, stop)


def _events_of(
    run: Run,
    morphology: Morphology,
    seed: int,
    parameters: PurkinjeParameters,
    window: ResponseWindow,
) -> SynapticEvents:
    """Return the events of a cell with a CF of scale 1."""
    connections = parameters.connections
    assert connections.cf_time_ms is not None
    source = PresynapticNetwork.of(run, None)
    of_scale_1 = connections.model_copy(update={"cf_scale": 1.0})
    request = validated(
        PurkinjeRequest,
        {
            "parameters": parameters.model_copy(update={"connections": of_scale_1}),
            "duration_ms": connections.cf_time_ms + window.soma_ms,
            "trial": source.condition.trial,
            "seed": seed,
            "engine": "numba",
        },
    )
    return draw_synapses(morphology, request, source)[2]


def _states_at(
    steps: _Steps,
    events: Sequence[SynapticEvents],
    morphology: Morphology,
    parameters: PurkinjeParameters,
) -> list[_State]:
    """Return the cell just before its CF, for the events of each run of the network."""
    from cerebella.purkinje.own_engine.common_beginning import continued_with
    from cerebella.purkinje.own_engine.integrate import advance_to, place_synapses, set_up
    from cerebella.purkinje.own_engine.sampling import initial_values, plan_recorder

    shared = set_up(parameters, morphology, events[0], in_doubles=False)
    every = max(1, round(_SAMPLE_MS / parameters.time_step_ms))
    soma = soma_recording(morphology, parameters.cell)
    calcium, v = (whole_cell(name, every, morphology, parameters.cell) for name in ("calcium", "v"))
    of_soma, both, whole = (
        plan_recorder(shared.cell, recordings)
        for recordings in ([soma], [soma, calcium], [soma, calcium, v])
    )
    placed = [place_synapses(of_run, shared.cell, parameters) for of_run in events]
    first = min(steps.begin, first_difference([due for _, due in placed]))
    start_mV = [*initial_values(of_soma, shared.cell), *advance_to(first, shared, 0, of_soma)]
    states = []
    for synapses, due in placed:
        own = continued_with(shared, synapses, due)
        (until_begin,) = advance_to(steps.begin, own, first, of_soma)
        until_cf, calcium_mM = advance_to(steps.cf, own, steps.begin, both)
        states.append(_State(own, whole, of_soma, [*start_mV, until_begin, until_cf], [calcium_mM]))
    return states


def _responder(
    state: _State,
    events: SynapticEvents,
    steps: _Steps,
    morphology: Morphology,
    parameters: PurkinjeParameters,
) -> Respond:
    """Return the function that simulates the response to a CF of given scale."""
    from cerebella.purkinje.own_engine.common_beginning import copied
    from cerebella.purkinje.own_engine.integrate import advance_to, place_synapses

    is_cf = events.synapse_kind == KINDS.index("cf")
    soma, calcium, _ = state.whole.recordings

    def respond(scale: float) -> CFResponse:
        weight_uS = np.where(is_cf, scale, 1.0) * events.weight_uS
        scaled = replace(events, weight_uS=weight_uS)
        _, due = place_synapses(scaled, state.simulation.cell, parameters)
        own = copied(state.simulation)._replace(due=due)
        soma_mV, calcium_mM, v_mV = advance_to(steps.until, own, steps.cf, state.whole)
        (end_mV,) = advance_to(steps.stop, own, steps.until, state.soma)
        step_ms, first = parameters.time_step_ms, steps.begin // calcium.every + 1
        return CFResponse(
            _traces(soma, 0, [*state.soma_mV, soma_mV, end_mV], step_ms, morphology),
            v_mV.max(axis=0),
            _traces(calcium, first, [*state.calcium_mM, calcium_mM], step_ms, morphology),
        )

    return respond


def _traces(
    recording: Recording,
    first: int,
    samples: Sequence[Floats],
    step_ms: float,
    morphology: Morphology,
) -> Traces:
    """Return the trace of a recording from its sample with number `first` on."""
    values = np.concatenate(samples)
    return Traces(
        times_of_steps(recording.every * np.arange(first, first + len(values)), step_ms),
        values,
        np.zeros(values.shape[1]),
        *sites_of(recording, morphology),
        recording.quantity.variable,
        recording.quantity.unit,
    )
