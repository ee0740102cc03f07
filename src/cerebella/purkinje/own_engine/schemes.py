"""Steps of kinetic schemes for eight or sixteen compartments at once.

One backward-Euler step, solved for the changes of the occupancies by elimination.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.simd import fma, like, put_lanes, register_at, register_size
from cerebella.purkinje.kinetic_schemes import (
    SK2_BINDING,
    SK2_CLOSING,
    SK2_OPENING,
    SK2_UNBINDING,
    Ladder,
)
from cerebella.purkinje.own_engine.rows import SK2_ROW
from cerebella.purkinje.own_engine.states import advance_state

_LEVELS = 16
"""First row of scratch memory of the levels of a ladder, of eight rows each; rates come before."""
N_SCRATCH = _LEVELS + 8 * 6
"""Rows of scratch memory."""

_BIND_1, _BIND_2, _BIND_3 = SK2_BINDING
_FREE_1, _FREE_2, _FREE_3 = SK2_UNBINDING
_OPEN_1, _OPEN_2 = SK2_OPENING
_SHUT_1, _SHUT_2 = SK2_CLOSING


def _stored(n: int, k: int = 0) -> Callable[..., Any]:
    """Return a function that stores a tuple of rates times the step in rows of scratch memory."""

    @inlined
    def nothing(rates, v, step, work):
        pass

    if k == n:
        return nothing
    rest = _stored(n, k + 1)

    @inlined
    def store(rates, v, step, work):
        put_lanes(work, k * register_size(work), step * like(v, rates[k]))
        rest(rates, v, step, work)

    return store


def ladder_kernel(ladder: Ladder, first: int) -> Callable[..., Any]:
    """Return a function that advances a ladder and returns the sum of the open states.

    Each level is a block of two states; the blocks form a tridiagonal matrix, whose inverses
    [[ll, lr], [rl, rr]] and solutions x_l and x_r without the next level
    are stored.
    """
    n = len(ladder.left)
    missing = ((0.0, 0),)
    tables = [
        transitions + missing * (n - len(transitions))
        for transitions in (
            ladder.up_left,
            ladder.down_left,
            ladder.up_right,
            ladder.down_right,
            ladder.across,
            ladder.back,
        )
    ]
    factors = np.array([[factor for factor, _ in table] for table in tables])
    indices = np.array([[index for _, index in table] for table in tables])
    beside, right = bool(ladder.beside), len(ladder.left) + bool(ladder.beside)
    first_open, n_open = ladder.states.index(ladder.is_open[0]), len(ladder.is_open)
    rates = kernel_of(ladder.rates)
    store = _stored(1 + max(index for table in tables for _, index in table))

    @inlined
    def rate(work, table, k):
        stored = register_at(work, indices[table, k] * register_size(work))
        return factors[table, k] * stored

    @inlined
    def advance(states, at, low, v, calcium, shifts, step, work):
        store(rates(v, calcium, shifts), v, step, work)
        width = register_size(states)
        at = at + first * width
        zero = v * 0.0
        up_l, down_l, up_r, down_r = zero, zero, zero, zero
        ll, lr, rl, rr, x_l, x_r = zero, zero, zero, zero, zero, zero
        flux_l, flux_r, kept, gain = zero, zero, zero, zero
        for k in range(n):
            here = (_LEVELS + 8 * k) * width
            own_l, own_r = (
                register_at(states, at + k * width),
                register_at(states, at + (right + k) * width),
            )
            across, back = rate(work, 4, k), rate(work, 5, k)
            crossing = fma(across, own_l, -back * own_r)
            a = fma(down_l, 1.0 - up_l * ll, 1.0 + across)
            b = fma(up_l * lr, down_r, back)
            c = fma(up_r * rl, down_l, across)
            d = fma(down_r, 1.0 - up_r * rr, 1.0 + back)
            from_l = fma(up_l, x_l, flux_l - crossing)
            from_r = fma(up_r, x_r, flux_r + crossing)
            up_l, down_l = rate(work, 0, k), rate(work, 1, k)
            up_r, down_r = rate(work, 2, k), rate(work, 3, k)
            next_l = register_at(states, at + (k + 1) * width)
            flux_l = fma(up_l, own_l, -down_l * next_l)
            if k < n - 1:
                next_r = register_at(states, at + (right + k + 1) * width)
                flux_r = fma(up_r, own_r, -down_r * next_r)
            else:
                flux_r = zero
                if beside:  # the state beside is eliminated
                    kept = 1.0 / (1.0 + down_l)
                    gain = flux_l
                    flux_l = flux_l * kept
                    up_l = up_l * kept
            a = a + up_l
            d = d + up_r
            from_l = from_l - flux_l
            from_r = from_r - flux_r
            inverse = 1.0 / fma(a, d, -b * c)
            ll, lr, rl, rr = d * inverse, b * inverse, c * inverse, a * inverse
            x_l, x_r = fma(ll, from_l, lr * from_r), fma(rl, from_l, rr * from_r)
            put_lanes(work, here, ll)
            put_lanes(work, here + width, lr)
            put_lanes(work, here + 2 * width, rl)
            put_lanes(work, here + 3 * width, rr)
            put_lanes(work, here + 4 * width, x_l)
            put_lanes(work, here + 5 * width, x_r)
            put_lanes(work, here + 6 * width, down_l)
            put_lanes(work, here + 7 * width, down_r)
        if beside:
            change = fma(rate(work, 0, n - 1), x_l, gain) * kept
            advance_state(states, at + n * width, low, change)
        advance_state(states, at + (n - 1) * width, low, x_l)
        advance_state(states, at + (right + n - 1) * width, low, x_r)
        for below in range(1, n):
            k = n - 1 - below
            here = (_LEVELS + 8 * k) * width
            from_l = register_at(work, here + 6 * width) * x_l
            from_r = register_at(work, here + 7 * width) * x_r
            ll, lr = register_at(work, here), register_at(work, here + width)
            rl, rr = register_at(work, here + 2 * width), register_at(work, here + 3 * width)
            x_l = fma(ll, from_l, fma(lr, from_r, register_at(work, here + 4 * width)))
            x_r = fma(rl, from_l, fma(rr, from_r, register_at(work, here + 5 * width)))
            advance_state(states, at + k * width, low, x_l)
            advance_state(states, at + (right + k) * width, low, x_r)
        is_open = zero
        for k in range(first_open, first_open + n_open):
            is_open = is_open + register_at(states, at + k * width)
        return is_open

    return advance


@inlined
def advance_sk2(states, at, low, calcium, q):
    """Advance SK2 channels, a tree solved from the leaves to c1 and back; return the open part."""
    width = register_size(states)
    first = at + SK2_ROW * width
    c1, c2 = register_at(states, first), register_at(states, first + width)
    c3, c4 = register_at(states, first + 2 * width), register_at(states, first + 3 * width)
    o1, o2 = register_at(states, first + 4 * width), register_at(states, first + 5 * width)
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
    return register_at(states, first + 4 * width) + register_at(states, first + 5 * width)
