"""Backward-Euler step of calcium systems with a surface pump, solved for the changes.

All tridiagonal matrices are factored once, at the calcium that the last step extrapolates to. Two
sweeps of substitution follow, accurate to 1e-6 after a sudden change of the current and to 1e-7 on
average.
"""

from __future__ import annotations

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import put_lanes, register_at, register_size
from cerebella.compiled.simd import fma
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
    of_work,
)
from cerebella.purkinje.own_engine.states import advance_state

# Rows of scratch memory for each shell: the pivot and the weight of the next shell for each state,
# the part of the right side that stays, the change; calcium that matrices are factored at and that
# of the iterate, both as changes; inverses of local matrices.
_PIVOT, _TOWARD, _BASE, _CHANGE = (N_STATES * k for k in range(4))
_GUESS, _MOVED, _R_FAST, _R_SLOW, _R_PV = range(4 * N_STATES, 4 * N_STATES + 5)


@inlined
def pump_rows(n):
    """Return the number of states of a pool of n shells, each of which has a remainder."""
    return N_STATES * n + 1


@inlined
def _flow(states, at, n, kind, i, out, into):
    """Return the inflow of a state from both neighbors of a shell."""
    own = register_at(states, at + of_state(states, kind, i))
    total = own * 0.0
    if i > 0:
        outer = register_at(states, at + of_state(states, kind, i - 1))
        total = out * (outer - own)
    if i < n - 1:
        inner = register_at(states, at + of_state(states, kind, i + 1))
        total = fma(into, inner - own, total)
    return total


@inlined
def _factor(work, kind, i, loss, out, into, before):
    """Eliminate a shell of a tridiagonal matrix; return the weight of the next shell."""
    inverse = 1.0 / fma(out, 1.0 - before, 1.0 + loss + into)
    weight = into * inverse
    put_lanes(work, of_work(work, _PIVOT + kind, i), inverse)
    put_lanes(work, of_work(work, _TOWARD + kind, i), weight)
    return weight


@inlined
def _keep(states, at, n, work, kind, i, off, out, into):
    """Store loss and diffusion of a buffer at the beginning of the step."""
    own = register_at(states, at + of_state(states, kind, i))
    inflow = _flow(states, at, n, kind, i, out, into)
    put_lanes(work, of_work(work, _BASE + kind, i), fma(own, -off, inflow))


@inlined
def _prepare(states, at, pool, work):
    zero = pool.scale * 0.0
    to_f, to_s, to_p, to_pm = zero, zero, zero, zero
    rest = at + 2 * pump_rows(pool.n) * register_size(states)
    for i in range(pool.n):
        out, into = pool.scale * pool.outward[i], pool.scale * pool.inward[i]
        c = register_at(states, at + of_state(states, C, i))
        g = register_at(states, at + of_state(states, MG, i))
        last = register_at(states, rest + 2 * i * register_size(states))
        put_lanes(work, of_work(work, _GUESS, i), last)
        put_lanes(work, of_work(work, _MOVED, i), last)
        near = c + last
        fast = fma(near, pool.dt * FAST_ON, pool.dt * FAST_OFF)
        slow = fma(near, pool.dt * SLOW_ON, pool.dt * SLOW_OFF)
        pv = fma(near, pool.dt * PV_CA_ON, pool.dt * PV_CA_OFF)
        pm = fma(g, pool.dt * PV_MG_ON, pool.dt * PV_MG_OFF)
        put_lanes(work, of_work(work, _R_FAST, i), 1.0 / (1.0 + fast))
        put_lanes(work, of_work(work, _R_SLOW, i), 1.0 / (1.0 + slow))
        put_lanes(work, of_work(work, _R_PV, i), 1.0 / (1.0 + pv))
        b_out, b_into = D_CALBINDIN * out, D_CALBINDIN * into
        p_out, p_into = D_PARVALBUMIN * out, D_PARVALBUMIN * into
        c_out, c_into = D_CALCIUM * out, D_CALCIUM * into
        to_f = _factor(work, MF, i, fast, b_out, b_into, to_f)
        to_s = _factor(work, MS, i, slow, b_out, b_into, to_s)
        to_p = _factor(work, P, i, pv, p_out, p_into, to_p)
        to_pm = _factor(work, PM, i, pm, p_out, p_into, to_pm)
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
        last = register_at(states, rest + (2 * i + 1) * register_size(states))
        put_lanes(work, of_work(work, _CHANGE + PM, i), last)


