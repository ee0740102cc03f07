"""The mechanisms of the molecular layer interneurons in NMODL; channels come from their table."""

from __future__ import annotations

from functools import cache

from cerebella.compiled.functions import exp
from cerebella.molecular_layer.channels import (
    CHANNELS,
    Channel,
    ExactRelaxation,
    Gate,
    OpeningAndClosing,
    temperature_factors,
)
from cerebella.neuron_backend.mechanism_sets import (
    GAP_JUNCTIONS,
    SHARED,
    MechanismSet,
    mechanisms_in,
)
from cerebella.neuron_backend.nmodl import Expression, assignments, symbol
from cerebella.neuron_backend.ohmic import ohmic_mechanism

_V, _DT = symbol("v"), symbol("dt")
_FACTORS = temperature_factors(symbol("celsius"))


@cache
def molecular_layer_mechanisms() -> MechanismSet:
    """Return the mechanisms of the molecular layer interneurons.

    They are compiled without additional options, so that NEURON and CoreNEURON yield bitwise
    identical results.
    """
    channels = {f"{channel.mechanism}.mod": channel_mechanism(channel) for channel in CHANNELS}
    texts = {**mechanisms_in(SHARED, GAP_JUNCTIONS).texts, **channels}
    return MechanismSet(dict(sorted(texts.items())))


def channel_mechanism(channel: Channel) -> str:
    """Return the NMODL of a channel."""
    factors = {f"factor_{gate.factor}": getattr(_FACTORS, gate.factor) for gate in channel.gates}
    start = {gate.name: _start(gate) for gate in channel.gates}
    step = {gate.name: _step(gate) for gate in channel.gates}
    states = "*".join(gate.name for gate in channel.gates for _ in range(gate.power))
    return ohmic_mechanism(
        channel.mechanism,
        channel.carrier,
        source="channels.py",
        parameters={"gmax": "0 (S/cm2)"} | ({} if channel.carrier else {"e": "0 (mV)"}),
        states=list(start),
        constants=list(factors),
        initial=assignments(factors | start),
        advance=assignments(step),
        conductance=f"gmax*{states}",
        by_calcium=False,
    )


def _start(gate: Gate) -> Expression:
    """Return the steady state."""
    if isinstance(gate.kinetics, OpeningAndClosing):
        opening, closing = (rate(_V) for rate in gate.kinetics)
        return opening / (opening + closing)
    return gate.kinetics.steady(_V)


def _step(gate: Gate) -> Expression:
    """Return the state after a time step."""
    x, step = symbol(gate.name), _DT * symbol(f"factor_{gate.factor}")
    if isinstance(gate.kinetics, OpeningAndClosing):
        opening, closing = (rate(_V) for rate in gate.kinetics)
        return (x + step * opening) / (1 + step * (opening + closing))
    steady = gate.kinetics.steady(_V)
    if isinstance(gate.kinetics, ExactRelaxation):
        return steady + (x - steady) * exp(-step / gate.kinetics.tau(_V))
    covered = step * gate.kinetics.rate(_V)
    return (x + covered * steady) / (1 + covered)
