"""The inner loops of the numba engine, from spikes to spikes and weights.

What makes them fast: conductances jump by sums of whole numbers, so rows of a dense matrix
may be added in any order and in narrow integers; spikes, which are rare, are handled apart
from the loops over all cells, which then are SIMD code; and no array is sliced or passed on
within a step, since numba counts references to views.

All functions that call each other are in this one file: numba's cache notices a change in
the file of a function, but not in those it calls.
"""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.compiled import compiled

_ROWS_PER_BYTE = 255
_ROWS_PER_INT32 = 31
_CHUNK = 64
_BOUND = 1 << 26
_MOST_GROWN = 1 << 29

NO_SYNAPSE = -(1 << 31)
"""Stands in a matrix of weights where there is no synapse; whatever grows, it is negative."""


@compiled
def _add_rows(ids, start, stop, rows, narrow, total):
    """Add byte rows of a dense 0/1 matrix to `total` (float64)."""
    n = total.size
    q = start
    while q < stop:
        end = min(q + _ROWS_PER_BYTE, stop)
        narrow[:] = 0
        while q + 4 <= end:
            a, b = np.uint64(ids[q]), np.uint64(ids[q + 1])
            c, d = np.uint64(ids[q + 2]), np.uint64(ids[q + 3])
            for j in range(n):
                narrow[j] = narrow[j] + rows[a, j] + rows[b, j] + rows[c, j] + rows[d, j]
            q += 4
        while q < end:
            a = np.uint64(ids[q])
            for j in range(n):
                narrow[j] += rows[a, j]
            q += 1
        for j in range(n):
            total[j] += narrow[j]


@compiled
def _add_listed(ids, start, stop, starts, targets, efficacies, total):
    """Add the efficacies of the listed targets of each source to `total` (float64)."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            total[targets[k]] += efficacies[k]


@compiled
def _count_listed(ids, start, stop, starts, targets, total, offset):
    """Count the spikes that reach each target, whose place in `total` is moved by `offset`."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            total[offset + targets[k]] += 1.0


@compiled
def _add_plastic_rows(ids, start, stop, flat, grown, ltp, narrow, total):
    """Add rows of weights to `total`, then potentiate them."""
    n = narrow.size
    weights = flat.reshape((grown.size, n))
    bound, none = np.int32(_BOUND), np.int32(0)
    q = start
    while q < stop:
        end = min(q + _ROWS_PER_INT32, stop)
        narrow[:] = 0
        while q + 4 <= end:
            a, b = np.uint64(ids[q]), np.uint64(ids[q + 1])
            c, d = np.uint64(ids[q + 2]), np.uint64(ids[q + 3])
            more_a, more_b, more_c, more_d = grown[a], grown[b], grown[c], grown[d]
            for j in range(n):
                narrow[j] += (
                    max(min(np.int32(weights[a, j] + more_a), bound), none)
                    + max(min(np.int32(weights[b, j] + more_b), bound), none)
                    + max(min(np.int32(weights[c, j] + more_c), bound), none)
                    + max(min(np.int32(weights[d, j] + more_d), bound), none)
                )
            q += 4
        while q < end:
            a = np.uint64(ids[q])
            more = grown[a]
            for j in range(n):
                narrow[j] += max(min(np.int32(weights[a, j] + more), bound), none)
            q += 1
        for j in range(n):
            total[j] += narrow[j]
    for q in range(start, stop):
        grown[ids[q]] += ltp
        if grown[ids[q]] > _MOST_GROWN:
            _settle(weights[ids[q]], grown, ids[q])


@compiled
def _add_plastic_listed(ids, start, stop, starts, targets, weights, grown, ltp, total):
    """Add the weights of the listed targets to `total`, then potentiate them."""
    bound = np.int32(_BOUND)
    for q in range(start, stop):
        source = ids[q]
        more = grown[source]
        for k in range(starts[source], starts[source + 1]):
            total[targets[k]] += min(np.int32(weights[k] + more), bound)
        grown[source] += ltp
        if grown[source] > _MOST_GROWN:
            _settle(weights[starts[source] : starts[source + 1]], grown, source)


@compiled
def _settle(weights, grown, source):
    """Write the growth of one PF's synapses into their weights."""
    for j in range(weights.size):
        if weights[j] > NO_SYNAPSE // 2:
            weights[j] = min(weights[j] + grown[source], _BOUND)
    grown[source] = 0


@compiled
def change_weights(flat, grown, where, sources, times, by):
    """Add `by` (of either sign) `times[pf]` times to each weight of one PKJ, within bounds."""
    for k in range(where.size):
        n = times[sources[k]]
        if n:
            more = grown[sources[k]]
            w = min(flat[where[k]] + more, _BOUND) + n * by
            flat[where[k]] = max(0, min(w, _BOUND)) - more


