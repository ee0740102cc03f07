"""Integration of populations over several steps, one tile of cells at a time.

See `CellStep` and `simd`. The cells of a tile stay in registers while they advance through steps
with known arrivals. Arrays are padded to whole tiles.
"""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import apart, inlined, kernel_of
from cerebella.compiled.lane_access import doubles_at, lanes_at, put_lanes
from cerebella.compiled.simd import any_of, bits_of, chosen, lowest_bit, reached, spread
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.kernel_types import TILE

_charged, _pulled = kernel_of(arithmetic.charged), kernel_of(arithmetic.pulled)
_advanced, _relaxed = kernel_of(arithmetic.moved), kernel_of(arithmetic.relaxed)


@inlined
def _moved(step, drive, conductance, v, theta, refractory_until, cell):
    """Return potentials and thresholds after a step; refractory cells stay at reset."""
    half_load, quarter_step = spread(0.5 * cell.load, TILE), spread(0.5 * cell.half, TILE)
    after = _advanced(v, drive, conductance, half_load, quarter_step)
    after = chosen(reached(refractory_until, spread(step, TILE)), spread(cell.reset, TILE), after)
    decay, pull = spread(cell.threshold_decay, TILE), spread(cell.threshold_pull, TILE)
    return after, _relaxed(theta, decay, pull)


@inlined
def _fired(step, i, crossed, v, theta, refractory_until, cell, found, n_found):
    """Log the spikes of firing cells; return their new state and the number of spikes."""
    bits = bits_of(crossed)
    while bits:
        found[0, n_found] = step
        found[1, n_found] = i + lowest_bit(bits)
        n_found += 1
        bits &= bits - np.uint64(1)
    v = chosen(crossed, spread(cell.reset, TILE), v)
    theta = chosen(crossed, spread(cell.threshold_max, TILE), theta)
    refractory_until = chosen(crossed, spread(step + cell.hold_steps, TILE), refractory_until)
    return v, theta, refractory_until, n_found


@inlined
def run_one_class(
    first, stop, arrived, width, scale, g, decay, pull, row, currents, v, theta,
    refractory_until, cell, found, n_found, trace,
):  # fmt: skip
    """Advance a population with one class of synapses through steps first <= s < stop.

    Parameters
    ----------
    arrived, width : ndarray, int
        Arrivals at each cell in each step, flat, with `width` numbers per step.
    scale : ndarray of float64, shape (n,)
        Jump of the conductance of each cell per unit of arrivals, in 1/ms.
    g, decay : ndarray of float64, shape (n,), and float
        Conductances before the jumps in 1/ms, and their decay factor per step.
    pull : float or None
        h times the reversal potential in mV ms; None for 0.
    row, currents : int, and ndarray of float64, shape (…, n), or None
        Currents in mV/ms, used from that row on.
    refractory_until : ndarray of int64, shape (n,)
        Last refractory step of each cell.
    found, n_found : ndarray of int32, shape (2, capacity), and int
        Steps and cells of the spikes, tile by tile; new ones are written from `n_found` on.
    trace : ndarray of float64, shape (n_steps, n), or None
        Output for potentials.

    Returns
    -------
    int
        The number of spikes.
    """
    for i in range(0, v.size, TILE):
        v_i, theta_i = lanes_at(v, i, TILE), lanes_at(theta, i, TILE)
        g_i, free_i = lanes_at(g, i, TILE), lanes_at(refractory_until, i, TILE)
        scale_i = lanes_at(scale, i, TILE)
        for step in range(first, stop):
            at = (step - first) * width + i
            charged = _charged(g_i, doubles_at(arrived, at, TILE), scale_i)
            g_i = charged * spread(decay, TILE)
            drive = spread(cell.pull, TILE)
            if pull is not None:
                drive = _pulled(drive, charged, spread(pull, TILE))
            if currents is not None:
                current = lanes_at(currents, (row + step - first) * currents.shape[1] + i, TILE)
                drive = _pulled(drive, current, spread(cell.half, TILE))
            v_i, theta_i = _moved(step, drive, charged, v_i, theta_i, free_i, cell)
            crossed = reached(v_i, theta_i)
            if any_of(crossed):
                v_i, theta_i, free_i, n_found = _fired(
                    step, i, crossed, v_i, theta_i, free_i, cell, found, n_found
                )
            if trace is not None:
                put_lanes(trace, (step - first) * v.size + i, v_i)
        put_lanes(v, i, v_i)
        put_lanes(theta, i, theta_i)
        put_lanes(g, i, g_i)
        put_lanes(refractory_until, i, free_i)
    return n_found


