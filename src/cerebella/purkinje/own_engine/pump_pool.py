"""Backward-Euler step of calcium systems with a surface pump, solved for the changes.

All tridiagonal matrices are factored once, at the calcium that the last step extrapolates to. One
sweep of substitution follows, and a second one where the first has moved calcium noticeably, as
after a sudden change of the current. Quantities of all shells, of which there are four, are tuples.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import block_at, block_size, put_lanes
from cerebella.compiled.simd import absolute, any_of, fma, reached
from cerebella.purkinje.calcium_pools import (
    D_CALBINDIN,
    D_CALCIUM,
    D_PARVALBUMIN,
    FAST_OFF,
    FAST_ON,
    PUMP_OFF,
    PUMP_ON,
    PUMP_OUT,
    PV_CA_OFF,
    PV_CA_ON,
    PV_MG_OFF,
    PV_MG_ON,
    SLOW_OFF,
    SLOW_ON,
)
from cerebella.purkinje.own_engine.calcium import (
    MF,
    MG,
    MS,
    N_STATES,
    PM,
    C,
    F,
    P,
    S,
    of_state,
)
from cerebella.purkinje.own_engine.shells import (
    by_shell,
    column,
    linear,
    minus,
    plus,
    scaled,
    selected,
    times,
)
from cerebella.purkinje.own_engine.states import advance_state
from cerebella.purkinje.own_engine.tridiagonal import (
    exchange,
    factored,
    inflow,
    solved,
)

N_PUMP_SHELLS = 4
_N_STATES = N_STATES * N_PUMP_SHELLS + 1
"""States, each of which has a remainder. The last changes of calcium and of parvalbumin with
magnesium follow them, in pairs for each shell."""

_NOTICEABLE = 1e-4
"""Corrections of all shells over calcium of the outermost one, from which on a sweep follows."""


class _Rates(NamedTuple):
    """Exchange between shells of calcium and magnesium, of calbindin and of parvalbumin."""

    calcium: Any
    calbindin: Any
    parvalbumin: Any


class _Buffer(NamedTuple):
    """A buffer of calcium.

    Attributes
    ----------
    matrix : Factored or tuple of lanes
        Its matrix; without diffusion, the inverse in each shell.
    start : tuple of lanes
        Unbinding and diffusion at the beginning of the step.
    """

    matrix: Any
    start: Any


class _Buffers(NamedTuple):
    """Something of all buffers of calcium."""

    mf: Any
    ms: Any
    f: Any
    s: Any
    p: Any


@by_shell
def _state(i, states, at, kind):
    return block_at(states, at + of_state(states, kind, i))


@inlined
def _flow(states, at, kind, rates):
    return inflow(_state(states, at, kind), rates)


@inlined
def _place_of_change(states, at, kind, i):
    """Return the place of the last change of calcium (0) or parvalbumin with magnesium (1)."""
    return at + (2 * (_N_STATES + i) + kind) * block_size(states)


@by_shell
def _last_change(i, states, at, kind):
    return block_at(states, _place_of_change(states, at, kind, i))


@by_shell
def _local_inverses(i, fast, slow, pv):
    """Return inverses of three matrices without diffusion by one division."""
    a, b, c = 1.0 + fast[i], 1.0 + slow[i], 1.0 + pv[i]
    both = a * b
    inverse = 1.0 / (both * c)
    of_both = inverse * c
    return of_both * b, of_both * a, inverse * both


@by_shell
def _unbinding(i, states, at, kind, off, flow):
    return fma(block_at(states, at + of_state(states, kind, i)), -off, flow[i])


@by_shell
def _unbinding_in_place(i, states, at, kind, off):
    return block_at(states, at + of_state(states, kind, i)) * -off


@inlined
def _mobile(states, at, kind, loss, off, rates):
    start = _unbinding(states, at, kind, off, _flow(states, at, kind, rates))
    return _Buffer(factored(loss, rates), start)


@by_shell
def _free(i, states, at, kind, total):
    return total - block_at(states, at + of_state(states, kind, i))


@by_shell
def _free_parvalbumin(i, states, at, total, pm):
    with_magnesium = block_at(states, at + of_state(states, PM, i)) + pm[i]
    return total - block_at(states, at + of_state(states, P, i)) - with_magnesium


@by_shell
def _right_side(i, buffer, on, free, now, ahead, last):
    """Add what binds at the calcium of the iterate, for the matrix of the factored one."""
    bound = now[i] * free[i]
    if last is not None:
        bound = fma(-ahead[i], last[i], bound)
    return fma(bound, on, buffer.start[i])


@inlined
def _change_of_mobile(buffer, on, free, now, ahead, last):
    return solved(buffer.matrix, _right_side(buffer, on, free, now, ahead, last))


@inlined
def _change_of_immobile(buffer, on, free, now, ahead, last):
    return times(buffer.matrix, _right_side(buffer, on, free, now, ahead, last))


@inlined
def _begin(states, at, pool, rates, near, pm):
    """Return the buffers, matrices of parvalbumin without diffusion, and changes, near calcium."""
    dt, of_calbindin = pool.dt, rates.calbindin
    fast = linear(near, dt * FAST_ON, dt * FAST_OFF)
    slow = linear(near, dt * SLOW_ON, dt * SLOW_OFF)
    pv = linear(near, dt * PV_CA_ON, dt * PV_CA_OFF)
    local = _local_inverses(fast, slow, pv)
    mf = _mobile(states, at, MF, fast, dt * FAST_OFF, of_calbindin)
    free = _free(states, at, MF, pool.mobile)
    x_mf = _change_of_mobile(mf, dt * FAST_ON, free, near, None, None)
    ms = _mobile(states, at, MS, slow, dt * SLOW_OFF, of_calbindin)
    free = _free(states, at, MS, pool.mobile)
    x_ms = _change_of_mobile(ms, dt * SLOW_ON, free, near, None, None)
    f = _Buffer(column(local, 0), _unbinding_in_place(states, at, F, dt * FAST_OFF))
    free = _free(states, at, F, pool.immobile)
    x_f = _change_of_immobile(f, dt * FAST_ON, free, near, None, None)
    s = _Buffer(column(local, 1), _unbinding_in_place(states, at, S, dt * SLOW_OFF))
    free = _free(states, at, S, pool.immobile)
    x_s = _change_of_immobile(s, dt * SLOW_ON, free, near, None, None)
    p = _mobile(states, at, P, pv, dt * PV_CA_OFF, rates.parvalbumin)
    free = _free_parvalbumin(states, at, pool.parvalbumin, pm)
    x_p = _change_of_mobile(p, dt * PV_CA_ON, free, near, None, None)
    return _Buffers(mf, ms, f, s, p), column(local, 2), _Buffers(x_mf, x_ms, x_f, x_s, x_p)


@inlined
def _bind(states, at, pool, buffers, now, ahead, last, pm):
    """Return the changes of the buffers at other calcium, given those at that of the matrices."""
    dt, (mf, ms, f, s, p) = pool.dt, buffers
    of_mf, of_ms = _free(states, at, MF, pool.mobile), _free(states, at, MS, pool.mobile)
    of_f, of_s = _free(states, at, F, pool.immobile), _free(states, at, S, pool.immobile)
    of_p = _free_parvalbumin(states, at, pool.parvalbumin, pm)
    return _Buffers(
        _change_of_mobile(mf, dt * FAST_ON, of_mf, now, ahead, last.mf),
        _change_of_mobile(ms, dt * SLOW_ON, of_ms, now, ahead, last.ms),
        _change_of_immobile(f, dt * FAST_ON, of_f, now, ahead, last.f),
        _change_of_immobile(s, dt * SLOW_ON, of_s, now, ahead, last.s),
        _change_of_mobile(p, dt * PV_CA_ON, of_p, now, ahead, last.p),
    )


@inlined
def _pumped(states, at, dt, c):
    """Return the bound fraction of the pump, its change, and the inverse of the matrix."""
    bound = block_at(states, at + N_STATES * N_PUMP_SHELLS * block_size(states))
    inverse = 1.0 / fma(c, dt * PUMP_ON, 1.0 + dt * (PUMP_OFF + PUMP_OUT))
    change = dt * (PUMP_ON * c * (1.0 - bound) - (PUMP_OFF + PUMP_OUT) * bound) * inverse
    return bound, change, inverse


@by_shell
def _at_end(i, states, at, kind, change):
    return block_at(states, at + of_state(states, kind, i)) + change[i]


@by_shell
def _exchanged(i, pool, buffers, local_p, now, mf, ms, f, s, p, pm):
    """Return the calcium that buffers release in a shell, and the slope of what they bind."""
    fast = pool.mobile - mf[i] + pool.immobile - f[i]
    slow = pool.mobile - ms[i] + pool.immobile - s[i]
    pv = pool.parvalbumin - p[i] - pm[i]
    on = fma(fast, FAST_ON, fma(slow, SLOW_ON, PV_CA_ON * pv))
    off = fma(mf[i] + f[i], FAST_OFF, fma(ms[i] + s[i], SLOW_OFF, PV_CA_OFF * p[i]))
    slope = (pool.dt * FAST_ON) * fast * buffers.f.matrix[i]
    slope = fma((pool.dt * SLOW_ON) * slow, buffers.s.matrix[i], slope)
    slope = fma((pool.dt * PV_CA_ON) * pv, local_p[i], slope)
    return pool.dt * fma(-now[i], on, off), slope


@by_shell
def _balance(i, flow, moved, flow_of_moved, exchanged):
    return flow[i] + (flow_of_moved[i] - moved[i]) + exchanged[i][0]


@inlined
def _correct(states, at, pool, rates, buffers, local_p, matrix, moved, changes, pm):
    """Return the correction of the change of calcium, and the matrix, which is given or None."""
    now = _at_end(states, at, C, moved)
    q, change_of_q, inverse = _pumped(states, at, pool.dt, now[0])
    q = q + change_of_q
    exchanged = _exchanged(
        pool,
        buffers,
        local_p,
        now,
        _at_end(states, at, MF, changes.mf),
        _at_end(states, at, MS, changes.ms),
        _at_end(states, at, F, changes.f),
        _at_end(states, at, S, changes.s),
        _at_end(states, at, P, changes.p),
        _at_end(states, at, PM, pm),
    )
    flow = _flow(states, at, C, rates)
    first, second, third, fourth = _balance(flow, moved, inflow(moved, rates), exchanged)
    first = first + pool.influx
    first = first - pool.removal * (PUMP_ON * now[0] * (1.0 - q) - PUMP_OFF * q)
    right = first, second, third, fourth
    if matrix is None:
        slope = (1.0 - q) * (1.0 - pool.dt * (PUMP_ON * now[0] + PUMP_OFF) * inverse)
        first, second, third, fourth = column(exchanged, 1)
        first = first + pool.removal * PUMP_ON * slope
        found = factored((first, second, third, fourth), rates)
    else:
        found = matrix
    return solved(found, right), found


@by_shell
def _free_of_both(i, states, at, total, p):
    return total - p[i] - block_at(states, at + of_state(states, PM, i))


@by_shell
def _binding_of_magnesium(i, states, at, dt, free, start):
    bound = block_at(states, at + of_state(states, MG, i)) * free[i]
    return fma(bound, dt * PV_MG_ON, start[i])


@by_shell
def _release_of_magnesium(i, states, at, dt, pm, free, flow):
    unbound = fma(block_at(states, at + of_state(states, PM, i)) + pm[i], dt * PV_MG_OFF, flow[i])
    return fma(block_at(states, at + of_state(states, MG, i)) * free[i], -dt * PV_MG_ON, unbound)


@inlined
def _magnesium(states, at, pool, rates, p):
    """Return the changes of magnesium and of parvalbumin with magnesium."""
    dt, of_pv = pool.dt, rates.parvalbumin
    loss = linear(_state(states, at, MG), dt * PV_MG_ON, dt * PV_MG_OFF)
    with_calcium = _at_end(states, at, P, p)
    free = _free_of_both(states, at, pool.parvalbumin, with_calcium)
    start = _unbinding(states, at, PM, dt * PV_MG_OFF, _flow(states, at, PM, of_pv))
    pm = solved(factored(loss, of_pv), _binding_of_magnesium(states, at, dt, free, start))
    free = minus(free, pm)
    flow = _flow(states, at, MG, rates.calcium)
    right = _release_of_magnesium(states, at, dt, pm, free, flow)
    return solved(factored(scaled(free, dt * PV_MG_ON), rates.calcium), right), pm


@inlined
def _chosen_changes(where, a, b):
    return _Buffers(
        selected(where, a.mf, b.mf),
        selected(where, a.ms, b.ms),
        selected(where, a.f, b.f),
        selected(where, a.s, b.s),
        selected(where, a.p, b.p),
    )


@inlined
def _are_noticeable(states, at, x):
    total = absolute(x[0]) + absolute(x[1]) + absolute(x[2]) + absolute(x[3])
    return reached(total, _NOTICEABLE * block_at(states, at + of_state(states, C, 0)))


@by_shell
def _advance(i, states, at, kind, change):
    low = _N_STATES * block_size(states)
    advance_state(states, at + of_state(states, kind, i), low, change[i])
    return i


@by_shell
def _keep(i, states, at, kind, change):
    put_lanes(states, _place_of_change(states, at, kind, i), change[i])
    return i


@inlined
def _advance_all(states, at, pool, moved, mg, changes, pm):
    width = block_size(states)
    _, q, _ = _pumped(states, at, pool.dt, block_at(states, at) + moved[0])
    advance_state(states, at + N_STATES * N_PUMP_SHELLS * width, _N_STATES * width, q)
    _keep(states, at, 0, moved)
    _keep(states, at, 1, pm)
    _advance(states, at, C, moved)
    _advance(states, at, MF, changes.mf)
    _advance(states, at, MS, changes.ms)
    _advance(states, at, F, changes.f)
    _advance(states, at, S, changes.s)
    _advance(states, at, P, changes.p)
    _advance(states, at, PM, pm)
    _advance(states, at, MG, mg)


@inlined
def pump_step(states, at, pool, work):
    """Advance all states; return calcium of the outermost shell."""
    rates = _Rates(
        exchange(pool, D_CALCIUM), exchange(pool, D_CALBINDIN), exchange(pool, D_PARVALBUMIN)
    )
    guess, pm = _last_change(states, at, 0), _last_change(states, at, 1)
    near = _at_end(states, at, C, guess)
    buffers, local_p, before = _begin(states, at, pool, rates, near, pm)
    change, matrix = _correct(
        states, at, pool, rates.calcium, buffers, local_p, None, guess, before, pm
    )
    moved = plus(guess, change)
    now = _at_end(states, at, C, moved)
    changes = _bind(states, at, pool, buffers, now, change, before, pm)
    again = _are_noticeable(states, at, change)
    if any_of(again):
        change, _ = _correct(
            states, at, pool, rates.calcium, buffers, local_p, matrix, moved, changes, pm
        )
        moved = selected(again, plus(moved, change), moved)
        now, ahead = _at_end(states, at, C, moved), minus(moved, guess)
        other = _bind(states, at, pool, buffers, now, ahead, changes, pm)
        changes = _chosen_changes(again, other, changes)
    mg, pm = _magnesium(states, at, pool, rates, changes.p)
    _advance_all(states, at, pool, moved, mg, changes, pm)
    return block_at(states, at + of_state(states, C, 0))
