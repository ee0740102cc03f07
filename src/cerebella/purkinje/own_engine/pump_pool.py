"""Backward-Euler step of calcium systems with a surface pump, solved for the changes.

All tridiagonal matrices are factored once, at the calcium that the last step extrapolates to. One
sweep of substitution follows, and a second one where the first has moved calcium noticeably, as
after a sudden change of the current.
"""

from __future__ import annotations

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import block_at, block_size, put_lanes
from cerebella.compiled.simd import absolute, any_of, fma, like, reached
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
    inverses,
    of_state,
    of_work,
    pivot,
)
from cerebella.purkinje.own_engine.states import advance_state

# Rows of scratch memory for each shell: the pivot and the weight of the next shell for each state,
# the part of the right side that stays, the change; calcium that matrices are factored at and that
# of the iterate, both as changes; inverses of local matrices.
_PIVOT, _TOWARD, _BASE, _CHANGE = (N_STATES * k for k in range(4))
_GUESS, _MOVED, _R_FAST, _R_SLOW, _R_PV = range(4 * N_STATES, 4 * N_STATES + 5)

_NOTICEABLE = 1e-4
"""Corrections of all shells over calcium of the outermost one, from which on a sweep follows."""


@inlined
def pump_rows(n):
    """Return the number of states of a pool of n shells, each of which has a remainder."""
    return N_STATES * n + 1


@inlined
def _flow(states, at, n, kind, i, out, into):
    """Return the inflow of a state from both neighbors of a shell."""
    own = block_at(states, at + of_state(states, kind, i))
    total = own * 0.0
    if i > 0:
        outer = block_at(states, at + of_state(states, kind, i - 1))
        total = out * (outer - own)
    if i < n - 1:
        inner = block_at(states, at + of_state(states, kind, i + 1))
        total = fma(into, inner - own, total)
    return total


@inlined
def _factor(work, kind, i, loss, out, into, before):
    """Eliminate a shell of a tridiagonal matrix; return the weight of the next shell."""
    return _keep_factor(work, kind, i, 1.0 / pivot(loss, out, into, before), into)


@inlined
def _keep_factor(work, kind, i, inverse, into):
    """Store the inverse of a pivot; return the weight of the next shell."""
    weight = into * inverse
    put_lanes(work, of_work(work, _PIVOT + kind, i), inverse)
    put_lanes(work, of_work(work, _TOWARD + kind, i), weight)
    return weight


@inlined
def _keep(states, at, n, work, kind, i, off, out, into):
    """Store loss and diffusion of a buffer at the beginning of the step."""
    own = block_at(states, at + of_state(states, kind, i))
    inflow = _flow(states, at, n, kind, i, out, into)
    put_lanes(work, of_work(work, _BASE + kind, i), fma(own, -off, inflow))