@inlined
def _forward(work, kind, i, right, out, before):
    y = fma(out, before, right) * register_at(work, of_work(work, _PIVOT + kind, i))
    put_lanes(work, of_work(work, _CHANGE + kind, i), y)
    return y


@inlined
def _backward(work, kind, i, inner):
    x = register_at(work, of_work(work, _CHANGE + kind, i))
    x = fma(register_at(work, of_work(work, _TOWARD + kind, i)), inner, x)
    put_lanes(work, of_work(work, _CHANGE + kind, i), x)
    return x


@inlined
def _reaction(states, at, work, kind, i, on, total, now, ahead, rest):
    """Add what binds at the calcium of the iterate, for the matrix of the factored one."""
    own = register_at(states, at + of_state(states, kind, i))
    last = register_at(work, of_work(work, _CHANGE + kind, i))
    return fma(fma(now, total - own, -ahead * last), on, rest)


@inlined
def _buffers(states, at, pool, work):
    """Solve for the changes of the buffers of calcium."""
    zero = pool.scale * 0.0
    x_f, x_s, x_p = zero, zero, zero
    for i in range(pool.n):
        out = pool.scale * pool.outward[i]
        moved = register_at(work, of_work(work, _MOVED, i))
        now = register_at(states, at + of_state(states, C, i)) + moved
        ahead = moved - register_at(work, of_work(work, _GUESS, i))
        rest = register_at(work, of_work(work, _BASE + MF, i))
        right = _reaction(states, at, work, MF, i, pool.dt * FAST_ON, pool.mobile, now, ahead, rest)
        x_f = _forward(work, MF, i, right, D_CALBINDIN * out, x_f)
        rest = register_at(work, of_work(work, _BASE + MS, i))
        right = _reaction(states, at, work, MS, i, pool.dt * SLOW_ON, pool.mobile, now, ahead, rest)
        x_s = _forward(work, MS, i, right, D_CALBINDIN * out, x_s)
        rest = register_at(states, at + of_state(states, F, i)) * (-pool.dt * FAST_OFF)
        bound = _reaction(
            states, at, work, F, i, pool.dt * FAST_ON, pool.immobile, now, ahead, rest
        )
        bound = bound * register_at(work, of_work(work, _R_FAST, i))
        put_lanes(work, of_work(work, _CHANGE + F, i), bound)
        rest = register_at(states, at + of_state(states, S, i)) * (-pool.dt * SLOW_OFF)
        bound = _reaction(
            states, at, work, S, i, pool.dt * SLOW_ON, pool.immobile, now, ahead, rest
        )
        bound = bound * register_at(work, of_work(work, _R_SLOW, i))
        put_lanes(work, of_work(work, _CHANGE + S, i), bound)
        free = pool.parvalbumin - register_at(states, at + of_state(states, PM, i))
        free = free - register_at(work, of_work(work, _CHANGE + PM, i))
        rest = register_at(work, of_work(work, _BASE + P, i))
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
        pv = pool.parvalbumin - register_at(states, at + of_state(states, P, i))
        pv = pv - register_at(work, of_work(work, _CHANGE + P, i))
        pv = pv - register_at(states, at + of_state(states, PM, i))
        g = register_at(states, at + of_state(states, MG, i))
        right = fma(g * pv, pool.dt * PV_MG_ON, register_at(work, of_work(work, _BASE + PM, i)))
        x = _forward(work, PM, i, right, (D_PARVALBUMIN * pool.scale) * pool.outward[i], x)
    for k in range(1, pool.n):
        x = _backward(work, PM, pool.n - 1 - k, x)
    weight, x = zero, zero
    for i in range(pool.n):
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        pm = register_at(states, at + of_state(states, PM, i))
        pm = pm + register_at(work, of_work(work, _CHANGE + PM, i))
        pv = pool.parvalbumin - register_at(states, at + of_state(states, P, i))
        pv = pv - register_at(work, of_work(work, _CHANGE + P, i)) - pm
        g = register_at(states, at + of_state(states, MG, i))
        weight = _factor(work, MG, i, (pool.dt * PV_MG_ON) * pv, out, into, weight)
        right = register_at(work, of_work(work, _BASE + MG, i))
        right = fma(pm, pool.dt * PV_MG_OFF, right)
        right = fma(g * pv, -pool.dt * PV_MG_ON, right)
        x = _forward(work, MG, i, right, out, x)
    for k in range(1, pool.n):
        x = _backward(work, MG, pool.n - 1 - k, x)


