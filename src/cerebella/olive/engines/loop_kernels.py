"""Purkinje, nuclear and olivary cells in compiled code.

A spike of the loop affects its own population after three delays or more. Populations are
therefore advanced one after the other, through the number of steps of the shortest delay.
"""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import apart, inlined
from cerebella.compiled.lane_access import doubles_at, lanes_at, numbers_of, put_lanes
from cerebella.compiled.simd import spread
from cerebella.olive.engines.cell_kernels import (
    hold,
    log_spikes,
    run_one_class,
    run_three_classes,
    sample,
)
from cerebella.olive.engines.kernel_types import TILE
from cerebella.olive.engines.list_kernels import add_listed, count_listed
from cerebella.olive.engines.mossy_kernels import learn_from_mfs
from cerebella.olive.engines.spike_log import SpikeLog
from cerebella.olive.engines.weight_kernels import (
    add_plastic,
    learn_from_cfs,
    learn_from_pcs,
    mark_last_arrivals,
    set_changes_on_pf,
)


@inlined
def _arriving(row, offsets, connected):
    """Return the range in `ids` of the spikes emitted in a row of a log."""
    return offsets[row], offsets[row + 1] if connected else offsets[row]


@apart
def _add_bcs(first, stop, log, delay, connected, wires, total):
    """Set rows of `total` to the sums of the efficacies of BC spikes that arrive in each step."""
    log_first, ids, offsets = log
    rows, starts, targets, efficacies = wires
    n = np.uint64(total.shape[1])
    for step in range(first, stop):
        begin, end = _arriving(step - delay - log_first, offsets, connected)
        if rows.size:
            at = np.uint64(step - first) * n
            for j in range(np.uint64(0), n, np.uint64(TILE)):
                added = spread(0.0, TILE)
                for q in range(np.uint64(begin), np.uint64(end)):
                    added = added + doubles_at(rows, np.uint64(ids[q]) * n + j, TILE)
                put_lanes(total, at + j, added)
        else:
            place = (step - first) * total.shape[1]
            total[step - first] = 0.0
            add_listed(ids, begin, end, starts, targets, efficacies, numbers_of(total), place)


@inlined
def _add_spikes(height, held, refractory_until, cells, partners, through_gaps):
    """Add spikes of the step before, after which cells are refractory until step `held`."""
    for k in range(cells.size):
        if refractory_until[partners[k]] == held:
            through_gaps[cells[k]] += height


@inlined
def _drive_olive(
    row, bias, noise, gap, spike_height, held, cells, partners, v, refractory_until,
    through_gaps, current,
):  # fmt: skip
    """Set the currents of IO cells (1, n), mV/ms, external and through gap junctions."""
    for i in range(0, v.size, TILE):
        put_lanes(through_gaps, i, spread(0.0, TILE))
    for k in range(cells.size):
        through_gaps[cells[k]] += v[partners[k]] - v[cells[k]]
    if spike_height > 0:
        _add_spikes(spike_height, held, refractory_until, cells, partners, through_gaps)
    for i in range(bias.size):
        from_outside = bias[i]
        if noise is not None:
            from_outside += noise[row, i]
        current[0, i] = from_outside + gap * through_gaps[i]


@inlined
def _trace_olive(at, v, trace):
    """Store the potentials of a step, if there is a trace."""
    if trace is not None:
        for i in range(0, v.size, TILE):
            put_lanes(trace, at + i, lanes_at(v, i, TILE))


