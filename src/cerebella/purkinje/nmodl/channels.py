"""NMODL of channels with gates, from their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cerebella.compiled.functions import exp
from cerebella.neuron_backend.nmodl import Expression, assignments, filled, symbol
from cerebella.neuron_backend.ohmic import ohmic_mechanism
from cerebella.purkinje.channels import (
    JUNCTION_MV,
    Channel,
    Gate,
    ghk_flux,
    ghk_per_mV,
    parameter_of,
)

_V, _CALCIUM, _DT, _CELSIUS = (symbol(name) for name in ("v", "cai", "dt", "celsius"))
_TEMPLATES = {"ca": "p_type.mod", "t": "t_type.mod"}
"""Templates of channels with a current by the GHK equation."""
_REVERSAL = {"h": {"e": "-30 (mV)"}}
"""Further parameters of channels without an ion: the reversal potential."""


def channel_mechanisms(
    templates: Mapping[str, str], channels: tuple[Channel, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the names of files and the NMODL of channels with gates.

    Parameters
    ----------
    templates : mapping of str to str
        Templates by name of their file.
    channels : tuple of Channel
        The channels.
    """
    ghk = {
        "xi": str(ghk_per_mV(_CELSIUS) * _V),
        "flux": str(ghk_flux(symbol("ratio"), symbol("covered"), _CALCIUM)),
    }
    yield "ghk.inc", filled(templates["ghk.inc"], ghk)
    for channel in channels:
        if channel.carrier in _TEMPLATES:
            template = templates[_TEMPLATES[channel.carrier]]
            text = filled(template, _parts_of_calcium_channel(channel))
        else:
            text = _ohmic_channel(channel)
        yield f"{channel.mechanism}.mod", text


def _ohmic_channel(channel: Channel) -> str:
    constants, initial, advance = _kinetics(channel)
    parameters = [parameter_of(channel.name, density) for density in channel.densities]
    product = _product(channel.gates)
    conductance = f"{parameters[0]}*{product}"
    if channel.variants:
        each = zip(parameters, channel.variants, strict=True)
        total = " + ".join(f"{parameter}*{_product((gate,))}" for parameter, gate in each)
        conductance = f"({total})*{product}"
    return ohmic_mechanism(
        channel.mechanism,
        "" if channel.carrier in _REVERSAL else channel.carrier,
        source="channels.py",
        parameters=dict.fromkeys(parameters, "0 (S/cm2)") | _REVERSAL.get(channel.carrier, {}),
        states=[gate.name for gate in channel.all_gates],
        constants=constants,
        initial=initial,
        advance=advance,
        conductance=conductance,
        by_calcium=channel.by_calcium,
    )


def _parts_of_calcium_channel(channel: Channel) -> dict[str, str]:
    constants, initial, advance = _kinetics(channel)
    return {
        "mechanism": channel.mechanism,
        "source": "channels.py",
        "constants": ", ".join(constants),
        "assigned": "\n".join(constants),
        "states": "\n".join(gate.name for gate in channel.all_gates),
        "initial": initial,
        "advance": advance,
        "open": _product(channel.gates),
        "junction": f"{JUNCTION_MV:g}",
    }


def _kinetics(channel: Channel) -> tuple[list[str], str, str]:
    """Return the names of constants, and the statements of start and step.

    Constants are the temperature factor and, for gates of constant rate, what a step leaves of
    the distance from the steady state.
    """
    arguments = (_V, _CALCIUM) if channel.by_calcium else (_V,)
    start: dict[str, Expression] = {}
    constants = {"factor": channel.factor(_CELSIUS)}
    step: dict[str, Expression] = {}
    for gate in channel.all_gates:
        steady = gate.steady(*arguments)
        start[gate.name] = (gate.start or gate.steady)(*arguments)
        if callable(gate.rate):
            kept = exp(-_DT * symbol("factor") * gate.rate(*arguments))
        else:
            kept = symbol(f"kept_{gate.name}")
            constants[kept.operator] = exp(-_DT * constants["factor"] * gate.rate)
        step[gate.name] = steady + (symbol(gate.name) - steady) * kept
    return list(constants), assignments(constants | start), assignments(step)


def _product(gates: tuple[Gate, ...]) -> str:
    return "*".join(gate.name for gate in gates for _ in range(gate.power))
