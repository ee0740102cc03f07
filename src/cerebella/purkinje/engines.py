"""Engines of the Purkinje cell, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.purkinje.integrate import PurkinjeResult, integrate_with_neuron
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.runs.engines import Engine
from cerebella.runs.progress import Reporter

Integrate = Callable[[Any, PurkinjeRequest, Morphology, SynapticEvents, Reporter], PurkinjeResult]

ENGINES: dict[type[Engine], Integrate] = {
    CoreNeuron: integrate_with_neuron,
    Neuron: integrate_with_neuron,
}
"""Function that integrates the cell, by the type of the engine; the first is the default."""
