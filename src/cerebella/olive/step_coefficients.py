"""Coefficients of one time step, derived from the parameters."""

from __future__ import annotations

import math
from typing import NamedTuple

from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import rule_of
from cerebella.olive.wiring import UNITS_PER_WEIGHT
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_neurons import LIFParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES, LoopSynapseParameters

NEURONS: tuple[str, ...] = ("BC", "PC", "DCN", "IO")
"""Populations of model neurons; PF and MF are input."""


class CellStep(NamedTuple):
    """Coefficients of one time step of a neuron, with h half the time step.

    A Crank–Nicolson step extrapolates an implicit half step, V ← 2 V½ − V with
    V½ = (V + h (gL EL + Σ g E + I)) / (1 + h (gL + Σ g)).

    Attributes
    ----------
    half : float
        h in ms.
    load, pull : float
        1 + h gL, and h (gL EL + I) in mV, with a constant bias current I.
    threshold, threshold_max, reset : float
        Resting threshold, its maximum and the reset potential in mV.
    threshold_decay : float
        Factor of the decay of the threshold in a step.
    threshold_pull : float
        Relaxation of the threshold toward its resting value in a step, in mV.
    hold_steps : int
        Refractory period in steps.
    noise : float
        Standard deviation of the noise current in a step, in mV/ms.
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
    """Coefficients of a class of synapses.

    Attributes
    ----------
    jump : float
        Jump of the conductance by a spike, in 1/ms.
    decay : float
        Factor of the decay of the conductance in a step.
    reversal : float
        Reversal potential in mV.
    delay : int
        Delay in steps.
    """

    jump: float
    decay: float
    reversal: float
    delay: int


class MossyStep(NamedTuple):
    """Coefficients of the plasticity of MF→DCN.

    Attributes
    ----------
    jump : float
        Jump of the averaged rate of the Purkinje cells of a DCN by a spike, in Hz.
    decay : float
        Factor of its decay in a step.
    pause : float
        Rate below which MF spikes potentiate, in Hz.
    ltp, ltd : int
        Changes of a weight in units of 2⁻²⁶.
    """

    jump: float
    decay: float
    pause: float
    ltp: int
    ltd: int


class StepCoefficients(NamedTuple):
    """Coefficients of one time step of the whole model.

    Attributes
    ----------
    cells : dict of str to CellStep
        By population.
    synapses : dict of str to SynapseStep
        By class of synapses.
    rule : PlasticityRule or None
        The rule of plasticity of PF→PC; None if weights are constant.
    mossy : MossyStep or None
        Plasticity of MF→DCN; None if weights are constant.
    pf_refractory : int
        Refractory period of PFs in steps.
    history : dict of str to int
        Number of steps for which spikes are kept, by population.
    spike_height : float
        Area of a spike of an IO cell, for its partners, per time step, in mV.
    """

    cells: dict[str, CellStep]
    synapses: dict[str, SynapseStep]
    rule: PlasticityRule | None
    mossy: MossyStep | None
    pf_refractory: int
    history: dict[str, int]
    spike_height: float


def derive_coefficients(
    parameters: OliveParameters, own_rule: PlasticityRule | None = None
) -> StepCoefficients:
    """Derive the coefficients from parameters, and from the rule of the user, if any."""
    rule = rule_of(parameters, own_rule)
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
    if rule is not None:
        history["PF"] += rule.history(parameters.time_step_ms)
    bias = {"DCN": parameters.drive.dcn_bias_mV_per_ms}  # that of IO cells may change during a run
    cells = {
        name: _cell_step(parameters.neuron(name), bias.get(name, 0.0), parameters)
        for name in NEURONS
    }
    for name, cell in cells.items():
        history[name] = max(history[name], cell.hold_steps + 1)
    return StepCoefficients(
        cells=cells,
        synapses=synapses,
        rule=rule,
        mossy=_mossy_step(parameters),
        pf_refractory=parameters.steps(parameters.drive.pf_refractory_ms),
        history=history,
        spike_height=parameters.drive.gap_spike_area_mV_ms / parameters.time_step_ms,
    )


def _mossy_step(parameters: OliveParameters) -> MossyStep | None:
    """Return the coefficients; a spike adds its share of a rate, averaged over a time constant."""
    of, dt = parameters.mf_plasticity, parameters.time_step_ms
    if of.rule == "off":
        return None
    decay = math.exp(-dt / of.purkinje_tau_ms)
    spikes_per_Hz = parameters.circuit.purkinje_per_dcn * dt / 1000
    return MossyStep(
        jump=-math.expm1(-dt / of.purkinje_tau_ms) / spikes_per_Hz,
        decay=decay,
        pause=of.pause_rate_Hz,
        ltp=round(of.ltp * UNITS_PER_WEIGHT),
        ltd=round(of.ltd * UNITS_PER_WEIGHT),
    )


def _cell_step(cell: LIFParameters, bias_mV_per_ms: float, parameters: OliveParameters) -> CellStep:
    dt = parameters.time_step_ms
    leak = dt / 2 * cell.leak_per_ms
    return CellStep(
        half=dt / 2,
        load=1 + leak,
        pull=leak * cell.leak_reversal_mV + dt / 2 * bias_mV_per_ms,
        threshold=cell.threshold_mV,
        threshold_decay=math.exp(-dt / cell.threshold_tau_ms),
        threshold_pull=cell.threshold_mV * -math.expm1(-dt / cell.threshold_tau_ms),
        reset=cell.reset_mV,
        threshold_max=cell.threshold_max_mV,
        hold_steps=parameters.steps(cell.refractory_ms),
        noise=cell.noise_mV * math.sqrt(2 * cell.leak_per_ms / dt),
    )


def _synapse_step(synapse: LoopSynapseParameters, parameters: OliveParameters) -> SynapseStep:
    """Return the coefficients of a class; k makes the charge of a spike independent of dt."""
    dt = parameters.time_step_ms
    decay = math.exp(-dt / synapse.tau_ms)
    k = synapse.tau_ms / dt * -math.expm1(-dt / synapse.tau_ms)
    return SynapseStep(
        jump=synapse.weight_per_ms * k,
        decay=decay,
        reversal=synapse.reversal_mV,
        delay=parameters.steps(synapse.delay_ms),
    )
