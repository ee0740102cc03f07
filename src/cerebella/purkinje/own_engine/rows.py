"""Places of the states of channels, and columns of their densities."""

from __future__ import annotations

import numpy as np

from cerebella.purkinje.channels import CHANNELS
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG, SK2_DENSITY, SK2_STATES

LADDERS = (NARSG, MSLO)
GATED = tuple((channel, density) for channel in CHANNELS for density in channel.densities)
DENSITIES = (*(d for _, d in GATED), *(ladder.density for ladder in LADDERS), SK2_DENSITY)
"""Columns of densities and of steps."""

GATES = tuple((channel, gate) for channel in CHANNELS for gate in channel.all_gates)
"""Rows of gates, which come before the states of kinetic schemes."""
_OF_SCHEMES = [*(ladder.states for ladder in LADDERS), SK2_STATES]
NARSG_ROW, MSLO_ROW, SK2_ROW, N_STATES = np.cumsum(
    [len(GATES), *(len(states) for states in _OF_SCHEMES)]
).tolist()
"""First rows of kinetic schemes, and the number of all rows; as many with remainders follow."""
