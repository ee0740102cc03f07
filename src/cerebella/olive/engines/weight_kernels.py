"""The weights of PF→PC in compiled code: their sums, and how they change.

Under rules without changes at PC spikes, all Purkinje cells of a climbing fiber undergo the same
changes, so that a PF has the same weight at all of them. Weights are then stored by PF and
climbing fiber, as *rows*, with one bit for each of the eight cells that the PF may contact.
Otherwise, and for sparse contacts, weights are a list in the order of PFs.
"""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import doubles_at, lanes_at, prefetch, put_lanes
from cerebella.compiled.simd import count_bits, lesser, spread
from cerebella.olive.engines.jit import jit
from cerebella.olive.engines.list_kernels import fetch_listed
from cerebella.olive.rules.rule import Counted

_NOTHING = int(Counted.NOTHING)
_UNCLAIMED_ARRIVALS = int(Counted.UNCLAIMED_ARRIVALS)
_ARRIVALS = int(Counted.ARRIVALS)
_LAST_ARRIVAL = int(Counted.LAST_ARRIVAL)

_ROWS_PER_INT32 = 31
_BOUND = 1 << 26
_AHEAD = 32
"""Number of synapses by which scattered weights are prefetched."""

CELLS_PER_FIBER = 8
"""Purkinje cells of each climbing fiber, if weights are stored by fiber."""


@inlined
def _at_contacts(rows, contacts, masks, at):
    """Return the weight at a flat index for contacted cells, and 0 for others."""
    return spread(rows[at], CELLS_PER_FIBER) & lanes_at(masks, contacts[at], CELLS_PER_FIBER)


