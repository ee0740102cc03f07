"""The model's numbers as one time step needs them."""

from __future__ import annotations

import math
from typing import NamedTuple

from cerebella.olive.rules.rule import Changes
from cerebella.olive.rules.table import RULES
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_neurons import LIFParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES, LoopSynapseParameters

NEURONS: tuple[str, ...] = ("BC", "PC", "DCN", "IO")
"""Populations of model neurons; PF and MF are input."""


class CellStep(NamedTuple):
    """One time step of a neuron, of which h is half: `half`, in ms.

    A Crank–Nicolson step is an implicit half step and as much again, V ← 2 V½ − V with
    V½ = (V + h (gL EL + Σ g E + I)) / (1 + h (gL + Σ g)).

    Attributes
    ----------
    load : 1 + h gL ; pull : h gL EL, mV.
    threshold_pull : what the threshold regains of its resting value in a step, mV.
    noise : standard deviation of the current of noise in a step, mV/ms.
    """

    half: float
    load: float
    pull: float
    threshold: float
    threshold_decay: float
    threshold_pull: float
    reset: float
    threshold_max: float
    hold_steps: int
    noise: float


class SynapseStep(NamedTuple):
    """One class of synapses: jump of the conductance, decay in a step, reversal, delay."""

    jump: float
    decay: float
    reversal: float
    delay: int


class StepCoefficients(NamedTuple):
    """All of it.

    Attributes
    ----------
    cells, synapses : by population, by class.
    changes : of the weights, by the rule of plasticity.
    pf_refractory : in steps.
    history : steps of spikes that must be remembered, by population.
    """

    cells: dict[str, CellStep]
    synapses: dict[str, SynapseStep]
    changes: Changes
    pf_refractory: int
    history: dict[str, int]


def derive_coefficients(parameters: OliveParameters) -> StepCoefficients:
    """Return the constants of the parameters' time step."""
    plasticity = parameters.plasticity
    synapses = {
        name: _synapse_step(getattr(parameters.synapses, name), parameters)
        for name in SYNAPSE_CLASSES
    }
    if parameters.circuit.wiring == "random":
        shared = synapses["dcn_io"].jump / parameters.circuit.dcn_per_io
        synapses["dcn_io"] = synapses["dcn_io"]._replace(jump=shared)
    history = dict.fromkeys(POPULATIONS, 1)
    for name, (source, _) in SYNAPSE_CLASSES.items():
        history[source] = max(history[source], synapses[name].delay + 1)
    changes = RULES[plasticity.rule].changes(plasticity, parameters.steps)
    history["PF"] += changes.history
    cells = {name: _cell_step(parameters.neuron(name), parameters) for name in NEURONS}
    for name, cell in cells.items():
        history[name] = max(history[name], cell.hold_steps + 1)
    return StepCoefficients(
        cells=cells,
        synapses=synapses,
        changes=changes,
        pf_refractory=parameters.steps(parameters.drive.pf_refractory_ms),
        history=history,
    )


def _cell_step(cell: LIFParameters, parameters: OliveParameters) -> CellStep:
    dt = parameters.time_step_ms
    leak = dt / 2 * cell.leak_per_ms
    return CellStep(
        half=dt / 2,
        load=1 + leak,
        pull=leak * cell.leak_reversal_mV,
        threshold=cell.threshold_mV,
        threshold_decay=math.exp(-dt / cell.threshold_tau_ms),
        threshold_pull=cell.threshold_mV * -math.expm1(-dt / cell.threshold_tau_ms),
        reset=cell.reset_mV,
        threshold_max=cell.threshold_max_mV,
        hold_steps=parameters.steps(cell.refractory_ms),
        noise=cell.noise_mV * math.sqrt(2 * cell.leak_per_ms / dt),
    )


def _synapse_step(synapse: LoopSynapseParameters, parameters: OliveParameters) -> SynapseStep:
    """Return a class's constants; the factor k keeps the charge of a spike free of dt."""
    dt = parameters.time_step_ms
    decay = math.exp(-dt / synapse.tau_ms)
    k = synapse.tau_ms / dt * -math.expm1(-dt / synapse.tau_ms)
    return SynapseStep(
        jump=synapse.weight_per_ms * k,
        decay=decay,
        reversal=synapse.reversal_mV,
        delay=parameters.steps(synapse.delay_ms),
    )
