"""Steps of channels whose kinetic schemes are ladders, for a block of compartments at once.

One backward-Euler step, solved for the changes of the occupancies. Each level is a block of two
states; the blocks form a tridiagonal matrix. Levels are eliminated from both ends at the same time,
so that half as many divisions wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.lane_access import block_at, block_size
from cerebella.compiled.simd import fma, like
from cerebella.purkinje.kinetic_schemes import Ladder
from cerebella.purkinje.own_engine.states import advance_state


class _Block(NamedTuple):
    """A level: its matrix [[a, -b], [-c, d]], and the right side of both rails."""

    a: Any
    b: Any
    c: Any
    d: Any
    left: Any
    right: Any


class _Eliminated(NamedTuple):
    """A level that is eliminated, seen from the next one.

    Attributes
    ----------
    in_left, in_right, out_left, out_right : lanes
        Transitions to the next level, and back.
    ll, lr, rl, rr : lanes
        Inverse of its matrix.
    left, right : lanes
        Its changes if the next level does not change.
    flux_left, flux_right : lanes
        Net flux to the next level at the beginning of the step.
    beyond : _Eliminated, tuple of lanes, or None
        The level on its other side, or numbers of the state beside it.
    """

    in_left: Any
    in_right: Any
    out_left: Any
    out_right: Any
    ll: Any
    lr: Any
    rl: Any
    rr: Any
    left: Any
    right: Any
    flux_left: Any
    flux_right: Any
    beyond: Any


class _Chain(NamedTuple):
    """Functions that eliminate levels from an end of a ladder, and substitute them back."""

    eliminate: Callable[..., Any]
    substitute: Callable[..., Any]


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


def _rows_of(ladder: Ladder, k: int, first: int) -> tuple[int, int]:
    """Return the rows of both states of a level."""
    return first + k, first + len(ladder.left) + bool(ladder.beside) + k


def _block_of(ladder: Ladder, k: int, first: int) -> Callable[..., Any]:
    """Return a function that returns level k without transitions to other levels."""
    left, right = _rows_of(ladder, k, first)
    (of_across, across_index), (of_back, back_index) = ladder.across[k], ladder.back[k]

    @inlined
    def block(states, at, rates):
        width = block_size(states)
        across, back = of_across * rates[across_index], of_back * rates[back_index]
        own_l, own_r = block_at(states, at + left * width), block_at(states, at + right * width)
        crossing = fma(across, own_l, -back * own_r)
        return _Block(1.0 + across, back, across, 1.0 + back, -crossing, crossing)

    return block


def _transitions_of(ladder: Ladder, k: int, toward: int, first: int) -> Callable[..., Any]:
    """Return a function that returns transitions from level k to the next, back, and fluxes."""
    left, right = _rows_of(ladder, k, first)
    rails = ((ladder.up_left, ladder.up_right), (ladder.down_left, ladder.down_right))
    ((to_left, a), (to_right, b)), ((from_left, c), (from_right, d)) = (
        (on_left[min(k, k + toward)], on_right[min(k, k + toward)])
        for on_left, on_right in rails[::toward]
    )

    @inlined
    def transitions(states, at, rates):
        width = block_size(states)
        to_l, to_r = to_left * rates[a], to_right * rates[b]
        from_l, from_r = from_left * rates[c], from_right * rates[d]
        own_l, own_r = block_at(states, at + left * width), block_at(states, at + right * width)
        next_l = block_at(states, at + (left + toward) * width)
        next_r = block_at(states, at + (right + toward) * width)
        flux_l, flux_r = fma(to_l, own_l, -from_l * next_l), fma(to_r, own_r, -from_r * next_r)
        return to_l, to_r, from_l, from_r, flux_l, flux_r

    return transitions


def _change_of(ladder: Ladder, k: int, first: int) -> Callable[..., Any]:
    """Return a function that adds their changes to the states of level k."""
    left, right = _rows_of(ladder, k, first)

    @inlined
    def change(states, at, low, x_l, x_r):
        width = block_size(states)
        advance_state(states, at + left * width, low, x_l)
        advance_state(states, at + right * width, low, x_r)

    return change


@inlined
def _joined(block, level):
    """Return a block after elimination of a neighboring level."""
    in_l, in_r, out_l, out_r = level.in_left, level.in_right, level.out_left, level.out_right
    return _Block(
        fma(out_l, 1.0 - in_l * level.ll, block.a),
        fma(in_l * level.lr, out_r, block.b),
        fma(in_r * level.rl, out_l, block.c),
        fma(out_r, 1.0 - in_r * level.rr, block.d),
        fma(in_l, level.left, level.flux_left + block.left),
        fma(in_r, level.right, level.flux_right + block.right),
    )


@inlined
def _inverse(block):
    inverse = 1.0 / fma(block.a, block.d, -block.b * block.c)
    return block.d * inverse, block.b * inverse, block.c * inverse, block.a * inverse


def _end(ladder: Ladder, k: int, toward: int, first: int) -> _Chain:
    """Return functions for what is beyond level k: levels, the state beside it, or nothing.

    They return the level after the elimination, and what is needed to substitute back.
    """
    n, block_of = len(ladder.left), _block_of(ladder, k, first)

    if 0 <= k - toward < n:
        further = _chain(ladder, k - toward, toward, first)

        @inlined
        def join(states, at, rates):
            beyond = further.eliminate(states, at, rates)
            return _joined(block_of(states, at, rates), beyond), beyond

        return _Chain(join, further.substitute)

    if k == n - 1 and ladder.beside:
        (of_leaving, leaving), (of_return, returning) = ladder.up_left[k], ladder.down_left[k]

        @inlined
        def join_beside(states, at, rates):
            a, b, c, d, left, right = block_of(states, at, rates)
            own, beside = (
                at + (first + k) * block_size(states),
                at + (first + n) * block_size(states),
            )
            leaves, returns = of_leaving * rates[leaving], of_return * rates[returning]
            flux = fma(leaves, block_at(states, own), -returns * block_at(states, beside))
            kept = 1.0 / (1.0 + returns)
            block = _Block(fma(leaves, kept, a), b, c, d, fma(-flux, kept, left), right)
            return block, (leaves, flux, kept)

        @inlined
        def substitute_beside(states, at, low, beyond, x_l, x_r):
            leaves, flux, kept = beyond
            place = at + (first + n) * block_size(states)
            advance_state(states, place, low, fma(leaves, x_l, flux) * kept)

        return _Chain(join_beside, substitute_beside)

    @inlined
    def join_nothing(states, at, rates):
        return block_of(states, at, rates), None

    @inlined
    def substitute_nothing(states, at, low, beyond, x_l, x_r):
        pass

    return _Chain(join_nothing, substitute_nothing)


def _chain(ladder: Ladder, k: int, toward: int, first: int) -> _Chain:
    """Return functions for the levels from an end of a ladder to level k.

    `toward` is 1 if the next level is the one above level k, and -1 if it is the one below it.
    """
    beyond_it, change = _end(ladder, k, toward, first), _change_of(ladder, k, first)
    transitions = _transitions_of(ladder, k, toward, first)

    @inlined
    def eliminate(states, at, rates):
        (a, b, c, d, left, right), beyond = beyond_it.eliminate(states, at, rates)
        in_l, in_r, out_l, out_r, flux_l, flux_r = transitions(states, at, rates)
        left, right = left - flux_l, right - flux_r
        ll, lr, rl, rr = _inverse(_Block(a + in_l, b, c, d + in_r, left, right))
        y_l, y_r = fma(ll, left, lr * right), fma(rl, left, rr * right)
        return _Eliminated(
            in_l, in_r, out_l, out_r, ll, lr, rl, rr, y_l, y_r, flux_l, flux_r, beyond
        )

    @inlined
    def substitute(states, at, low, level, next_l, next_r):
        from_l, from_r = level.out_left * next_l, level.out_right * next_r
        x_l = fma(level.ll, from_l, fma(level.lr, from_r, level.left))
        x_r = fma(level.rl, from_l, fma(level.rr, from_r, level.right))
        change(states, at, low, x_l, x_r)
        beyond_it.substitute(states, at, low, level.beyond, x_l, x_r)

    return _Chain(eliminate, substitute)


def _levels(ladder: Ladder, first: int) -> Callable[..., Any]:
    """Return a function that advances the states of a ladder of at least three levels."""
    middle = len(ladder.left) // 2
    below, above = _chain(ladder, middle - 1, 1, first), _chain(ladder, middle + 1, -1, first)
    block_of, change = _block_of(ladder, middle, first), _change_of(ladder, middle, first)

    @inlined
    def advance(states, at, low, rates):
        lower, upper = below.eliminate(states, at, rates), above.eliminate(states, at, rates)
        block = _joined(_joined(block_of(states, at, rates), lower), upper)
        ll, lr, rl, rr = _inverse(block)
        x_l = fma(ll, block.left, lr * block.right)
        x_r = fma(rl, block.left, rr * block.right)
        change(states, at, low, x_l, x_r)
        below.substitute(states, at, low, lower, x_l, x_r)
        above.substitute(states, at, low, upper, x_l, x_r)

    return advance


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
    advance_levels = _levels(ladder, first)
    first_open, n_open = first + ladder.states.index(ladder.is_open[0]), len(ladder.is_open)

    @inlined
    def advance(states, at, low, v, calcium, shifts, step):
        rates = scaled(rates_of(v, calcium, shifts), v, step)
        advance_levels(states, at, low, rates)
        is_open = v * 0.0
        for k in range(first_open, first_open + n_open):
            is_open = is_open + block_at(states, at + k * block_size(states))
        return is_open

    return advance