@inlined
def _prepare(states, at, pool, work):
    zero, one = pool.scale * 0.0, like(pool.scale, 1.0)
    to_f, to_s, to_p, to_pm = zero, zero, zero, zero
    rest = at + 2 * pump_rows(pool.n) * block_size(states)
    for i in range(pool.n):
        out, into = pool.scale * pool.outward[i], pool.scale * pool.inward[i]
        c = block_at(states, at + of_state(states, C, i))
        g = block_at(states, at + of_state(states, MG, i))
        last = block_at(states, rest + 2 * i * block_size(states))
        put_lanes(work, of_work(work, _GUESS, i), last)
        put_lanes(work, of_work(work, _MOVED, i), last)
        near = c + last
        fast = fma(near, pool.dt * FAST_ON, pool.dt * FAST_OFF)
        slow = fma(near, pool.dt * SLOW_ON, pool.dt * SLOW_OFF)
        pv = fma(near, pool.dt * PV_CA_ON, pool.dt * PV_CA_OFF)
        pm = fma(g, pool.dt * PV_MG_ON, pool.dt * PV_MG_OFF)
        b_out, b_into = D_CALBINDIN * out, D_CALBINDIN * into
        p_out, p_into = D_PARVALBUMIN * out, D_PARVALBUMIN * into
        c_out, c_into = D_CALCIUM * out, D_CALCIUM * into
        of_f, of_s, of_p, of_pm = inverses(
            pivot(fast, b_out, b_into, to_f),
            pivot(slow, b_out, b_into, to_s),
            pivot(pv, p_out, p_into, to_p),
            pivot(pm, p_out, p_into, to_pm),
        )
        to_f = _keep_factor(work, MF, i, of_f, b_into)
        to_s = _keep_factor(work, MS, i, of_s, b_into)
        to_p = _keep_factor(work, P, i, of_p, p_into)
        to_pm = _keep_factor(work, PM, i, of_pm, p_into)
        r_fast, r_slow, r_pv, _ = inverses(1.0 + fast, 1.0 + slow, 1.0 + pv, one)
        put_lanes(work, of_work(work, _R_FAST, i), r_fast)
        put_lanes(work, of_work(work, _R_SLOW, i), r_slow)
        put_lanes(work, of_work(work, _R_PV, i), r_pv)
        _keep(states, at, pool.n, work, MF, i, pool.dt * FAST_OFF, b_out, b_into)
        _keep(states, at, pool.n, work, MS, i, pool.dt * SLOW_OFF, b_out, b_into)
        _keep(states, at, pool.n, work, P, i, pool.dt * PV_CA_OFF, p_out, p_into)
        _keep(states, at, pool.n, work, PM, i, pool.dt * PV_MG_OFF, p_out, p_into)
        inflow = _flow(states, at, pool.n, C, i, c_out, c_into)
        put_lanes(work, of_work(work, _BASE + C, i), inflow)
        inflow = _flow(states, at, pool.n, MG, i, c_out, c_into)
        put_lanes(work, of_work(work, _BASE + MG, i), inflow)
        put_lanes(work, of_work(work, _CHANGE + MF, i), zero)
        put_lanes(work, of_work(work, _CHANGE + MS, i), zero)
        put_lanes(work, of_work(work, _CHANGE + F, i), zero)
        put_lanes(work, of_work(work, _CHANGE + S, i), zero)
        put_lanes(work, of_work(work, _CHANGE + P, i), zero)
        last = block_at(states, rest + (2 * i + 1) * block_size(states))
        put_lanes(work, of_work(work, _CHANGE + PM, i), last)


@inlined
def _forward(work, kind, i, right, out, before):
    y = fma(out, before, right) * block_at(work, of_work(work, _PIVOT + kind, i))
    put_lanes(work, of_work(work, _CHANGE + kind, i), y)
    return y


@inlined
def _backward(work, kind, i, inner):
    x = block_at(work, of_work(work, _CHANGE + kind, i))
    x = fma(block_at(work, of_work(work, _TOWARD + kind, i)), inner, x)
    put_lanes(work, of_work(work, _CHANGE + kind, i), x)
    return x


@inlined
def _reaction(states, at, work, kind, i, on, total, now, ahead, rest):
    """Add what binds at the calcium of the iterate, for the matrix of the factored one."""
    own = block_at(states, at + of_state(states, kind, i))
    last = block_at(work, of_work(work, _CHANGE + kind, i))
    return fma(fma(now, total - own, -ahead * last), on, rest)


