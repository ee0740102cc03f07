"""Backward-Euler step of calcium systems that lose calcium in every shell.

As published, the loss is not in the Jacobian, and sweeps end when the sum of the absolute changes
of all species falls below 1e-6 mM, in each compartment by itself. This affects spikes.
"""

from __future__ import annotations

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import block_at, block_size, put_lanes
from cerebella.compiled.simd import absolute, any_of, chosen, fma, like, reached
from cerebella.purkinje.calcium_pools import (
    D_CALBINDIN,
    D_CALCIUM,
    D_PARVALBUMIN,
    FAST_OFF,
    FAST_ON,
    LOSS_HALF_MM,
    LOSS_MM_PER_MS,
    PV_CA_OFF,
    PV_CA_ON,
    PV_MG_OFF,
    PV_MG_ON,
    SLOW_OFF,
    SLOW_ON,
)
from cerebella.purkinje.own_engine.arrays import SCRATCH_ROWS
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

_TOLERANCE_MM, _MOST_SWEEPS = 1e-6, 20

# Rows of scratch memory for each shell: the iterate, the last one, the weight of the next shell
# for each state, and inverses of local matrices.
_NEW, _LAST, _TOWARD = (N_STATES * k for k in range(3))
_R_FAST, _R_SLOW, _R_PV, _R_LOSS, _PIVOT_PM = range(3 * N_STATES, 3 * N_STATES + 5)


@inlined
def _of_work(work, row, i):
    """Return the place of a row of scratch memory of shell i."""
    return block_size(work) * (SCRATCH_ROWS * i + row)


@inlined
def _inverses(a, b, c, d):
    """Return the inverses of four numbers by one division and nine products."""
    ab, cd = a * b, c * d
    inverse = 1.0 / (ab * cd)
    of_ab, of_cd = inverse * cd, inverse * ab
    return of_ab * b, of_ab * a, of_cd * d, of_cd * c


@inlined
def _pivot(loss, out, into, before):
    """Return the diagonal of a shell after elimination of the outer ones."""
    return fma(out, 1.0 - before, 1.0 + loss + into)


@inlined
def _at_end(work, kind, i):
    """Return a state of the iterate."""
    return block_at(work, _of_work(work, _NEW + kind, i))


@inlined
def _eliminate(work, kind, i, loss, gain, out, into, weight, x):
    """Eliminate a shell; return the weight of the next shell and the solution without it."""
    return _keep(work, kind, i, 1.0 / _pivot(loss, out, into, weight), gain, out, into, x)


@inlined
def _keep(work, kind, i, inverse, gain, out, into, x):
    """Store a shell that is eliminated, given the inverse of its pivot; return as `_eliminate`."""
    weight, x = into * inverse, fma(out, x, gain) * inverse
    put_lanes(work, _of_work(work, _TOWARD + kind, i), weight)
    put_lanes(work, _of_work(work, _NEW + kind, i), x)
    return weight, x


@inlined
def _substitute(work, n, kind):
    """Solve for all shells, from the innermost."""
    x = _at_end(work, kind, n - 1)
    for k in range(1, n):
        i = n - 1 - k
        x = fma(block_at(work, _of_work(work, _TOWARD + kind, i)), x, _at_end(work, kind, i))
        put_lanes(work, _of_work(work, _NEW + kind, i), x)


