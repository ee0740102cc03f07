"""All channels with gates of a cell: those of the package, and those that the user describes."""

from __future__ import annotations

from functools import cache

from cerebella.compiled.formulas import arguments_of, function_of
from cerebella.parameters.own_channels import OwnChannel
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.purkinje.channels import CHANNELS, Channel, Gate


def channels_of(cell: PurkinjeCellParameters) -> tuple[Channel, ...]:
    """Return the channels with gates of a cell.

    Parameters
    ----------
    cell : PurkinjeCellParameters
        The membrane, with the channels of the user. One of the name of a channel of the package
        takes its place.

    Returns
    -------
    tuple of Channel
        Equal channels are the same objects.
    """
    own = {name: _channel(name, one.model_dump_json()) for name, one in cell.channels.items()}
    return (*(own.pop(channel.name, channel) for channel in CHANNELS), *own.values())


@cache
def _channel(name: str, description: str) -> Channel:
    """Return a channel from its description in JSON."""
    given = OwnChannel.model_validate_json(description)
    arguments = arguments_of(given)
    gates = tuple(
        Gate(
            gate_name,
            function_of(gate.steady, arguments),
            function_of(gate.rate, arguments) if isinstance(gate.rate, str) else float(gate.rate),
            gate.power,
            function_of(gate.start, arguments) if gate.start else None,
        )
        for gate_name, gate in given.gates.items()
    )
    return Channel(
        name,
        (given.density(name),),
        given.ion,
        gates,
        given.q10,
        given.reference_C,
        by_calcium=len(arguments) > 1,
        formulas=f"{name} {description}",
    )