@inlined
def _buffers(states, at, pool, work):
    """Solve for the changes of the buffers of calcium."""
    zero = pool.scale * 0.0
    x_f, x_s, x_p = zero, zero, zero
    for i in range(pool.n):
        out = pool.scale * pool.outward[i]
        moved = block_at(work, of_work(work, _MOVED, i))
        now = block_at(states, at + of_state(states, C, i)) + moved
        ahead = moved - block_at(work, of_work(work, _GUESS, i))
        rest = block_at(work, of_work(work, _BASE + MF, i))
        right = _reaction(states, at, work, MF, i, pool.dt * FAST_ON, pool.mobile, now, ahead, rest)
        x_f = _forward(work, MF, i, right, D_CALBINDIN * out, x_f)
        rest = block_at(work, of_work(work, _BASE + MS, i))
        right = _reaction(states, at, work, MS, i, pool.dt * SLOW_ON, pool.mobile, now, ahead, rest)
        x_s = _forward(work, MS, i, right, D_CALBINDIN * out, x_s)
        rest = block_at(states, at + of_state(states, F, i)) * (-pool.dt * FAST_OFF)
        bound = _reaction(
            states, at, work, F, i, pool.dt * FAST_ON, pool.immobile, now, ahead, rest
        )
        bound = bound * block_at(work, of_work(work, _R_FAST, i))
        put_lanes(work, of_work(work, _CHANGE + F, i), bound)
        rest = block_at(states, at + of_state(states, S, i)) * (-pool.dt * SLOW_OFF)
        bound = _reaction(
            states, at, work, S, i, pool.dt * SLOW_ON, pool.immobile, now, ahead, rest
        )
        bound = bound * block_at(work, of_work(work, _R_SLOW, i))
        put_lanes(work, of_work(work, _CHANGE + S, i), bound)
        free = pool.parvalbumin - block_at(states, at + of_state(states, PM, i))
        free = free - block_at(work, of_work(work, _CHANGE + PM, i))
        rest = block_at(work, of_work(work, _BASE + P, i))
        right = _reaction(states, at, work, P, i, pool.dt * PV_CA_ON, free, now, ahead, rest)
        x_p = _forward(work, P, i, right, D_PARVALBUMIN * out, x_p)
    for k in range(1, pool.n):
        i = pool.n - 1 - k
        x_f = _backward(work, MF, i, x_f)
        x_s = _backward(work, MS, i, x_s)
        x_p = _backward(work, P, i, x_p)


@inlined
def _magnesium(states, at, pool, work):
    """Solve for the changes of magnesium and of parvalbumin with magnesium."""
    zero = pool.scale * 0.0
    x = zero
    for i in range(pool.n):
        pv = pool.parvalbumin - block_at(states, at + of_state(states, P, i))
        pv = pv - block_at(work, of_work(work, _CHANGE + P, i))
        pv = pv - block_at(states, at + of_state(states, PM, i))
        g = block_at(states, at + of_state(states, MG, i))
        right = fma(g * pv, pool.dt * PV_MG_ON, block_at(work, of_work(work, _BASE + PM, i)))
        x = _forward(work, PM, i, right, (D_PARVALBUMIN * pool.scale) * pool.outward[i], x)
    for k in range(1, pool.n):
        x = _backward(work, PM, pool.n - 1 - k, x)
    weight, x = zero, zero
    for i in range(pool.n):
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        pm = block_at(states, at + of_state(states, PM, i))
        pm = pm + block_at(work, of_work(work, _CHANGE + PM, i))
        pv = pool.parvalbumin - block_at(states, at + of_state(states, P, i))
        pv = pv - block_at(work, of_work(work, _CHANGE + P, i)) - pm
        g = block_at(states, at + of_state(states, MG, i))
        weight = _factor(work, MG, i, (pool.dt * PV_MG_ON) * pv, out, into, weight)
        right = block_at(work, of_work(work, _BASE + MG, i))
        right = fma(pm, pool.dt * PV_MG_OFF, right)
        right = fma(g * pv, -pool.dt * PV_MG_ON, right)
        x = _forward(work, MG, i, right, out, x)
    for k in range(1, pool.n):
        x = _backward(work, MG, pool.n - 1 - k, x)


@inlined
def _pumped(states, at, n, dt, c):
    """Return the bound fraction of the pump, its change, and the inverse of the matrix."""
    bound = block_at(states, at + N_STATES * n * block_size(states))
    inverse = 1.0 / fma(c, dt * PUMP_ON, 1.0 + dt * (PUMP_OFF + PUMP_OUT))
    change = dt * (PUMP_ON * c * (1.0 - bound) - (PUMP_OFF + PUMP_OUT) * bound) * inverse
    return bound, change, inverse


@inlined
def _bound_change(states, at, work, kind, i):
    """Return a state at the end of the step."""
    own = block_at(states, at + of_state(states, kind, i))
    return own + block_at(work, of_work(work, _CHANGE + kind, i))