@inlined
def _buffers(work, states, at, pool):
    """Solve for the buffers, given calcium of the iterate."""
    zero = pool.scale * 0.0
    w_f, x_f, w_s, x_s, w_p, x_p, w_pm, x_pm = zero, zero, zero, zero, zero, zero, zero, zero
    for i in range(pool.n):
        c = _at_end(work, C, i)
        fast = fma(c, pool.dt * FAST_ON, pool.dt * FAST_OFF)
        slow = fma(c, pool.dt * SLOW_ON, pool.dt * SLOW_OFF)
        pv = fma(c, pool.dt * PV_CA_ON, pool.dt * PV_CA_OFF)
        r_fast, r_slow, r_pv, r_loss = _inverses(1.0 + fast, 1.0 + slow, 1.0 + pv, c + LOSS_HALF_MM)
        put_lanes(work, _of_work(work, _R_FAST, i), r_fast)
        put_lanes(work, _of_work(work, _R_SLOW, i), r_slow)
        put_lanes(work, _of_work(work, _R_PV, i), r_pv)
        put_lanes(work, _of_work(work, _R_LOSS, i), r_loss)
        own = block_at(states, at + of_state(states, F, i))
        bound = fma(c, pool.dt * FAST_ON * pool.immobile, own) * r_fast
        put_lanes(work, _of_work(work, _NEW + F, i), bound)
        own = block_at(states, at + of_state(states, S, i))
        bound = fma(c, pool.dt * SLOW_ON * pool.immobile, own) * r_slow
        put_lanes(work, _of_work(work, _NEW + S, i), bound)
        b_scale, p_scale = D_CALBINDIN * pool.scale, D_PARVALBUMIN * pool.scale
        b_out, b_into = b_scale * pool.outward[i], b_scale * pool.inward[i]
        p_out, p_into = p_scale * pool.outward[i], p_scale * pool.inward[i]
        pm = fma(_at_end(work, MG, i), pool.dt * PV_MG_ON, pool.dt * PV_MG_OFF)
        of_f, of_s, of_p, of_pm = _inverses(
            _pivot(fast, b_out, b_into, w_f),
            _pivot(slow, b_out, b_into, w_s),
            _pivot(pv, p_out, p_into, w_p),
            _pivot(pm, p_out, p_into, w_pm),
        )
        w_pm = p_into * of_pm
        put_lanes(work, _of_work(work, _PIVOT_PM, i), of_pm)
        put_lanes(work, _of_work(work, _TOWARD + PM, i), w_pm)
        own = block_at(states, at + of_state(states, MF, i))
        gain = fma(c, pool.dt * FAST_ON * pool.mobile, own)
        w_f, x_f = _keep(work, MF, i, of_f, gain, b_out, b_into, x_f)
        own = block_at(states, at + of_state(states, MS, i))
        gain = fma(c, pool.dt * SLOW_ON * pool.mobile, own)
        w_s, x_s = _keep(work, MS, i, of_s, gain, b_out, b_into, x_s)
        free = (pool.dt * PV_CA_ON) * (pool.parvalbumin - _at_end(work, PM, i))
        gain = fma(c, free, block_at(states, at + of_state(states, P, i)))
        w_p, x_p = _keep(work, P, i, of_p, gain, p_out, p_into, x_p)
    _substitute(work, pool.n, MF)
    _substitute(work, pool.n, MS)
    _substitute(work, pool.n, P)
    for i in range(pool.n):
        g = _at_end(work, MG, i)
        out = (D_PARVALBUMIN * pool.scale) * pool.outward[i]
        free = (pool.dt * PV_MG_ON) * (pool.parvalbumin - _at_end(work, P, i))
        gain = fma(g, free, block_at(states, at + of_state(states, PM, i)))
        x_pm = fma(out, x_pm, gain) * block_at(work, _of_work(work, _PIVOT_PM, i))
        put_lanes(work, _of_work(work, _NEW + PM, i), x_pm)
    _substitute(work, pool.n, PM)
    w_p, x_p = zero, zero
    for i in range(pool.n):
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        pm = _at_end(work, PM, i)
        loss = (pool.dt * PV_MG_ON) * (pool.parvalbumin - _at_end(work, P, i) - pm)
        gain = fma(pm, pool.dt * PV_MG_OFF, block_at(states, at + of_state(states, MG, i)))
        w_p, x_p = _eliminate(work, MG, i, loss, gain, out, into, w_p, x_p)
    _substitute(work, pool.n, MG)