@inlined
def _add_rows(first, stop, arrived, fibers, n_pf, by, total, at):
    """Implement `add_plastic` for weights by fiber."""
    rows, contacts, masks = fibers
    first_arrived, ids, offsets = arrived
    n, n_cells, cells = np.uint64(rows.size // n_pf), total.shape[1], np.uint64(CELLS_PER_FIBER)
    narrow = np.empty(rows.size // n_pf * CELLS_PER_FIBER, np.int32)
    bound, more = spread(np.int32(_BOUND), CELLS_PER_FIBER), spread(by, CELLS_PER_FIBER)
    for step in range(first, stop):
        to = (at + step - first) * n_cells
        row = step - first_arrived
        if offsets[row] == offsets[row + 1]:
            total[at + step - first] = 0.0
        for begin in range(offsets[row], offsets[row + 1], _ROWS_PER_INT32):
            end = min(begin + _ROWS_PER_INT32, offsets[row + 1])
            for k in range(np.uint64(0), n, cells):
                sum_0 = sum_1 = sum_2 = sum_3 = spread(np.int32(0), CELLS_PER_FIBER)
                sum_4 = sum_5 = sum_6 = sum_7 = spread(np.int32(0), CELLS_PER_FIBER)
                for q in range(np.uint64(begin), np.uint64(end)):
                    place = np.uint64(ids[q]) * n + k
                    sum_0 = sum_0 + _at_contacts(rows, contacts, masks, place)
                    sum_1 = sum_1 + _at_contacts(rows, contacts, masks, place + np.uint64(1))
                    sum_2 = sum_2 + _at_contacts(rows, contacts, masks, place + np.uint64(2))
                    sum_3 = sum_3 + _at_contacts(rows, contacts, masks, place + np.uint64(3))
                    sum_4 = sum_4 + _at_contacts(rows, contacts, masks, place + np.uint64(4))
                    sum_5 = sum_5 + _at_contacts(rows, contacts, masks, place + np.uint64(5))
                    sum_6 = sum_6 + _at_contacts(rows, contacts, masks, place + np.uint64(6))
                    sum_7 = sum_7 + _at_contacts(rows, contacts, masks, place + np.uint64(7))
                    # A PF fires at most once per step, so that no weight is potentiated too early.
                    put_lanes(
                        rows, place, lesser(lanes_at(rows, place, CELLS_PER_FIBER) + more, bound)
                    )
                put_lanes(narrow, k * cells, sum_0)
                put_lanes(narrow, (k + np.uint64(1)) * cells, sum_1)
                put_lanes(narrow, (k + np.uint64(2)) * cells, sum_2)
                put_lanes(narrow, (k + np.uint64(3)) * cells, sum_3)
                put_lanes(narrow, (k + np.uint64(4)) * cells, sum_4)
                put_lanes(narrow, (k + np.uint64(5)) * cells, sum_5)
                put_lanes(narrow, (k + np.uint64(6)) * cells, sum_6)
                put_lanes(narrow, (k + np.uint64(7)) * cells, sum_7)
            for j in range(0, n_cells, CELLS_PER_FIBER):
                added = doubles_at(narrow, j, CELLS_PER_FIBER)
                if begin > offsets[row]:
                    added = added + lanes_at(total, to + j, CELLS_PER_FIBER)
                put_lanes(total, to + j, added)


@inlined
def _add_listed(first, stop, arrived, listed, by, total, at):
    """Implement `add_plastic` for listed weights."""
    weights, starts, targets, _, _ = listed
    whole = np.empty(total.shape[1], np.int64)
    first_arrived, ids, offsets = arrived
    n_spikes, bound = offsets[offsets.size - 1], np.int32(_BOUND)
    for step in range(first, stop):
        whole[:] = 0
        row = step - first_arrived
        for q in range(offsets[row], offsets[row + 1]):
            fetch_listed(q, n_spikes, ids, starts, targets, 32)
            fetch_listed(q, n_spikes, ids, starts, weights, 16)
            begin, end = np.uint64(starts[ids[q]]), np.uint64(starts[ids[q] + 1])
            for k in range(begin, end):
                whole[np.uint64(targets[k])] += np.int64(weights[k])
            for k in range(begin, end):
                weights[k] = min(np.int32(weights[k] + by), bound)
        for i in range(whole.size):
            total[at + step - first, i] = whole[i]


@jit
def add_plastic(first, stop, arrived, fibers, listed, n_pf, by, total, at):
    """Set rows of `total` to the sums of weights, and potentiate the weights, step by step.

    Parameters
    ----------
    arrived : SpikeLog
        PF spikes, by the step of their arrival.
    fibers, listed : FiberWeights, ListedWeights
        The weights; one is None.
    n_pf : int
        Number of PFs.
    by : int32
        Potentiation per PF spike.
    total : ndarray of float64, shape (n_steps, n PC)
        Rows from `at` on are set.
    """
    if fibers is not None:
        _add_rows(first, stop, arrived, fibers, n_pf, by, total, at)
    if listed is not None:
        _add_listed(first, stop, arrived, listed, by, total, at)


@inlined
def _changed(weight, times, by):
    """Return a weight after `times` changes by `by`, of either sign, within bounds."""
    return np.int32(max(0, min(weight + times * by, _BOUND)))


@jit
def _change_row(rows, n_fibers, fiber, times, by):
    """Change the weights of all PFs at one climbing fiber, `times` times each."""
    at, n = np.uint64(fiber), np.uint64(n_fibers)
    for i in range(times.size):
        rows[at] = _changed(rows[at], np.int64(times[i]), by)
        at += n


@jit
def _change_listed(flat, where, sources, times, by):
    """Change the weights of one Purkinje cell, each `times` of its source times."""
    last = where.size - 1
    for k in range(where.size):
        prefetch(flat, where[min(k + _AHEAD, last)])
        place = np.uint64(where[k])
        flat[place] = _changed(flat[place], np.int64(times[np.uint64(sources[k])]), by)


@inlined
def _weigh(weight, times, zone, per_bin, histogram, sums):
    """Count `times` synapses of one weight; squares have two parts to avoid overflow."""
    square = np.int64(weight) * np.int64(weight)
    sums[0, zone] += times * np.int64(weight)
    sums[1, zone] += times * (square >> 32)
    sums[2, zone] += times * (square & 0xFFFFFFFF)
    histogram[min(np.int64(weight * per_bin), histogram.size - 1)] += times


@jit
def weigh_rows(rows, contacts, n_pf, fibers_per_zone, histogram, sums):
    """Count weights by bins of 0 to 1, and add them up by zone.

    Parameters
    ----------
    sums : ndarray of int64, shape (3, n zones)
        Sums of weights, and of the upper and lower 32 bits of their squares.
    """
    n_fibers, per_bin = rows.size // n_pf, histogram.size / _BOUND
    for i in range(n_pf):
        for zone in range(sums.shape[1]):
            first = i * n_fibers + zone * fibers_per_zone
            for at in range(first, first + fibers_per_zone):
                _weigh(rows[at], count_bits(contacts[at]), zone, per_bin, histogram, sums)


@jit
def weigh_listed(flat, targets, purkinje_per_zone, histogram, sums):
    """Count listed weights; see `weigh_rows`."""
    per_bin = histogram.size / _BOUND
    for k in range(flat.size):
        _weigh(flat[k], 1, targets[k] // purkinje_per_zone, per_bin, histogram, sums)


@inlined
def count_in_window(arrived, counted, step, window, counts):
    """Update the arrivals of each PF in the last `window` steps from step `counted` to `step`."""
    first, ids, offsets = arrived
    since = counted
    if step - counted >= window:
        counts[:] = 0
        since = step - window
    else:
        for q in range(offsets[counted - window + 1 - first], offsets[step - window + 1 - first]):
            counts[ids[q]] -= 1
    for q in range(offsets[since + 1 - first], offsets[step + 1 - first]):
        counts[ids[q]] += 1


@inlined
def mark_last_arrivals(arrived, since, stop, last_pf):
    """Set the step of the last arrival of PFs that arrive in steps since <= s < stop."""
    first, ids, offsets = arrived
    for step in range(since, stop):
        for q in range(offsets[step - first], offsets[step + 1 - first]):
            last_pf[ids[q]] = step


@jit
def _count_pf_spikes(change, step, last_cf, arrived, last_pf, counts):
    """Set `counts` as `cerebella.olive.plasticity.count_pf_spikes` does."""
    since = step - change.window
    if change.counted == _LAST_ARRIVAL:
        for i in range(last_pf.size):
            counts[i] = (last_pf[i] > since) & (last_pf[i] > last_cf)
        return
    if change.counted == _UNCLAIMED_ARRIVALS:
        since = max(since, last_cf)
    first, ids, offsets = arrived
    counts[:] = 0
    for q in range(offsets[since + 1 - first], offsets[step + 1 - first]):
        counts[ids[q]] += 1


@jit
def learn_from_cfs(step, arriving, arrived, settings, fibers, listed, memory):
    """Change the synapses of the Purkinje cells that CFs reach.

    Parameters
    ----------
    step : int
        The step.
    arriving : ndarray of int32
        IO cells with arriving spikes.
    arrived : SpikeLog
        PF spikes, by the step of their arrival.
    settings, fibers, listed, memory
        As in `run_loop`.
    """
    change = settings.on_cf
    for io in arriving:
        last, memory.last_cf[io] = memory.last_cf[io], step
        if not settings.learns or change.counted == _NOTHING:
            continue
        used = memory.counts
        # Those in the window are already counted, and all unclaimed if no CF spike arrived since.
        if change.counted == _ARRIVALS or (
            change.counted == _UNCLAIMED_ARRIVALS and last <= step - change.window
        ):
            used = memory.in_window
        else:
            _count_pf_spikes(change, step, last, arrived, memory.last_pf, used)
        if fibers is not None:
            _change_row(fibers.rows, fibers.rows.size // used.size, io, used, change.by)
        if listed is not None:
            for cell in range(io * settings.cells_per_io, (io + 1) * settings.cells_per_io):
                _change_listed(
                    listed.flat, listed.where[cell], listed.sources[cell], used, change.by
                )


@jit
def learn_from_pcs(step, fired, arrived, settings, listed, memory):
    """Change the synapses of the Purkinje cells that fire; arguments as of `learn_from_cfs`."""
    if listed is not None:  # rules without such a change store weights by fiber
        change = settings.on_pc
        for cell in fired:
            last_cf = memory.last_cf[cell // settings.cells_per_io]
            _count_pf_spikes(change, step, last_cf, arrived, memory.last_pf, memory.counts)
            _change_listed(
                listed.flat, listed.where[cell], listed.sources[cell], memory.counts, change.by
            )