@inlined
def _calcium(states, at, pool, work, first):
    """Solve for the change of calcium; factor its matrix the first time.

    Returns the summed absolute corrections of all shells.
    """
    zero = pool.scale * 0.0
    weight, x, outer = zero, zero, zero
    now = block_at(states, at + of_state(states, C, 0)) + block_at(work, of_work(work, _MOVED, 0))
    q, change_of_q, inverse = _pumped(states, at, pool.n, pool.dt, now)
    q = q + change_of_q
    for i in range(pool.n):
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        moved = block_at(work, of_work(work, _MOVED, i))
        now = block_at(states, at + of_state(states, C, i)) + moved
        mf = _bound_change(states, at, work, MF, i)
        ms = _bound_change(states, at, work, MS, i)
        f = _bound_change(states, at, work, F, i)
        s = _bound_change(states, at, work, S, i)
        p = _bound_change(states, at, work, P, i)
        pm = _bound_change(states, at, work, PM, i)
        fast = pool.mobile - mf + pool.immobile - f
        slow = pool.mobile - ms + pool.immobile - s
        pv = pool.parvalbumin - p - pm
        on = fma(fast, FAST_ON, fma(slow, SLOW_ON, PV_CA_ON * pv))
        off = fma(mf + f, FAST_OFF, fma(ms + s, SLOW_OFF, PV_CA_OFF * p))
        right = block_at(work, of_work(work, _BASE + C, i)) - moved
        right = fma(fma(-now, on, off), pool.dt, right)
        if i > 0:
            right = fma(out, outer - moved, right)
        outer = moved
        if i < pool.n - 1:
            inner = block_at(work, of_work(work, _MOVED, i + 1))
            right = fma(into, inner - moved, right)
        if i == 0:
            right = right + pool.influx - pool.removal * (PUMP_ON * now * (1.0 - q) - PUMP_OFF * q)
        if first:
            follows = (pool.dt * FAST_ON) * fast * block_at(work, of_work(work, _R_FAST, i))
            of_slow = (pool.dt * SLOW_ON) * slow
            follows = fma(of_slow, block_at(work, of_work(work, _R_SLOW, i)), follows)
            of_pv = (pool.dt * PV_CA_ON) * pv
            follows = fma(of_pv, block_at(work, of_work(work, _R_PV, i)), follows)
            if i == 0:
                slope = (1.0 - q) * (1.0 - pool.dt * (PUMP_ON * now + PUMP_OFF) * inverse)
                follows = follows + pool.removal * PUMP_ON * slope
            weight = _factor(work, C, i, follows, out, into, weight)
        x = _forward(work, C, i, right, out, x)
    put_lanes(
        work,
        of_work(work, _MOVED, pool.n - 1),
        x + block_at(work, of_work(work, _MOVED, pool.n - 1)),
    )
    total = absolute(x)
    for k in range(1, pool.n):
        i = pool.n - 1 - k
        x = _backward(work, C, i, x)
        moved = block_at(work, of_work(work, _MOVED, i))
        put_lanes(work, of_work(work, _MOVED, i), moved + x)
        total = total + absolute(x)
    return total


@inlined
def pump_step(states, at, pool, work):
    """Advance all states; return calcium of the outermost shell."""
    _prepare(states, at, pool, work)
    _buffers(states, at, pool, work)
    moved = _calcium(states, at, pool, work, True)
    _buffers(states, at, pool, work)
    outermost = block_at(states, at + of_state(states, C, 0))
    if any_of(reached(moved, _NOTICEABLE * outermost)):
        _calcium(states, at, pool, work, False)
        _buffers(states, at, pool, work)
    _magnesium(states, at, pool, work)
    width = block_size(states)
    low = pump_rows(pool.n) * width
    now = block_at(states, at + of_state(states, C, 0)) + block_at(work, of_work(work, _MOVED, 0))
    _, bound, _ = _pumped(states, at, pool.n, pool.dt, now)
    advance_state(states, at + N_STATES * pool.n * width, low, bound)
    rest = at + 2 * pump_rows(pool.n) * width
    for i in range(pool.n):
        moved = block_at(work, of_work(work, _MOVED, i))
        put_lanes(states, rest + 2 * i * block_size(states), moved)
        last = block_at(work, of_work(work, _CHANGE + PM, i))
        put_lanes(states, rest + (2 * i + 1) * block_size(states), last)
        advance_state(states, at + of_state(states, C, i), low, moved)
        for kind in range(1, N_STATES):
            moved = block_at(work, of_work(work, _CHANGE + kind, i))
            advance_state(states, at + of_state(states, kind, i), low, moved)
    return block_at(states, at + of_state(states, C, 0))
