"""Places of the states of channels, and columns of their densities."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from cerebella.purkinje.channels import Channel, Gate
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG, SK2_DENSITY, SK2_STATES

LADDERS = (NARSG, MSLO)


class Rows(NamedTuple):
    """Rows of the states of all channels; as many with remainders follow.

    Attributes
    ----------
    channels : tuple of Channel
        Channels with gates.
    gated : tuple of (Channel, str)
        Channel of each density, in the order of the columns.
    densities : tuple of str
        Columns of densities and of steps: fields of `RegionParameters`.
    gates : tuple of (Channel, Gate)
        Rows of gates, which come before the states of kinetic schemes.
    narsg, mslo, sk2 : int
        First rows of kinetic schemes.
    n_states : int
        Number of rows.
    """

    channels: tuple[Channel, ...]
    gated: tuple[tuple[Channel, str], ...]
    densities: tuple[str, ...]
    gates: tuple[tuple[Channel, Gate], ...]
    narsg: int
    mslo: int
    sk2: int
    n_states: int

    def of_states(self) -> dict[tuple[str, str], int]:
        """Return the row of each state, by the names of state and channel."""
        schemes = [(ladder.name, ladder.states) for ladder in LADDERS] + [("sk2", SK2_STATES)]
        first = (self.narsg, self.mslo, self.sk2)
        return {
            **{(gate.name, channel.name): row for row, (channel, gate) in enumerate(self.gates)},
            **{
                (state, name): start + k
                for start, (name, states) in zip(first, schemes, strict=True)
                for k, state in enumerate(states)
            },
        }

    def text(self) -> str:
        """Return a text that differs for channels that are not in the files of the package."""
        return "\n".join(channel.formulas for channel in self.channels)


@cache
def rows_of(channels: tuple[Channel, ...]) -> Rows:
    """Return the rows of a cell whose channels with gates are given; all schemes are added."""
    gated = tuple((channel, density) for channel in channels for density in channel.densities)
    gates = tuple((channel, gate) for channel in channels for gate in channel.all_gates)
    of_schemes = [len(states) for states in (*(ladder.states for ladder in LADDERS), SK2_STATES)]
    narsg, mslo, sk2, n_states = np.cumsum([len(gates), *of_schemes]).tolist()
    return Rows(
        channels,
        gated,
        (*(density for _, density in gated), *(one.density for one in LADDERS), SK2_DENSITY),
        gates,
        narsg,
        mslo,
        sk2,
        n_states,
    )
