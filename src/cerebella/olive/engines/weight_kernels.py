"""The weights of PF→PC in compiled code: their sums, and how they change.

Under rules without PC spikes, all Purkinje cells of a climbing fiber undergo the same
changes, so that a PF has the same weight at all of them. Weights are then stored by PF and
climbing fiber, as *rows*, with one bit for each of the eight cells that the PF may contact.
Otherwise, and for sparse contacts, weights are a list: in the order of PFs or, if PC spikes change
them, in that of cells.
"""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import apart, inlined, kernel_of
from cerebella.compiled.lane_access import doubles_at, lanes_at, prefetch, put_lanes
from cerebella.compiled.simd import count_bits, lesser, reached, spread
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.list_kernels import fetch_listed
from cerebella.olive.engines.rule_kernels import call_change
from cerebella.olive.engines.wire_types import CELLS_PER_FIBER
from cerebella.olive.rules.events import Paired
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_EACH, _LAST = int(Paired.EACH), int(Paired.LAST)
_bounded, time_since = kernel_of(arithmetic.bounded), kernel_of(arithmetic.time_since)

_ROWS_PER_INT32 = 31
_BOUND = UNITS_PER_WEIGHT
_AHEAD = 32
"""Number of synapses by which scattered weights are prefetched."""


@inlined
def _at_contacts(rows, contacts, masks, at):
    """Return the weight at a flat index for contacted cells, and 0 for others."""
    return spread(rows[at], CELLS_PER_FIBER) & lanes_at(masks, contacts[at], CELLS_PER_FIBER)


