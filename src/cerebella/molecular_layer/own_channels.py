"""Channels that the user describes by formulas, in the soma of interneurons."""

from __future__ import annotations

from functools import cache

from cerebella.compiled.formulas import function_of
from cerebella.molecular_layer.channels import PREFIX, Channel, Gate, OwnRelaxation
from cerebella.parameters.mli_cell import MLICellParameters
from cerebella.parameters.own_channels import OwnChannel

_ARGUMENTS = ("v",)


def own_channels_of(cell: MLICellParameters) -> tuple[Channel, ...]:
    """Return the channels of the user.

    Parameters
    ----------
    cell : MLICellParameters
        The membrane. A channel of the name of one of the package takes its place.

    Returns
    -------
    tuple of Channel
        Equal channels are the same objects.
    """
    return tuple(_channel(name, one.model_dump_json()) for name, one in cell.channels.items())


@cache
def _channel(name: str, description: str) -> Channel:
    """Return a channel from its description in JSON."""
    given = OwnChannel.model_validate_json(description)
    gates = tuple(
        Gate(
            gate_name,
            gate.power,
            "",
            OwnRelaxation(
                function_of(gate.steady, _ARGUMENTS),
                function_of(gate.rate, _ARGUMENTS) if isinstance(gate.rate, str) else gate.rate,
                function_of(gate.start, _ARGUMENTS) if gate.start else None,
            ),
        )
        for gate_name, gate in given.gates.items()
    )
    return Channel(
        f"{PREFIX}{name}",
        given.ion,
        gates,
        given.q10,
        given.reference_C,
        formulas=f"{name} {description}",
    )