@compiled
def read_weights(flat, grown, where, sources, weights):
    """Write the weights (n PKJ, fan-in), with all that they have grown, to `weights`."""
    bound = np.int32(_BOUND)
    for i in range(where.shape[0]):
        for k in range(where.shape[1]):
            weights[i, k] = min(np.int32(flat[where[i, k]] + grown[sources[i, k]]), bound)


@compiled
def _charge(classes, g, total, scale, conductance, drive):
    """Let the conductances of all classes jump by what arrived, act, and decay."""
    starts, shifts, reversals, decays = classes
    for c in range(reversals.size):
        reversal, decay, shift = reversals[c], decays[c], np.uint64(shifts[c])
        # Unsigned indices cannot wrap around, so that the loop becomes SIMD code.
        for i in range(np.uint64(starts[c]), np.uint64(starts[c + 1])):
            charged = g[i] + total[i] * scale[i]
            total[i] = 0.0
            g[i] = charged * decay
            conductance[i + shift] += charged
            drive[i + shift] += charged * reversal


@compiled
def _integrate(step, constants, v, theta, hold, conductance, drive):
    """Advance potentials (Crank–Nicolson) and thresholds; leave the leak for the next step."""
    half, dt, leak, leak_drive, rest, decay = constants
    for i in range(v.size):
        total, current = conductance[i], drive[i]
        conductance[i], drive[i] = leak[i], leak_drive[i]
        moved = ((1.0 - half * total) * v[i] + dt * current) / (1.0 + half * total)
        v[i] = moved if hold[i] < step else v[i]
        theta[i] = rest[i] + (theta[i] - rest[i]) * decay[i]


@compiled
def _charge_and_integrate(step, g, total, scale, synapse, v, theta, hold, noise, cell):
    """Do both in one pass, for a population with one class of synapses."""
    for i in range(v.size):
        charged = g[i] + total[i] * scale[i]
        total[i] = 0.0
        g[i] = charged * synapse.decay
        half = cell.half * (cell.leak + charged)
        current = cell.leak_drive + charged * synapse.reversal + noise[i]
        moved = ((1.0 - half) * v[i] + cell.dt * current) / (1.0 + half)
        v[i] = moved if hold[i] < step else v[i]
        theta[i] = cell.threshold + (theta[i] - cell.threshold) * cell.threshold_decay


@compiled
def _fire(step, start, stop, v, theta, hold, cell, ids, n_spikes):
    """Reset the cells that are above threshold and log them; return the new number of spikes.

    Cells start <= i < stop are one population, in whose log the first is 0.
    """
    end = np.uint64(start)
    while end < np.uint64(stop):
        begin, end = end, min(end + np.uint64(_CHUNK), np.uint64(stop))
        above = 0
        for i in range(begin, end):
            above += v[i] >= theta[i]
        if above:
            for i in range(begin, end):
                if v[i] >= theta[i]:
                    v[i] = cell.reset
                    theta[i] = cell.threshold_max
                    hold[i] = step + cell.hold_steps
                    ids[n_spikes] = i - np.uint64(start)
                    n_spikes += 1
    return n_spikes


@compiled
def _sample(step, first, every, sampled, v, samples):
    """Keep the potentials of chosen cells in every so many steps."""
    row = step // every - (first + every - 1) // every
    for i in range(sampled.size):
        samples[row, i] = v[sampled[i]]


@compiled
def _recount(log, step, since, times):
    """Count the arrivals of each fibre after step `since`, up to this one."""
    first, ids, offsets = log
    times[:] = 0
    for q in range(offsets[since + 1 - first], offsets[step + 1 - first]):
        times[ids[q]] += 1


@compiled
def _mark_pairs(last_pf, last_cf, step, window, times):
    """Set `times` to 1 for PFs that arrived within the window and after the last CF."""
    for i in range(last_pf.size):
        times[i] = (step - last_pf[i] < window) & (last_pf[i] > last_cf)


@compiled
def _learn_from_cfs(step, arriving, arrived, rules, weights, memory):
    """Depress the synapses of the Purkinje cells that CFs reach.

    `arrived` is (first step, ids, offsets) of PF spikes, by the step of their arrival.
    """
    flat, grown, where, sources = weights
    counts, times, last_pf, last_cf = memory
    n_own = where.shape[0] // last_cf.size
    for io in arriving:
        last, last_cf[io] = last_cf[io], step
        if not rules.learns:
            continue
        used = times
        by = -(rules.ltp + rules.ltd)
        if rules.pairs:
            by = -rules.ltd
            _mark_pairs(last_pf, last, step, rules.window, times)
        elif last <= step - rules.window:
            used = counts
        else:
            _recount(arrived, step, last, times)
        for pkj in range(io * n_own, (io + 1) * n_own):
            change_weights(flat, grown, where[pkj], sources[pkj], used, by)