@inlined
def _calcium(work, states, at, pool):
    """Solve for calcium, given the buffers of the iterate."""
    zero = pool.scale * 0.0
    weight, x = zero, zero
    for i in range(pool.n):
        c = _at_end(work, C, i)
        mf, ms, f = _at_end(work, MF, i), _at_end(work, MS, i), _at_end(work, F, i)
        s, p, pm = _at_end(work, S, i), _at_end(work, P, i), _at_end(work, PM, i)
        fast, slow = pool.mobile - mf + pool.immobile - f, pool.mobile - ms + pool.immobile - s
        pv = pool.parvalbumin - p - pm
        follows = FAST_ON * fast * block_at(work, _of_work(work, _R_FAST, i))
        follows = fma(SLOW_ON * slow, block_at(work, _of_work(work, _R_SLOW, i)), follows)
        of_pv = PV_CA_ON * pv * block_at(work, _of_work(work, _R_PV, i))
        follows = pool.dt * (of_pv + follows)
        on = fma(fast, FAST_ON, fma(slow, SLOW_ON, PV_CA_ON * pv))
        off = fma(mf + f, FAST_OFF, fma(ms + s, SLOW_OFF, PV_CA_OFF * p))
        gain = fma(fma(-c, on, off), pool.dt, block_at(states, at + of_state(states, C, i)))
        if i == 0:
            gain = gain + pool.influx
        lost = LOSS_MM_PER_MS * c * block_at(work, _of_work(work, _R_LOSS, i))
        gain = fma(-pool.removal, lost, gain)
        gain = fma(follows, c, gain)
        scale = D_CALCIUM * pool.scale
        out, into = scale * pool.outward[i], scale * pool.inward[i]
        weight, x = _eliminate(work, C, i, follows, gain, out, into, weight, x)
    _substitute(work, pool.n, C)


@inlined
def _moved(work, kind, i):
    """Return the change of a state in a sweep."""
    return _at_end(work, kind, i) - block_at(work, _of_work(work, _LAST + kind, i))


@inlined
def _changed(work, first, second, i, total):
    """Return the summed change of the four states of calbindin."""
    x0, x1 = block_at(work, _of_work(work, _LAST + first, i)), _at_end(work, first, i)
    y0, y1 = block_at(work, _of_work(work, _LAST + second, i)), _at_end(work, second, i)
    x, y = x1 - x0, y1 - y0
    both = fma(x1, y1, -x0 * y0) * (1.0 / total)
    return absolute(both) + absolute(x - both) + absolute(y - both) + absolute(both - x - y)


@inlined
def _change(work, pool):
    """Return the sum of the absolute changes of all species in a sweep."""
    total = pool.scale * 0.0
    for i in range(pool.n):
        total = total + absolute(_moved(work, C, i))
        total = total + absolute(_moved(work, MG, i))
        p = _moved(work, P, i)
        pm = _moved(work, PM, i)
        total = total + absolute(p) + absolute(pm) + absolute(p + pm)
        total = total + _changed(work, MF, MS, i, pool.mobile)
        total = total + _changed(work, F, S, i, pool.immobile)
    return total


@inlined
def loss_step(states, at, pool, work):
    """Advance all states; return calcium of the outermost shell."""
    for i in range(pool.n):
        for kind in range(N_STATES):
            own = block_at(states, at + of_state(states, kind, i))
            put_lanes(work, _of_work(work, _NEW + kind, i), own)
            put_lanes(work, _of_work(work, _LAST + kind, i), own)
    _buffers(work, states, at, pool)
    sweeping = reached(pool.scale, pool.scale * 0.0)  # everywhere
    n_sweeps = 0
    while n_sweeps < _MOST_SWEEPS and any_of(sweeping):
        _calcium(work, states, at, pool)
        _buffers(work, states, at, pool)
        total = _change(work, pool)
        for i in range(pool.n):
            for kind in range(N_STATES):
                before = block_at(work, _of_work(work, _LAST + kind, i))
                kept = chosen(sweeping, _at_end(work, kind, i), before)
                put_lanes(work, _of_work(work, _NEW + kind, i), kept)
                put_lanes(work, _of_work(work, _LAST + kind, i), kept)
        sweeping = sweeping & reached(total, like(total, _TOLERANCE_MM))
        n_sweeps += 1
    for i in range(pool.n):
        for kind in range(N_STATES):
            put_lanes(states, at + of_state(states, kind, i), _at_end(work, kind, i))
    return block_at(states, at)
