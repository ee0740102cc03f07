"""Engines of the Purkinje cell, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.purkinje.integrate import integrate_with_neuron
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.runs.engines import Engine
from cerebella.runs.progress import Reporter

Integrate = Callable[[Any, PurkinjeRequest, Morphology, SynapticEvents, Reporter], PurkinjeResult]


def integrate_with_numba(
    engine: Numba,
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    reporter: Reporter,
) -> PurkinjeResult:
    """Integrate in this process, with code that numba compiles on first use."""
    from cerebella.purkinje.own_engine.integrate import integrate

    if engine.threads not in (None, 1):
        raise InputError(
            f"`threads` is {engine.threads}, but a Purkinje cell uses one thread",
            remedy="Omit it; run several trials at once in separate processes",
        )
    in_doubles = engine.precision == "double"
    return integrate(request, morphology, events, reporter, in_doubles=in_doubles)


ENGINES: dict[type[Engine], Integrate] = {
    Numba: integrate_with_numba,
    CoreNeuron: integrate_with_neuron,
    Neuron: integrate_with_neuron,
}
"""Function that integrates the cell, by the type of the engine, in the order of preference."""
