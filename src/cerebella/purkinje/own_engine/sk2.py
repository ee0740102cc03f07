"""Steps of kinetic schemes for a block of compartments at once.

One backward-Euler step, solved for the changes of the occupancies by elimination.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.lane_access import block_at, block_size
from cerebella.compiled.simd import fma, like
from cerebella.purkinje.kinetic_schemes import (
    SK2_BINDING,
    SK2_CLOSING,
    SK2_OPENING,
    SK2_UNBINDING,
    Ladder,
    Transitions,
)
from cerebella.purkinje.own_engine.states import advance_state

_BIND_1, _BIND_2, _BIND_3 = SK2_BINDING
_FREE_1, _FREE_2, _FREE_3 = SK2_UNBINDING
_OPEN_1, _OPEN_2 = SK2_OPENING
_SHUT_1, _SHUT_2 = SK2_CLOSING


def _scaled(n: int, k: int = 0) -> Callable[..., Any]:
    """Return a function that returns rates, numbers or lanes, times the step."""

    @inlined
    def last(rates, v, step):
        return (step * like(v, rates[k]),)

    if k == n - 1:
        return last
    rest = _scaled(n, k + 1)

    @inlined
    def scaled(rates, v, step):
        return (step * like(v, rates[k]), *rest(rates, v, step))

    return scaled


def _transition(transitions: Transitions, k: int) -> Callable[..., Any]:
    """Return a function that returns the rate of the k-th transition times the step."""
    factor, index = transitions[k]

    @inlined
    def rate(rates):
        return factor * rates[index]

    return rate


def _level(ladder: Ladder, k: int, first: int) -> Callable[..., Any]:
    """Return a function that advances a ladder from level k on and returns the changes of level k.

    Each level is a block of two states; the blocks form a tridiagonal matrix. Arguments are
    transitions from the level below and back, the inverse [[ll, lr], [rl, rr]] of its block, its
    solution without the levels above, and net fluxes from it.
    """
    n, right = len(ladder.left), len(ladder.left) + bool(ladder.beside)
    across_of, back_of = _transition(ladder.across, k), _transition(ladder.back, k)

    @inlined
    def block(states, at, rates, below):
        """Return the states and the block of level k without transitions to the level above."""
        up_l, down_l, up_r, down_r, ll, lr, rl, rr, y_l, y_r, flux_l, flux_r = below
        width = block_size(states)
        own_l = block_at(states, at + (first + k) * width)
        own_r = block_at(states, at + (first + right + k) * width)
        across, back = across_of(rates), back_of(rates)
        crossing = fma(across, own_l, -back * own_r)
        a = fma(down_l, 1.0 - up_l * ll, 1.0 + across)
        b = fma(up_l * lr, down_r, back)
        c = fma(up_r * rl, down_l, across)
        d = fma(down_r, 1.0 - up_r * rr, 1.0 + back)
        from_l = fma(up_l, y_l, flux_l - crossing)
        from_r = fma(up_r, y_r, flux_r + crossing)
        return own_l, own_r, a, b, c, d, from_l, from_r

    @inlined
    def change(states, at, low, x_l, x_r):
        width = block_size(states)
        advance_state(states, at + (first + k) * width, low, x_l)
        advance_state(states, at + (first + right + k) * width, low, x_r)

    if k == n - 1:
        return _highest_level(ladder, first, block, change)
    above = _level(ladder, k + 1, first)
    up_left, down_left = _transition(ladder.up_left, k), _transition(ladder.down_left, k)
    up_right, down_right = _transition(ladder.up_right, k), _transition(ladder.down_right, k)

    @inlined
    def level(states, at, low, rates, below):
        width = block_size(states)
        own_l, own_r, a, b, c, d, from_l, from_r = block(states, at, rates, below)
        up_l, down_l = up_left(rates), down_left(rates)
        up_r, down_r = up_right(rates), down_right(rates)
        flux_l = block_at(states, at + (first + k + 1) * width)
        flux_l = fma(up_l, own_l, -down_l * flux_l)
        flux_r = block_at(states, at + (first + right + k + 1) * width)
        flux_r = fma(up_r, own_r, -down_r * flux_r)
        a, d = a + up_l, d + up_r
        from_l, from_r = from_l - flux_l, from_r - flux_r
        inverse = 1.0 / fma(a, d, -b * c)
        ll, lr, rl, rr = d * inverse, b * inverse, c * inverse, a * inverse
        y_l, y_r = fma(ll, from_l, lr * from_r), fma(rl, from_l, rr * from_r)
        here = (up_l, down_l, up_r, down_r, ll, lr, rl, rr, y_l, y_r, flux_l, flux_r)
        x_l, x_r = above(states, at, low, rates, here)
        from_l, from_r = down_l * x_l, down_r * x_r
        x_l = fma(ll, from_l, fma(lr, from_r, y_l))
        x_r = fma(rl, from_l, fma(rr, from_r, y_r))
        change(states, at, low, x_l, x_r)
        return x_l, x_r

    return level


def _highest_level(
    ladder: Ladder, first: int, block: Callable[..., Any], change: Callable[..., Any]
) -> Callable[..., Any]:
    """Return the function of `_level` for the highest level, and the state beside it."""
    n = len(ladder.left)

    @inlined
    def highest(states, at, low, rates, below):
        _, _, a, b, c, d, from_l, from_r = block(states, at, rates, below)
        inverse = 1.0 / fma(a, d, -b * c)
        x_l = fma(d, from_l, b * from_r) * inverse
        x_r = fma(c, from_l, a * from_r) * inverse
        change(states, at, low, x_l, x_r)
        return x_l, x_r

    if not ladder.beside:
        return highest
    aside, home = _transition(ladder.up_left, n - 1), _transition(ladder.down_left, n - 1)

    @inlined
    def highest_with_one_beside(states, at, low, rates, below):
        own_l, _, a, b, c, d, from_l, from_r = block(states, at, rates, below)
        place = at + (first + n) * block_size(states)
        leaves, returns = aside(rates), home(rates)
        flux = fma(leaves, own_l, -returns * block_at(states, place))
        kept = 1.0 / (1.0 + returns)  # the state beside is eliminated
        a, from_l = fma(leaves, kept, a), fma(-flux, kept, from_l)
        inverse = 1.0 / fma(a, d, -b * c)
        x_l = fma(d, from_l, b * from_r) * inverse
        x_r = fma(c, from_l, a * from_r) * inverse
        advance_state(states, place, low, fma(leaves, x_l, flux) * kept)
        change(states, at, low, x_l, x_r)
        return x_l, x_r

    return highest_with_one_beside


def ladder_kernel(ladder: Ladder, first: int) -> Callable[..., Any]:
    """Return a function that advances a ladder and returns the sum of the open states.

    Parameters
    ----------
    ladder : Ladder
        The scheme.
    first : int
        Row of its first state.
    """
    tables = (ladder.up_left, ladder.down_left, ladder.up_right, ladder.down_right)
    indices = [k for table in (*tables, ladder.across, ladder.back) for _, k in table]
    rates_of, scaled = kernel_of(ladder.rates), _scaled(1 + max(indices))
    lowest = _level(ladder, 0, first)
    first_open, n_open = first + ladder.states.index(ladder.is_open[0]), len(ladder.is_open)

    @inlined
    def advance(states, at, low, v, calcium, shifts, step):
        rates = scaled(rates_of(v, calcium, shifts), v, step)
        zero = v * 0.0
        below = (zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero)
        lowest(states, at, low, rates, below)
        is_open = zero
        for k in range(first_open, first_open + n_open):
            is_open = is_open + block_at(states, at + k * block_size(states))
        return is_open

    return advance


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
