"""Purkinje, nuclear and olivary cells in compiled code.

No array is sliced or taken from a tuple within a step, since numba counts references to views.
"""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.cell_kernels import (
    advance_with_one_class,
    advance_with_three_classes,
    advance_with_two_classes,
    fire,
    sample,
)
from cerebella.olive.engines.compiled import compiled, inlined
from cerebella.olive.engines.list_kernels import add_listed, count_listed
from cerebella.olive.engines.weight_kernels import (
    add_plastic_listed,
    add_plastic_rows,
    count_arrivals,
    learn_from_cfs,
    learn_from_pairs,
)


@inlined
def _add_rows(ids, start, stop, rows, total):
    """Add rows of efficacies to `total` (float64), four at a time; the last row is empty."""
    none = np.uint64(rows.shape[0] - 1)
    for q in range(start, stop, 4):
        a = np.uint64(ids[q])
        b = np.uint64(ids[q + 1]) if q + 1 < stop else none
        c = np.uint64(ids[q + 2]) if q + 2 < stop else none
        d = np.uint64(ids[q + 3]) if q + 3 < stop else none
        for j in range(total.size):
            total[j] += np.int32(rows[a, j] + rows[b, j] + rows[c, j] + rows[d, j])


@compiled
def run_loop(first, stop, rules, logs, wires, weights, memory, cells, synapses, currents, keep):
    """Advance Purkinje, nuclear and olivary cells, and the weights of PF→PKJ.

    Parameters
    ----------
    rules : a `LoopRules`.
    logs : (first step, ids, offsets) of PF, MF, BC, PKJ, DCN and IO; the last three are filled
        from step `first` on.
    wires : a `LoopWires`.
    weights, memory : (flat, grown, where, sources) and (counts, times, last_pf, last_cf); counts
        are those of arrivals in the window that ends before the block, and then with it.
    cells : (`CellStep`, v, theta, current, and for each class its conductances and what arrived)
        of PKJ, DCN and IO.
    synapses : the `SynapseStep` of each class, in the order of `LOOP_CLASSES`; those with
        efficacies have the jump for one unit.
    currents : (bias, noise of PKJ, of DCN, of IO), in mV/ms; noise is (n_steps, n), or (0, 0).
    keep : (every how many steps, sampled PKJ, their samples to fill, and so for DCN and IO).
    """
    pf_log, mf_log, bc_log, pkj_log, dcn_log, io_log = logs
    pf_first, pf_ids, pf_offsets = pf_log
    mf_first, mf_ids, mf_offsets = mf_log
    bc_first, bc_ids, bc_offsets = bc_log
    pkj_first, pkj_ids, pkj_offsets = pkj_log
    dcn_first, dcn_ids, dcn_offsets = dcn_log
    io_first, io_ids, io_offsets = io_log
    pf_starts, pf_targets = wires.pf_pkj
    bc_rows, bc_starts, bc_targets, bc_efficacies = wires.bc_pkj
    pkj_starts, pkj_targets = wires.pkj_dcn
    mf_starts, mf_targets = wires.mf_dcn
    dcn_starts, dcn_targets = wires.dcn_io
    gap_starts, gap_partners = wires.gaps
    flat, grown, _, _ = weights
    counts, _, last_pf, _ = memory
    pkj_cells, dcn_cells, io_cells = cells
    pkj, pkj_v, pkj_theta, pkj_current, g_pf, from_pf, g_bc, from_bc, g_cf, _ = pkj_cells
    dcn, dcn_v, dcn_theta, dcn_current, g_pkj, from_pkj, g_mf, from_mf = dcn_cells
    io, io_v, io_theta, io_current, g_dcn, from_dcn = io_cells
    pf_pkj, bc_pkj, cf_pkj, pkj_dcn, mf_dcn, dcn_io = synapses
    bias, pkj_noise, dcn_noise, io_noise = currents
    every, pkj_sampled, pkj_samples, dcn_sampled, dcn_samples, io_sampled, io_samples = keep

    n_own = pkj_v.size // io_v.size
    dense = flat.size == grown.size * pkj_v.size
    narrow = np.zeros(pkj_v.size, np.int32)
    io_jump = np.full(io_v.size, dcn_io.jump)
    ltp = np.int32(rules.ltp if rules.learns and not rules.pairs else 0)
    arrived = (pf_first + pf_pkj.delay, pf_ids, pf_offsets)
    counted = first - 1
    for step in range(first, stop):
        row = step - pf_pkj.delay - pf_first
        start, end = pf_offsets[row], pf_offsets[row + 1]
        if rules.pf_pkj and end > start:
            if dense:
                add_plastic_rows(pf_ids, start, end, flat, grown, ltp, narrow, from_pf)
            else:
                add_plastic_listed(
                    pf_ids, start, end, pf_starts, pf_targets, flat, grown, ltp, from_pf
                )
            if rules.pairs:
                for q in range(start, end):
                    last_pf[pf_ids[q]] = step
        row = step - bc_pkj.delay - bc_first
        start, end = bc_offsets[row], bc_offsets[row + 1]
        if rules.bc_pkj and end > start:
            if bc_rows.size:
                _add_rows(bc_ids, start, end, bc_rows, from_bc)
            else:
                add_listed(bc_ids, start, end, bc_starts, bc_targets, bc_efficacies, from_bc)
        row = step - cf_pkj.delay - io_first
        start, end = io_offsets[row], io_offsets[row + 1]
        if rules.cf_pkj and end > start:
            for q in range(start, end):
                for k in range(io_ids[q] * n_own, (io_ids[q] + 1) * n_own):
                    g_cf[k] += cf_pkj.jump
            count_arrivals(arrived, counted, step, rules.window, counts)
            counted = step
            learn_from_cfs(step, io_ids[start:end], arrived, rules, weights, memory)
        row = step - pkj_dcn.delay - pkj_first
        start, end = pkj_offsets[row], pkj_offsets[row + 1]
        if rules.pkj_dcn:
            count_listed(pkj_ids, start, end, pkj_starts, pkj_targets, from_pkj)
        row = step - mf_dcn.delay - mf_first
        start, end = mf_offsets[row], mf_offsets[row + 1]
        if rules.mf_dcn:
            count_listed(mf_ids, start, end, mf_starts, mf_targets, from_mf)
        row = step - dcn_io.delay - dcn_first
        start, end = dcn_offsets[row], dcn_offsets[row + 1]
        if rules.dcn_io:
            count_listed(dcn_ids, start, end, dcn_starts, dcn_targets, from_dcn)

        if pkj_noise.size:
            for i in range(pkj_v.size):
                pkj_current[i] = pkj.half * pkj_noise[step - first, i]
        if dcn_noise.size:
            for i in range(dcn_v.size):
                dcn_current[i] = dcn.half * dcn_noise[step - first, i]
        for i in range(io_v.size):
            through_gaps = 0.0
            for k in range(gap_starts[i], gap_starts[i + 1]):
                through_gaps += io_v[gap_partners[k]] - io_v[i]
            from_outside = bias[i]
            if io_noise.size:
                from_outside += io_noise[step - first, i]
            io_current[i] = io.half * (from_outside + rules.gap * through_gaps)

        advance_with_three_classes(
            from_pf, from_bc, g_pf, g_bc, g_cf, pf_pkj, bc_pkj, cf_pkj, pkj_current,
            pkj_v, pkj_theta, pkj,
        )  # fmt: skip
        advance_with_two_classes(
            from_pkj, from_mf, g_pkj, g_mf, pkj_dcn, mf_dcn, dcn_current, dcn_v, dcn_theta, dcn
        )
        advance_with_one_class(from_dcn, io_jump, g_dcn, dcn_io, io_current, io_v, io_theta, io)
        from_pf[:] = 0.0
        from_bc[:] = 0.0
        from_pkj[:] = 0.0
        from_mf[:] = 0.0
        from_dcn[:] = 0.0
        fire(step - pkj_first, pkj_ids, pkj_offsets, pkj_v, pkj_theta, pkj)
        fire(step - dcn_first, dcn_ids, dcn_offsets, dcn_v, dcn_theta, dcn)
        fire(step - io_first, io_ids, io_offsets, io_v, io_theta, io)
        if rules.pairs and rules.learns:
            start, end = pkj_offsets[step - pkj_first], pkj_offsets[step - pkj_first + 1]
            if end > start:
                learn_from_pairs(step, pkj_ids[start:end], n_own, rules, weights, memory)
        if step % every == 0:
            sample(step, first, every, pkj_sampled, pkj_v, pkj_samples)
            sample(step, first, every, dcn_sampled, dcn_v, dcn_samples)
            sample(step, first, every, io_sampled, io_v, io_samples)
    count_arrivals(arrived, counted, stop - 1, rules.window, counts)