@apart
def run_loop(
    first, stop, settings, logs, wires, fibers, listed, memory, mossy, cells, synapses, pulls,
    currents, samples, scratch,
):  # fmt: skip
    """Advance Purkinje, nuclear and olivary cells, and the weights of PF→PC.

    It is one function of more than 75 lines since all populations share the prepared values, and
    calls of parts for a few steps each would take longer than the parts.

    Parameters
    ----------
    first, stop : int
        Steps first <= s < stop.
    settings : LoopSettings
        Connected classes and the rule of plasticity.
    logs : LoopLogs
        Spikes; those of PC, DCN and IO are filled from step `first` on.
    wires : LoopWires
        Connections.
    fibers, listed : FiberWeights, ListedWeights
        The weights; one is None.
    memory : Memory
        Memory of plasticity.
    mossy : MossyMemory
        Plasticity of MF→DCN.
    cells : LoopCells
        The neurons.
    synapses, pulls : LoopSynapses, LoopPulls
        Coefficients of each class.
    currents : LoopCurrents
        Bias and noise.
    samples : LoopSamples
        Potentials to be sampled.
    scratch : LoopScratch
        Memory for arrivals.
    """
    pf_purkinje, bc_purkinje, cf_purkinje, purkinje_dcn, mf_dcn, dcn_io = synapses
    purkinje, purkinje_v, purkinje_theta, purkinje_free, purkinje_g = cells.purkinje
    dcn, dcn_v, dcn_theta, dcn_free, (g_purkinje, g_mf, g_none) = cells.dcn
    io, io_v, io_theta, io_free, (g_dcn,) = cells.io
    # Access to an array within a tuple updates its reference count, so loops use arrays by name.
    pf_log, mf_log, bc_log, purkinje_log, dcn_log, io_log = logs
    mf_first, mf_ids, mf_offsets = mf_log
    purkinje_first, purkinje_ids, purkinje_offsets = purkinje_log
    dcn_first, dcn_ids, dcn_offsets = dcn_log
    io_first, io_ids, io_offsets = io_log
    bc_wires, purkinje_wires, mf_wires, dcn_wires, gap_wires = wires
    purkinje_starts, purkinje_targets = purkinje_wires
    mf_starts, mf_targets = mf_wires
    dcn_starts, dcn_targets = dcn_wires
    gap_cells, gap_partners = gap_wires
    bias, purkinje_noise, dcn_noise, io_noise = currents
    every, of_purkinje, of_dcn, of_io = samples
    purkinje_sampled, purkinje_trace, purkinje_samples = of_purkinje
    dcn_sampled, dcn_trace, dcn_samples = of_dcn
    io_sampled, io_trace, io_samples = of_io
    last_pf, on_pf = memory.last_pf, memory.on_pf

    n_pf, n_own = last_pf.size, settings.cells_per_io
    mf_jump = 1.0 if mossy.is_plastic else mf_dcn.jump
    uses_pcs = settings.on_pc.acts or settings.marks_pcs
    grows = settings.learns and settings.on_pf.acts
    varies = grows and settings.on_pf.varies
    on_pf[:] = 0
    if grows:
        set_changes_on_pf(first, settings, memory)
    arrived = SpikeLog(pf_log.first + pf_purkinje.delay, pf_log.ids, pf_log.offsets)
    from_pf, from_bc, from_cf = scratch.from_pf, scratch.from_bc, scratch.from_cf
    from_purkinje, from_mf, from_none = scratch.from_purkinje, scratch.from_mf, scratch.from_none
    purkinje_counts, mf_counts = numbers_of(from_purkinje), numbers_of(from_mf)
    from_dcn, through_gaps = scratch.from_dcn, scratch.through_gaps
    io_current, io_jump, found = scratch.io_current, scratch.io_jump, scratch.found
    at_once = from_pf.shape[0]
    hold(first, purkinje_log, purkinje.hold_steps, purkinje_free)
    hold(first, dcn_log, dcn.hold_steps, dcn_free)
    hold(first, io_log, io.hold_steps, io_free)
    for begin in range(first, stop, at_once):
        end = min(begin + at_once, stop)
        from_cf[:] = 0
        _add_bcs(begin, end, bc_log, bc_purkinje.delay, settings.bc_purkinje, bc_wires, from_bc)
        added = begin  # PFs of later steps are added after CFs have changed the weights
        for step in range(begin, end):
            row = step - cf_purkinje.delay - io_first
            start, last = _arriving(row, io_offsets, settings.cf_purkinje)
            if last == start and step + 1 < end and not varies:
                continue
            if varies:
                set_changes_on_pf(step, settings, memory)
            if settings.pf_purkinje:
                at = added - begin
                add_plastic(
                    added, step + 1, arrived, fibers, listed, n_pf, on_pf, varies, scratch.sums,
                    from_pf, at,
                )  # fmt: skip
                if settings.marks_pfs:
                    mark_last_arrivals(arrived, added, step + 1, last_pf)
            else:
                from_pf[:] = 0.0
            added = step + 1
            if last > start:
                for q in range(start, last):
                    for k in range(io_ids[q] * n_own, (io_ids[q] + 1) * n_own):
                        from_cf[step - begin, k] += 1
                arriving = io_ids[start:last]
                learn_from_cfs(step, arriving, arrived, settings, fibers, listed, memory)
        n_found = run_three_classes(
            begin, end, (from_pf, from_bc, from_cf), purkinje_g,
            (pf_purkinje.jump, bc_purkinje.jump, cf_purkinje.jump),
            (pf_purkinje.decay, bc_purkinje.decay, cf_purkinje.decay),
            pulls.pf_purkinje, pulls.bc_purkinje, pulls.cf_purkinje, begin - first,
            purkinje_noise, purkinje_v, purkinje_theta, purkinje_free, purkinje, found,
            purkinje_trace,
        )  # fmt: skip
        log_spikes(begin, end, found, n_found, purkinje_log)
        if uses_pcs:
            row = begin - purkinje_first
            start, last = purkinje_offsets[row], purkinje_offsets[row + 1]
            if last > start:
                fired = purkinje_ids[start:last]
                learn_from_pcs(begin, fired, arrived, settings, listed, memory)

        from_purkinje[:] = 0.0
        from_mf[:] = 0.0
        for step in range(begin, end):
            at = (step - begin) * dcn_v.size
            row = step - purkinje_dcn.delay - purkinje_first
            start, last = _arriving(row, purkinje_offsets, settings.purkinje_dcn)
            count_listed(
                purkinje_ids, start, last, purkinje_starts,
                purkinje_targets, purkinje_counts, at,
            )  # fmt: skip
            row = step - mf_dcn.delay - mf_first
            start, last = _arriving(row, mf_offsets, settings.mf_dcn)
            count_listed(mf_ids, start, last, mf_starts, mf_targets, mf_counts, at)
        if mossy.is_plastic:
            learn_from_mfs(end - begin, settings.learns_at_dcn, mossy, from_purkinje, from_mf)
        n_found = run_three_classes(
            begin, end, (from_mf, from_purkinje, from_none), (g_mf, g_purkinje, g_none),
            (mf_jump, purkinje_dcn.jump, 0.0), (mf_dcn.decay, purkinje_dcn.decay, 0.0),
            pulls.mf_dcn, pulls.purkinje_dcn, None, begin - first, dcn_noise,
            dcn_v, dcn_theta, dcn_free, dcn, found, dcn_trace,
        )  # fmt: skip
        log_spikes(begin, end, found, n_found, dcn_log)

        n_found = 0
        for step in range(begin, end):
            for i in range(0, io_v.size, TILE):
                put_lanes(from_dcn, i, spread(0.0, TILE))
            row = step - dcn_io.delay - dcn_first
            start, last = _arriving(row, dcn_offsets, settings.dcn_io)
            count_listed(dcn_ids, start, last, dcn_starts, dcn_targets, from_dcn, 0)
            _drive_olive(
                step - first, bias, io_noise, settings.gap, settings.spike_height,
                step - 1 + io.hold_steps, gap_cells, gap_partners, io_v, io_free, through_gaps,
                io_current,
            )  # fmt: skip
            n_found = run_one_class(
                step, step + 1, from_dcn, io_v.size, io_jump, g_dcn, dcn_io.decay, pulls.dcn_io,
                0, io_current, io_v, io_theta, io_free, io, found, n_found, None,
            )  # fmt: skip
            _trace_olive((step - begin) * io_v.size, io_v, io_trace)
        log_spikes(begin, end, found, n_found, io_log)
        sample(begin, end, first, every, purkinje_sampled, purkinje_trace, purkinje_samples)
        sample(begin, end, first, every, dcn_sampled, dcn_trace, dcn_samples)
        sample(begin, end, first, every, io_sampled, io_trace, io_samples)
