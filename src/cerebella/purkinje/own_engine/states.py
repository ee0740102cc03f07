"""States in blocks, in double or mixed precision.

Compartments of one region form blocks of sixteen doubles or thirty-two singles. Singles are kept
with what rounding has cut off, so that errors are relative to the change of a state, not to the
state. Compilers must not reassociate sums here, since they would delete the remainders.
"""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import overload

from cerebella.compiled.lane_access import block_at, put_lanes
from cerebella.compiled.simd import Lanes


def advance_state(states: Any, at: int, low: int, change: Any) -> None:
    """Add a change to a state; singles have their remainders `low` numbers further on."""


@overload(advance_state, inline="never")
def _advance_state(states, at, low, change):
    if not isinstance(change, Lanes):
        return None
    if change.dtype == types.float64:
        return lambda states, at, low, change: put_lanes(states, at, block_at(states, at) + change)

    def advance(states, at, low, change):
        high = block_at(states, at)
        whole = change + block_at(states, at + low)
        new = high + whole
        put_lanes(states, at, new)
        put_lanes(states, at + low, whole - (new - high))  # exact if the change is the smaller one

    return advance
