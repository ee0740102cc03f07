"""Step of SK2 channels for a block of compartments at once.

One backward-Euler step, solved for the changes of the occupancies by elimination.
"""

from __future__ import annotations

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import block_at, block_size
from cerebella.compiled.simd import fma
from cerebella.purkinje.kinetic_schemes import (
    SK2_BINDING,
    SK2_CLOSING,
    SK2_OPENING,
    SK2_UNBINDING,
)
from cerebella.purkinje.own_engine.states import advance_state

_BIND_1, _BIND_2, _BIND_3 = SK2_BINDING
_FREE_1, _FREE_2, _FREE_3 = SK2_UNBINDING
_OPEN_1, _OPEN_2 = SK2_OPENING
_SHUT_1, _SHUT_2 = SK2_CLOSING


@inlined
def advance_sk2(states, first, low, calcium, q):
    """Advance SK2 channels, a tree solved from the leaves to c1 and back; return the open part.

    `first` is the place of the first state.
    """
    width = block_size(states)
    c1, c2 = block_at(states, first), block_at(states, first + width)
    c3, c4 = block_at(states, first + 2 * width), block_at(states, first + 3 * width)
    o1, o2 = block_at(states, first + 4 * width), block_at(states, first + 5 * width)
    k1, k2, k3 = (q * _BIND_1) * calcium, (q * _BIND_2) * calcium, (q * _BIND_3) * calcium
    flux_1 = fma(k1, c1, (-q * _FREE_1) * c2)
    flux_2 = fma(k2, c2, (-q * _FREE_2) * c3)
    flux_3 = fma(k3, c3, (-q * _FREE_3) * c4)
    into_o1 = (q * _OPEN_1) * c3 - (q * _SHUT_1) * o1
    into_o2 = (q * _OPEN_2) * c4 - (q * _SHUT_2) * o2
    r_o1, r_o2 = 1.0 / (1.0 + q * _SHUT_1), 1.0 / (1.0 + q * _SHUT_2)
    kept_1, kept_2 = q * _SHUT_1 * r_o1, q * _SHUT_2 * r_o2
    r4 = 1.0 / (1.0 + q * _FREE_3 + q * _OPEN_2 * r_o2)
    x4 = (flux_3 - (1.0 - kept_2) * into_o2) * r4
    r3 = 1.0 / fma(k3, 1.0 - q * _FREE_3 * r4, 1.0 + q * _FREE_2 + q * _OPEN_1 * r_o1)
    x3 = flux_2 - flux_3 - (1.0 - kept_1) * into_o1
    x3 = fma(x4, q * _FREE_3, x3) * r3
    r2 = 1.0 / fma(k2, 1.0 - (q * _FREE_2) * r3, 1.0 + q * _FREE_1)
    x2 = fma(x3, q * _FREE_2, flux_1 - flux_2) * r2
    x1 = fma(x2, q * _FREE_1, -flux_1) / fma(k1, 1.0 - (q * _FREE_1) * r2, 1.0)
    x2 = fma(k1 * r2, x1, x2)
    x3 = fma(k2 * r3, x2, x3)
    x4 = fma(k3 * r4, x3, x4)
    advance_state(states, first, low, x1)
    advance_state(states, first + width, low, x2)
    advance_state(states, first + 2 * width, low, x3)
    advance_state(states, first + 3 * width, low, x4)
    advance_state(states, first + 4 * width, low, fma(x3, q * _OPEN_1, into_o1) * r_o1)
    advance_state(states, first + 5 * width, low, fma(x4, q * _OPEN_2, into_o2) * r_o2)
    return block_at(states, first + 4 * width) + block_at(states, first + 5 * width)