@apart
def run_three_classes(
    first, stop, arrived, conductances, jumps, decays, a_pull, b_pull, c_pull, row, currents,
    v, theta, refractory_until, cell, found, trace,
):  # fmt: skip
    """Advance a population with three classes of synapses a, b and c; see `run_one_class`.

    All jumps of a class are equal. The function is not inlined, so that cells do not compete for
    registers with the surrounding loop. Code shared with `run_one_class` is repeated: moved to a
    function that returns lanes to each step, it slowed down basket cells by half.
    """
    n_found = 0
    a_arrived, b_arrived, c_arrived = arrived
    a_g, b_g, c_g = conductances
    a_jump, b_jump, c_jump = jumps
    a_decay, b_decay, c_decay = decays
    for i in range(0, v.size, TILE):
        v_i, theta_i, free_i = (
            lanes_at(v, i, TILE), lanes_at(theta, i, TILE), lanes_at(refractory_until, i, TILE),
        )  # fmt: skip
        a_i, b_i, c_i = lanes_at(a_g, i, TILE), lanes_at(b_g, i, TILE), lanes_at(c_g, i, TILE)
        for step in range(first, stop):
            at = (step - first) * v.size + i
            a_charged = _charged(a_i, doubles_at(a_arrived, at, TILE), spread(a_jump, TILE))
            b_charged = _charged(b_i, doubles_at(b_arrived, at, TILE), spread(b_jump, TILE))
            c_charged = _charged(c_i, doubles_at(c_arrived, at, TILE), spread(c_jump, TILE))
            a_i = a_charged * spread(a_decay, TILE)
            b_i = b_charged * spread(b_decay, TILE)
            c_i = c_charged * spread(c_decay, TILE)
            drive = spread(cell.pull, TILE)
            if a_pull is not None:
                drive = _pulled(drive, a_charged, spread(a_pull, TILE))
            if b_pull is not None:
                drive = _pulled(drive, b_charged, spread(b_pull, TILE))
            if c_pull is not None:
                drive = _pulled(drive, c_charged, spread(c_pull, TILE))
            if currents is not None:
                current = lanes_at(currents, (row + step - first) * currents.shape[1] + i, TILE)
                drive = _pulled(drive, current, spread(cell.half, TILE))
            conductance = a_charged + b_charged + c_charged
            v_i, theta_i = _moved(step, drive, conductance, v_i, theta_i, free_i, cell)
            crossed = reached(v_i, theta_i)
            if any_of(crossed):
                v_i, theta_i, free_i, n_found = _fired(
                    step, i, crossed, v_i, theta_i, free_i, cell, found, n_found
                )
            if trace is not None:
                put_lanes(trace, at, v_i)
        put_lanes(v, i, v_i)
        put_lanes(theta, i, theta_i)
        put_lanes(refractory_until, i, free_i)
        put_lanes(a_g, i, a_i)
        put_lanes(b_g, i, b_i)
        put_lanes(c_g, i, c_i)
    return n_found


@inlined
def log_spikes(first, stop, found, n_found, log):
    """Append spikes of steps first <= s < stop, ordered by cells within tiles, to a log.

    `log` is (first step, ids, offsets), ordered by step and then by cell.
    """
    log_first, ids, offsets = log
    begin, end = first - log_first, stop - log_first
    n_before = offsets[begin]
    offsets[begin + 1 : end + 1] = 0
    for q in range(n_found):
        offsets[found[0, q] - log_first + 1] += 1
    for row in range(begin, end):
        offsets[row + 1] += offsets[row]
    for q in range(n_found):
        row = found[0, q] - log_first
        ids[offsets[row]] = found[1, q]
        offsets[row] += 1
    # Filling a step has advanced its offset from its start to its end.
    for row in range(end, begin, -1):
        offsets[row] = offsets[row - 1]
    offsets[begin] = n_before


@inlined
def hold(step, log, hold_steps, refractory_until):
    """Set the last refractory step of cells that fired before `step`."""
    log_first, ids, offsets = log
    refractory_until[:] = np.int64(-1)
    for row in range(max(0, step - log_first - hold_steps), step - log_first):
        for q in range(offsets[row], offsets[row + 1]):
            refractory_until[ids[q]] = log_first + row + hold_steps


@inlined
def sample(first, stop, block_first, every, cells, trace, values):
    """Sample the potentials of chosen cells once every `every` steps, if there is a trace."""
    if trace is not None:
        for step in range(-(-first // every) * every, stop, every):
            row = step // every - (block_first + every - 1) // every
            for k in range(cells.size):
                values[row, k] = trace[step - first, cells[k]]
