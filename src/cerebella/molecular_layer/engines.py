"""Engines of the molecular layer, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.molecular_layer.integrate import NetworkResult, integrate_with_neuron
from cerebella.molecular_layer.request import MLIRequest
from cerebella.network.network import Network
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.engines import Engine
from cerebella.runs.progress import Reporter

Integrate = Callable[[Any, MLIRequest, Network, SpikeTrains, Reporter], NetworkResult]

ENGINES: dict[type[Engine], Integrate] = {
    CoreNeuron: integrate_with_neuron,
    Neuron: integrate_with_neuron,
}
"""Function that integrates the network, by the type of the engine; the first is the default."""
