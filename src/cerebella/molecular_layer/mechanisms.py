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
    OwnRelaxation,
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

_V, _DT, _CELSIUS = symbol("v"), symbol("dt"), symbol("celsius")
_FACTORS = temperature_factors(_CELSIUS)


@cache
def molecular_layer_mechanisms(own: tuple[Channel, ...] = ()) -> MechanismSet:
    """Return the mechanisms of the molecular layer interneurons.

    They are compiled without additional options, so that NEURON and CoreNEURON yield bitwise
    identical results.

    Parameters
    ----------
    own : tuple of Channel
        Channels of the user, see `own_channels_of`.
    """
    channels = {
        f"{channel.mechanism}.mod": channel_mechanism(channel) for channel in (*CHANNELS, *own)
    }
    texts = {**mechanisms_in(SHARED, GAP_JUNCTIONS).texts, **channels}
    return MechanismSet(dict(sorted(texts.items())))


def channel_mechanism(channel: Channel) -> str:
    """Return the NMODL of a channel."""
    factors = {
        _factor(gate): getattr(_FACTORS, gate.factor)
        if gate.factor
        else channel.own_factor(_CELSIUS)
        for gate in channel.gates
    }
    start = {gate.name: _start(gate) for gate in channel.gates}
    step = {gate.name: _step(gate) for gate in channel.gates}
    states = "*".join(gate.name for gate in channel.gates for _ in range(gate.power))
    ion = "" if channel.carrier == "h" else channel.carrier
    return ohmic_mechanism(
        channel.mechanism,
        ion,
        source="channels.py",
        parameters={"gmax": "0 (S/cm2)"} | ({} if ion else {"e": "0 (mV)"}),
        states=list(start),
        constants=list(factors),
        initial=assignments(factors | start),
        advance=assignments(step),
        conductance=f"gmax*{states}",
        by_calcium=False,
    )


def _factor(gate: Gate) -> str:
    """Return the name of the temperature factor of a gate."""
    return f"factor_{gate.factor}" if gate.factor else "factor"


def _start(gate: Gate) -> Expression:
    """Return the initial value."""
    if isinstance(gate.kinetics, OwnRelaxation) and gate.kinetics.start:
        return gate.kinetics.start(_V)
    if isinstance(gate.kinetics, OpeningAndClosing):
        opening, closing = (rate(_V) for rate in gate.kinetics)
        return opening / (opening + closing)
    return gate.kinetics.steady(_V)


def _step(gate: Gate) -> Expression:
    """Return the state after a time step."""
    x, step = symbol(gate.name), _DT * symbol(_factor(gate))
    if isinstance(gate.kinetics, OpeningAndClosing):
        opening, closing = (rate(_V) for rate in gate.kinetics)
        return (x + step * opening) / (1 + step * (opening + closing))
    steady = gate.kinetics.steady(_V)
    if isinstance(gate.kinetics, ExactRelaxation):
        return steady + (x - steady) * exp(-step / gate.kinetics.tau(_V))
    if isinstance(gate.kinetics, OwnRelaxation):
        rate = gate.kinetics.rate
        return steady + (x - steady) * exp(-step * (rate(_V) if callable(rate) else rate))
    covered = step * gate.kinetics.rate(_V)
    return (x + covered * steady) / (1 + covered)