@inlined
def _add_rows(first, stop, arrived, fibers, n_pf, on_pf, narrow, total, at):
    """Implement `add_plastic` for weights by fiber."""
    rows, contacts, masks = fibers
    first_arrived, ids, offsets = arrived
    n, n_cells, cells = np.uint64(rows.size // n_pf), total.shape[1], np.uint64(CELLS_PER_FIBER)
    bound, zero = spread(np.int32(_BOUND), CELLS_PER_FIBER), spread(np.int32(0), CELLS_PER_FIBER)
    lowers = False
    for k in range(on_pf.size):
        lowers |= on_pf[k] < 0
    for step in range(first, stop):
        to = (at + step - first) * n_cells
        row = step - first_arrived
        if offsets[row] == offsets[row + 1]:
            total[at + step - first] = 0.0
        for begin in range(offsets[row], offsets[row + 1], _ROWS_PER_INT32):
            end = min(begin + _ROWS_PER_INT32, offsets[row + 1])
            for k in range(np.uint64(0), n, cells):
                more = lanes_at(on_pf, k, CELLS_PER_FIBER)
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
                    # A PF fires at most once per step, so that no weight is changed too early.
                    new = lesser(lanes_at(rows, place, CELLS_PER_FIBER) + more, bound)
                    put_lanes(rows, place, new)
                if lowers:
                    for q in range(np.uint64(begin), np.uint64(end)):
                        place = np.uint64(ids[q]) * n + k
                        new = lanes_at(rows, place, CELLS_PER_FIBER)
                        put_lanes(rows, place, new & reached(new, zero))
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
def _place(places, k):
    """Return the index of the weight of a synapse; without a list, they are in the same order."""
    return np.uint64(k) if places is None else np.uint64(places[k])


@inlined
def _fetch_in_order(q, n_spikes, ids, starts, places, weights):
    """Prefetch from the array that is read in the order of synapses; see `fetch_listed`."""
    if places is None:
        fetch_listed(q, n_spikes, ids, starts, weights, 16)
    else:
        fetch_listed(q, n_spikes, ids, starts, places, 16)


@inlined
def _fetch(weights, places, k, last):
    """Prefetch the weight of a synapse, if they are scattered."""
    if places is not None:
        prefetch(weights, places[min(k, last)])


@inlined
def _add_listed(first, stop, arrived, listed, on_pf, varies, whole, total, at):
    """Implement `add_plastic` for listed weights."""
    weights, starts, targets, places, _, _ = listed
    first_arrived, ids, offsets = arrived
    n_spikes, by = offsets[offsets.size - 1], on_pf[0]
    zero, bound = np.int32(0), np.int32(_BOUND)
    for step in range(first, stop):
        whole[:] = 0
        row = step - first_arrived
        for q in range(offsets[row], offsets[row + 1]):
            fetch_listed(q, n_spikes, ids, starts, targets, 32)
            _fetch_in_order(q, n_spikes, ids, starts, places, weights)
            begin, end = np.uint64(starts[ids[q]]), np.uint64(starts[ids[q] + 1])
            for k in range(begin, end):
                whole[np.uint64(targets[k])] += np.int64(weights[_place(places, k)])
            if varies:
                for k in range(begin, end):
                    place = _place(places, k)
                    new = np.int32(weights[place] + on_pf[np.uint64(targets[k])])
                    weights[place] = max(zero, min(new, bound))
            elif by:
                for k in range(begin, end):
                    place = _place(places, k)
                    weights[place] = max(zero, min(np.int32(weights[place] + by), bound))
        for i in range(whole.size):
            total[at + step - first, i] = whole[i]


@apart
def add_plastic(first, stop, arrived, fibers, listed, n_pf, on_pf, varies, sums, total, at):
    """Set rows of `total` to the sums of weights, and change those of PFs, step by step.

    Parameters
    ----------
    arrived : SpikeLog
        PF spikes, by the step of their arrival.
    fibers, listed : FiberWeights, ListedWeights
        The weights; one is None.
    n_pf : int
        Number of PFs.
    on_pf : ndarray of int32
        Change by each PF spike, by climbing fiber or, if weights are listed, by cell.
    varies : bool
        Whether these changes differ.
    sums : WeightSums
        Scratch memory.
    total : ndarray of float64, shape (n_steps, n PC)
        Rows from `at` on are set.
    """
    if fibers is not None:
        _add_rows(first, stop, arrived, fibers, n_pf, on_pf, sums.narrow, total, at)
    if listed is not None:
        _add_listed(first, stop, arrived, listed, on_pf, varies, sums.whole, total, at)


@inlined
def _weigh(weight, times, zone, per_bin, histogram, sums):
    """Count `times` synapses of one weight; squares have two parts to avoid overflow."""
    square = np.int64(weight) * np.int64(weight)
    sums[0, zone] += times * np.int64(weight)
    sums[1, zone] += times * (square >> 32)
    sums[2, zone] += times * (square & 0xFFFFFFFF)
    histogram[min(np.int64(weight * per_bin), histogram.size - 1)] += times


@apart
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


@apart
def weigh_listed(listed, purkinje_per_zone, histogram, sums):
    """Count listed weights; see `weigh_rows`."""
    flat, targets, places = listed.flat, listed.targets, listed.places
    per_bin = histogram.size / _BOUND
    for k in range(flat.size):
        zone = targets[k] // purkinje_per_zone
        _weigh(flat[_place(places, k)], 1, zone, per_bin, histogram, sums)


@inlined
def mark_last_arrivals(arrived, since, stop, last_pf):
    """Set the step of the last arrival of PFs that arrive in steps since <= s < stop."""
    first, ids, offsets = arrived
    for step in range(since, stop):
        for q in range(offsets[step - first], offsets[step + 1 - first]):
            last_pf[ids[q]] = step


@inlined
def _evaluate(event, ages, n, since_ms, settings, memory):
    """Set the first n changes to those of an event at the ages of PF spikes."""
    since_cf_ms, since_pc_ms = since_ms
    values, changes = event.values, memory.changes
    arguments = (
        ages, n, settings.memory, settings.step_ms, since_cf_ms, since_pc_ms, values, changes,
    )  # fmt: skip
    if not call_change(event.address, arguments):
        memory.refused[0] = event.number


@apart
def set_changes_on_pf(step, settings, memory):
    """Set the change by each PF spike that arrives in a step, by climbing fiber or by cell."""
    on_pf, last_cf, last_pc = memory.on_pf, memory.last_cf, memory.last_pc
    by_cell = on_pf.size == last_pc.size
    for i in range(on_pf.size if by_cell else last_cf.size):
        if settings.on_pf.varies or i == 0:
            io = i // settings.cells_per_io if by_cell else i
            since_cf_ms = time_since(last_cf[io], step, settings.step_ms)
            since_pc_ms = time_since(last_pc[i], step, settings.step_ms) if by_cell else np.inf
            since_ms = since_cf_ms, since_pc_ms
            _evaluate(settings.on_pf, memory.counting, 1, since_ms, settings, memory)
        on_pf[i] = memory.changes[0]


@inlined
def _count_in_window(arrived, step, window, memory):
    """Update the arrivals of each PF in the last `window` steps, by those since the last count."""
    first, ids, offsets = arrived
    counts, counted, since = memory.in_window, memory.counted[0], memory.counted[0]
    if step - counted >= window or counted - window + 1 < first:
        counts[:] = 0
        since = step - window
    else:
        for q in range(offsets[counted - window + 1 - first], offsets[step - window + 1 - first]):
            counts[ids[q]] -= 1
    for q in range(offsets[since + 1 - first], offsets[step + 1 - first]):
        counts[ids[q]] += 1
    memory.counted[0] = step


@apart
def _add_up_changes(event, step, since_ms, arrived, settings, memory):
    """Set the sums of changes at a CF or PC spike, by PF."""
    sums, changes = memory.sums, memory.changes
    if event.paired != _EACH:
        _evaluate(event, memory.counting, 1, since_ms, settings, memory)
        sums[:] = changes[0]
        return
    _evaluate(event, memory.counting, settings.memory, since_ms, settings, memory)
    first, ids, offsets = arrived
    age = 0
    while age < settings.memory and changes[age] == changes[0]:
        age += 1
    if age == settings.memory:  # all alike: counts need not begin anew at each spike
        _count_in_window(arrived, step, settings.memory, memory)
        for i in range(sums.size):
            sums[i] = np.int64(changes[0]) * memory.in_window[i]
        return
    sums[:] = 0
    age = 0
    while age < settings.memory:
        by, youngest = np.int64(changes[age]), age
        while age < settings.memory and changes[age] == by:  # adjacent steps, in one loop
            age += 1
        if by != 0:
            begin, end = offsets[step - age + 1 - first], offsets[step - youngest + 1 - first]
            for q in range(np.uint64(begin), np.uint64(end)):
                sums[np.uint64(ids[q])] += by


@apart
def _change_row(rows, n_fibers, fiber, changes):
    """Change the weights of all PFs at one climbing fiber."""
    at, n = np.uint64(fiber), np.uint64(n_fibers)
    for i in range(changes.size):
        rows[at] = _bounded(rows[at] + changes[i])
        at += n


@apart
def _change_rows(event, step, io, since_ms, arrived, settings, fibers, memory):
    """Change the weights of all PFs at one climbing fiber, at a CF spike."""
    last_pf, n_fibers = memory.last_pf, fibers.rows.size // memory.last_pf.size
    if event.paired == _LAST:
        ages, most = memory.ages, np.int64(settings.memory)
        for i in range(last_pf.size):
            ages[i] = min(step - last_pf[i], most)
        _evaluate(event, ages, last_pf.size, since_ms, settings, memory)
        _change_row(fibers.rows, n_fibers, io, memory.changes[: last_pf.size])
    else:
        _add_up_changes(event, step, since_ms, arrived, settings, memory)
        _change_row(fibers.rows, n_fibers, io, memory.sums)


@inlined
def _change_cell(event, step, cell, since_ms, adds_up, arrived, settings, listed, memory):
    """Change the weights of one Purkinje cell, at a CF or PC spike."""
    flat, where, sources = listed.flat, listed.where, listed.sources[cell]
    zero, bound, first = np.int32(0), np.int32(_BOUND), np.uint64(cell * sources.size)
    last, ahead = first + np.uint64(sources.size - 1), np.uint64(_AHEAD)
    if event.paired == _LAST:
        last_pf, ages, most = memory.last_pf, memory.ages, np.int64(settings.memory)
        for k in range(sources.size):
            ages[k] = min(step - last_pf[np.uint64(sources[k])], most)
        _evaluate(event, ages, sources.size, since_ms, settings, memory)
        changes = memory.changes
        for k in range(np.uint64(sources.size)):
            _fetch(flat, where, first + k + ahead, last)
            place = _place(where, first + k)
            flat[place] = max(zero, min(np.int32(flat[place] + changes[k]), bound))
        return
    if adds_up:
        _add_up_changes(event, step, since_ms, arrived, settings, memory)
    sums = memory.sums
    for k in range(np.uint64(sources.size)):
        _fetch(flat, where, first + k + ahead, last)
        place = _place(where, first + k)
        flat[place] = _bounded(flat[place] + sums[np.uint64(sources[k])])


@apart
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
    event, last_cf, last_pc = settings.on_cf, memory.last_cf, memory.last_pc
    for io in arriving:
        since_cf_ms, last_cf[io] = time_since(last_cf[io], step, settings.step_ms), step
        if not settings.learns or not event.acts:
            continue
        if fibers is not None:
            since_ms = since_cf_ms, np.inf
            _change_rows(event, step, io, since_ms, arrived, settings, fibers, memory)
        if listed is not None:
            first = io * settings.cells_per_io
            for cell in range(first, first + settings.cells_per_io):
                since_ms = since_cf_ms, time_since(last_pc[cell], step, settings.step_ms)
                adds_up = event.by_cell or cell == first  # otherwise known from the first cell
                _change_cell(
                    event, step, cell, since_ms, adds_up, arrived, settings, listed, memory
                )


@apart
def learn_from_pcs(step, fired, arrived, settings, listed, memory):
    """Change the synapses of the Purkinje cells that fire; arguments as of `learn_from_cfs`."""
    event, last_cf, last_pc = settings.on_pc, memory.last_cf, memory.last_pc
    if listed is not None and settings.learns and event.acts:  # without PC spikes, there are rows
        for cell in fired:
            since_cf_ms = time_since(last_cf[cell // settings.cells_per_io], step, settings.step_ms)
            since_ms = since_cf_ms, time_since(last_pc[cell], step, settings.step_ms)
            _change_cell(event, step, cell, since_ms, True, arrived, settings, listed, memory)
    if settings.marks_pcs:
        for cell in fired:
            last_pc[cell] = step
