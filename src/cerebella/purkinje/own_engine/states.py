"""States in blocks of 64 bytes, in double or mixed precision.

Compartments of one region form blocks of eight doubles or sixteen singles. Singles are kept with
what rounding has cut off, so that errors are relative to the change of a state, not to the state.
Compilers must not reassociate sums here, since they would delete the remainders.
"""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import overload

from cerebella.compiled.lane_access import put_lanes, register_at
from cerebella.compiled.simd import Lanes

REGISTER_BYTES = 64


def advance_state(states: Any, at: int, low: int, change: Any) -> None:
    """Add a change to a state; singles have their remainders `low` numbers further on."""


@overload(advance_state, inline="never")
def _advance_state(states, at, low, change):
    if not isinstance(change, Lanes):
        return None
    if change.dtype == types.float64:
        return lambda states, at, low, change: put_lanes(
            states, at, register_at(states, at) + change
        )

    def advance(states, at, low, change):
        high = register_at(states, at)
        whole = change + register_at(states, at + low)
        new = high + whole
        put_lanes(states, at, new)
        put_lanes(states, at + low, whole - (new - high))  # exact if the change is the smaller one

    return advance