@compiled
def _learn_from_pairs(step, fired, n_own, rules, weights, memory):
    """Rule "pair": potentiate the synapses whose last PF spike a PC spike follows."""
    flat, grown, where, sources = weights
    _, times, last_pf, last_cf = memory
    for cell in fired:
        _mark_pairs(last_pf, last_cf[cell // n_own], step, rules.pair_window, times)
        change_weights(flat, grown, where[cell], sources[cell], times, rules.ltp)


@compiled
def _add_currents(n_io, bias, noise, gap, gaps, sums, v, drive):
    """Add bias, noise and the current through gap junctions to the last cells, those of IO."""
    coupled, partner = gaps
    first = v.size - n_io
    sums[:] = 0.0
    for k in range(coupled.size):
        sums[coupled[k]] += v[first + partner[k]] - v[first + coupled[k]]
    for i in range(n_io):
        drive[first + i] += bias[i] + noise[i] + gap * sums[i]


@compiled
def run_basket_cells(first, stop, connected, pf_log, wires, cells, synapse, cell, noise, log):
    """Advance the basket cells, which only the parallel fibres drive.

    Parameters
    ----------
    pf_log : (first step, ids, offsets) of PF spikes.
    wires : (rows, starts, targets, efficacies): dense rows, or, without rows, a list of
        targets, weighted if it has efficacies.
    cells : (v, theta, hold, g, scale).
    noise : (n_steps, n BC) in mV/ms, or (0, 0).
    log : (ids, offsets, sampled cells, every how many steps, samples) to fill.
    """
    pf_first, pf_ids, pf_offsets = pf_log
    rows, starts, targets, efficacies = wires
    v, theta, hold, g, scale = cells
    ids, offsets, sampled, every, samples = log
    n = v.size
    narrow, total, still = np.zeros(n, np.uint8), np.zeros(n), np.zeros(n)
    n_spikes = 0
    for step in range(first, stop):
        if connected:
            row = step - synapse.delay - pf_first
            start, end = pf_offsets[row], pf_offsets[row + 1]
            if rows.size:
                _add_rows(pf_ids, start, end, rows, narrow, total)
            elif efficacies.size:
                _add_listed(pf_ids, start, end, starts, targets, efficacies, total)
            else:
                _count_listed(pf_ids, start, end, starts, targets, total, 0)
        if noise.size:
            still[:] = noise[step - first]
        _charge_and_integrate(step, g, total, scale, synapse, v, theta, hold, still, cell)
        n_spikes = _fire(step, 0, n, v, theta, hold, cell, ids, n_spikes)
        offsets[step - first + 1] = n_spikes
        if sampled.size and step % every == 0:
            _sample(step, first, every, sampled, v, samples)


@compiled
def run_loop(first, stop, rules, logs, wires, weights, memory, cells, steps, currents, sampling):
    """Advance Purkinje, nuclear and olivary cells, and the weights of PF→PKJ.

    The cells lie one after the other in one array for each variable, so that one pass serves
    all three populations.

    Parameters
    ----------
    rules : a `LoopRules`.
    logs : ids and offsets of PF, MF, BC, PKJ, DCN and IO, and the first step of each; the
        last three are filled from step `first` on.
    wires, weights, memory : see `LoopWires`; weights are (flat, grown, where, sources), memory is
        (counts, times, last_pf, last_cf).
    cells : a `LoopCells`.
    steps : the `CellStep` of PKJ, DCN and IO.
    currents : (bias, noise of PKJ, of DCN, of IO), in mV/ms; noise is (n_steps, n), or (0, 0).
    sampling : (sampled cells, every how many steps, samples).
    """
    pf_ids, pf_offsets, mf_ids, mf_offsets, bc_ids, bc_offsets = logs[:6]
    pkj_ids, pkj_offsets, dcn_ids, dcn_offsets, io_ids, io_offsets = logs[6:12]
    pf_first, mf_first, bc_first, pkj_first, dcn_first, io_first = logs[12]
    pf_starts, pf_targets = wires.pf_pkj
    bc_starts, bc_targets, bc_efficacies = wires.bc_pkj
    pkj_starts, pkj_targets = wires.pkj_dcn
    mf_starts, mf_targets = wires.mf_dcn
    dcn_starts, dcn_targets = wires.dcn_io
    flat, grown, counts, last_pf = weights[0], weights[1], memory[0], memory[2]
    dense = flat.size == grown.size * cells.sizes[0]
    v, theta, hold, g, scale = cells.v, cells.theta, cells.hold, cells.g, cells.scale
    leak, leak_drive, rest, decay = cells.leak, cells.leak_drive, cells.rest, cells.decay
    to_bc = cells.starts[1]
    to_cf = cells.starts[2]
    to_dcn = cells.starts[3]
    to_mf = cells.starts[4]
    to_io = cells.starts[5]
    classes = (cells.starts, cells.shifts, cells.reversals, cells.decays)
    pf_delay, bc_delay, cf_delay, pkj_delay, mf_delay, dcn_delay = cells.delays
    n_pkj, n_dcn, n_io = cells.sizes
    n_own = n_pkj // n_io
    bias, pkj_noise, dcn_noise, io_noise = currents
    sampled, every, samples = sampling
    pkj, dcn, io = steps
    total, sums = np.zeros(g.size), np.zeros(n_io)
    narrow, still = np.zeros(n_pkj, np.int32), np.zeros(n_io)
    conductance, drive = leak.copy(), leak_drive.copy()
    constants = (pkj.half, pkj.dt, leak, leak_drive, rest, decay)
    ltp = np.int32(rules.ltp if rules.learns and not rules.pairs else 0)
    pkj_n, dcn_n, io_n = (
        pkj_offsets[first - pkj_first],
        dcn_offsets[first - dcn_first],
        io_offsets[first - io_first],
    )
    for step in range(first, stop):
        row = step - pf_delay - pf_first
        start, end = pf_offsets[row], pf_offsets[row + 1]
        for q in range(start, end):
            counts[pf_ids[q]] += 1
        for q in range(pf_offsets[row - rules.window], pf_offsets[row - rules.window + 1]):
            counts[pf_ids[q]] -= 1
        if rules.pf_pkj and end > start:
            if dense:
                _add_plastic_rows(pf_ids, start, end, flat, grown, ltp, narrow, total)
            else:
                _add_plastic_listed(
                    pf_ids, start, end, pf_starts, pf_targets, flat, grown, ltp, total
                )
            if rules.pairs:
                for q in range(start, end):
                    last_pf[pf_ids[q]] = step
        if rules.bc_pkj:
            row = step - bc_delay - bc_first
            start, end = bc_offsets[row], bc_offsets[row + 1]
            for q in range(start, end):
                for k in range(bc_starts[bc_ids[q]], bc_starts[bc_ids[q] + 1]):
                    total[to_bc + bc_targets[k]] += bc_efficacies[k]
        if rules.cf_pkj:
            row = step - cf_delay - io_first
            start, end = io_offsets[row], io_offsets[row + 1]
            for q in range(start, end):
                for k in range(io_ids[q] * n_own, (io_ids[q] + 1) * n_own):
                    total[to_cf + k] += 1.0
            if end > start:
                pf_log = (pf_first + pf_delay, pf_ids, pf_offsets)
                _learn_from_cfs(step, io_ids[start:end], pf_log, rules, weights, memory)
        if rules.pkj_dcn:
            row = step - pkj_delay - pkj_first
            start, end = pkj_offsets[row], pkj_offsets[row + 1]
            _count_listed(pkj_ids, start, end, pkj_starts, pkj_targets, total, to_dcn)
        if rules.mf_dcn:
            row = step - mf_delay - mf_first
            start, end = mf_offsets[row], mf_offsets[row + 1]
            _count_listed(mf_ids, start, end, mf_starts, mf_targets, total, to_mf)
        if rules.dcn_io:
            row = step - dcn_delay - dcn_first
            start, end = dcn_offsets[row], dcn_offsets[row + 1]
            _count_listed(dcn_ids, start, end, dcn_starts, dcn_targets, total, to_io)

        _charge(classes, g, total, scale, conductance, drive)
        if pkj_noise.size:
            for i in range(n_pkj):
                drive[i] += pkj_noise[step - first, i]
        if dcn_noise.size:
            for i in range(n_dcn):
                drive[n_pkj + i] += dcn_noise[step - first, i]
        if io_noise.size:
            for i in range(n_io):
                still[i] = io_noise[step - first, i]
        _add_currents(n_io, bias, still, rules.gap, wires.gaps, sums, v, drive)
        _integrate(step, constants, v, theta, hold, conductance, drive)
        before = pkj_n
        pkj_n = _fire(step, 0, n_pkj, v, theta, hold, pkj, pkj_ids, pkj_n)
        dcn_n = _fire(step, n_pkj, n_pkj + n_dcn, v, theta, hold, dcn, dcn_ids, dcn_n)
        io_n = _fire(step, n_pkj + n_dcn, v.size, v, theta, hold, io, io_ids, io_n)
        pkj_offsets[step - pkj_first + 1] = pkj_n
        dcn_offsets[step - dcn_first + 1] = dcn_n
        io_offsets[step - io_first + 1] = io_n
        if rules.pairs and rules.learns and pkj_n > before:
            _learn_from_pairs(step, pkj_ids[before:pkj_n], n_own, rules, weights, memory)
        if sampled.size and step % every == 0:
            _sample(step, first, every, sampled, v, samples)