@inlined
def _pumped(states, at, n, dt, c):
    """Return the bound fraction of the pump, its change, and the inverse of the matrix."""
    bound = register_at(states, at + N_STATES * n * register_size(states))
    inverse = 1.0 / fma(c, dt * PUMP_ON, 1.0 + dt * (PUMP_OFF + PUMP_OUT))
    change = dt * (PUMP_ON * c * (1.0 - bound) - (PUMP_OFF + PUMP_OUT) * bound) * inverse
    return bound, change, inverse


@inlined
def _bound_change(states, at, work, kind, i):
    """Return a state at the end of the step."""
    own = register_at(states, at + of_state(states, kind, i))
    return own + register_at(work, of_work(work, _CHANGE + kind, i))


@inlined
def _calcium(states, at, pool, work, first):
    """Solve for the change of calcium; factor its matrix the first time."""
    zero = pool.scale * 0.0
    weight, x, outer = zero, zero, zero
    now = register_at(states, at + of_state(states, C, 0)) + register_at(
        work, of_work(work, _MOVED, 0)
    )
    q, change_of_q, inverse = _pumped(states, at, pool.n, pool.dt, now)
    q = q + change_of_q
    for i in range(pool.n):
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        moved = register_at(work, of_work(work, _MOVED, i))
        now = register_at(states, at + of_state(states, C, i)) + moved
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
        right = register_at(work, of_work(work, _BASE + C, i)) - moved
        right = fma(fma(-now, on, off), pool.dt, right)
        if i > 0:
            right = fma(out, outer - moved, right)
        outer = moved
        if i < pool.n - 1:
            inner = register_at(work, of_work(work, _MOVED, i + 1))
            right = fma(into, inner - moved, right)
        if i == 0:
            right = right + pool.influx - pool.removal * (PUMP_ON * now * (1.0 - q) - PUMP_OFF * q)
        if first:
            follows = (pool.dt * FAST_ON) * fast * register_at(work, of_work(work, _R_FAST, i))
            of_slow = (pool.dt * SLOW_ON) * slow
            follows = fma(of_slow, register_at(work, of_work(work, _R_SLOW, i)), follows)
            of_pv = (pool.dt * PV_CA_ON) * pv
            follows = fma(of_pv, register_at(work, of_work(work, _R_PV, i)), follows)
            if i == 0:
                slope = (1.0 - q) * (1.0 - pool.dt * (PUMP_ON * now + PUMP_OFF) * inverse)
                follows = follows + pool.removal * PUMP_ON * slope
            weight = _factor(work, C, i, follows, out, into, weight)
        x = _forward(work, C, i, right, out, x)
    put_lanes(
        work,
        of_work(work, _MOVED, pool.n - 1),
        x + register_at(work, of_work(work, _MOVED, pool.n - 1)),
    )
    for k in range(1, pool.n):
        i = pool.n - 1 - k
        x = _backward(work, C, i, x)
        moved = register_at(work, of_work(work, _MOVED, i))
        put_lanes(work, of_work(work, _MOVED, i), moved + x)


@inlined
def pump_step(states, at, pool, work):
    """Advance all states; return calcium of the outermost shell."""
    _prepare(states, at, pool, work)
    _buffers(states, at, pool, work)
    for sweep in range(2):
        _calcium(states, at, pool, work, sweep == 0)
        _buffers(states, at, pool, work)
    _magnesium(states, at, pool, work)
    width = register_size(states)
    low = pump_rows(pool.n) * width
    now = register_at(states, at + of_state(states, C, 0)) + register_at(
        work, of_work(work, _MOVED, 0)
    )
    _, bound, _ = _pumped(states, at, pool.n, pool.dt, now)
    advance_state(states, at + N_STATES * pool.n * width, low, bound)
    rest = at + 2 * pump_rows(pool.n) * width
    for i in range(pool.n):
        moved = register_at(work, of_work(work, _MOVED, i))
        put_lanes(states, rest + 2 * i * register_size(states), moved)
        last = register_at(work, of_work(work, _CHANGE + PM, i))
        put_lanes(states, rest + (2 * i + 1) * register_size(states), last)
        advance_state(states, at + of_state(states, C, i), low, moved)
        for kind in range(1, N_STATES):
            moved = register_at(work, of_work(work, _CHANGE + kind, i))
            advance_state(states, at + of_state(states, kind, i), low, moved)
    return register_at(states, at + of_state(states, C, 0))
