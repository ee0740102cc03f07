"""Responses of a Purkinje cell to climbing fibers of several strengths, from one state.

Until its CF fires, a cell does not depend on the strength of the CF. It is simulated up to there
once, and from there for each strength.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.compiled.memory import aligned
from cerebella.morphology.morphology import Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.recordings import whole_cell
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.simulate import draw_synapses
from cerebella.purkinje.synaptic_events import KINDS
from cerebella.runs.request import validated
from cerebella.runs.run import Run

_SAMPLE_MS = 0.1

Respond = Callable[[float], npt.NDArray[np.float32]]
"""From the scale of the CF synapses to the peak potential of each compartment in mV."""


def prepare_cf_responses(
    spikes: Run,
    morphology: Morphology,
    *,
    seed: int,
    parameters: PurkinjeParameters,
    window_ms: float,
) -> Respond:
    """Simulate a cell up to the spike of its CF, with the engine of this package.

    Parameters
    ----------
    spikes : Run
        Run of the network, until at least `window_ms` after the CF.
    morphology : Morphology
        The cell.
    seed : int
        Seed of synapse placement and of PFs outside the network.
    parameters : PurkinjeParameters
        Parameters of the model; their CF scale is not used.
    window_ms : float
        Time after the CF in which the peak is found, in ms.

    Returns
    -------
    Respond
        Simulates the response to a CF of given scale. It gives what `simulate_purkinje` gives.

    Raises
    ------
    InputError
        The synapses do not fit the network, or it has no spikes.
    """
    from cerebella.purkinje.own_engine.integrate import advance_to, place_synapses, set_up
    from cerebella.purkinje.own_engine.sampling import plan_recorder

    connections, step_ms = parameters.connections, parameters.time_step_ms
    assert connections.cf_time_ms is not None
    source = PresynapticNetwork.of(spikes, None)
    duration_ms = connections.cf_time_ms + window_ms
    of_scale_1 = parameters.model_copy(
        update={"connections": connections.model_copy(update={"cf_scale": 1.0})}
    )
    request = validated(
        PurkinjeRequest,
        {
            "parameters": of_scale_1,
            "duration_ms": duration_ms,
            "trial": source.condition.trial,
            "seed": seed,
            "engine": "numba",
        },
    )
    _, _, events = draw_synapses(morphology, request, source)
    is_cf = events.synapse_kind == KINDS.index("cf")
    first = int(connections.cf_time_ms / step_ms)
    stop = round(duration_ms / step_ms)
    every = max(1, round(_SAMPLE_MS / step_ms))
    cell = set_up(parameters, morphology, events, in_doubles=False)
    advance_to(first, cell, 0, plan_recorder(cell.cell, ()))
    potentials = whole_cell("v", every, morphology, parameters.cell)
    plan = plan_recorder(cell.cell, [potentials])

    def respond(scale: float) -> npt.NDArray[np.float32]:
        weight_uS = np.where(is_cf, scale, 1.0) * events.weight_uS
        _, due = place_synapses(replace(events, weight_uS=weight_uS), cell.cell, parameters)
        (v,) = advance_to(stop, _copied(cell)._replace(due=due), first, plan)
        return v.max(axis=0)

    return respond


def _copied(value: Any) -> Any:
    """Return a copy of nested named tuples with arrays of their own."""
    if isinstance(value, np.ndarray):
        return aligned(value)
    is_record = isinstance(value, tuple) and hasattr(value, "_fields")
    return type(value)(*map(_copied, value)) if is_record else value
