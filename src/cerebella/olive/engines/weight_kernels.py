"""The weights of PF→PKJ in compiled code: their sums, and how they change.

All synapses of a PF are potentiated alike, so what they have grown is kept once for each PF, in
`grown`, and added to a weight where it is used. Weights are a matrix (n PF + 1, n PKJ) with
`NO_SYNAPSE` in its empty places and in its last row, or a list; flat, in both cases.
"""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.compiled import compiled, inlined

_ROWS_PER_INT32 = 28
_BOUND = 1 << 26
_MOST_GROWN = 1 << 29

NO_SYNAPSE = -(1 << 31)
"""Stands in a matrix of weights where there is no synapse; whatever grows, it is negative."""


@inlined
def add_plastic_rows(ids, start, stop, flat, grown, ltp, narrow, total):
    """Add rows of weights to `total`, then potentiate them.

    Whole numbers may be added in any order, four rows at a time; `narrow` holds sums of 28.
    """
    n = narrow.size
    weights = flat.reshape((grown.size, n))
    bound, zero = np.int32(_BOUND), np.int32(0)
    none = np.uint64(grown.size - 1)
    for begin in range(start, stop, _ROWS_PER_INT32):
        end = min(begin + _ROWS_PER_INT32, stop)
        narrow[:] = 0
        for q in range(begin, end, 4):
            a = np.uint64(ids[q])
            b = np.uint64(ids[q + 1]) if q + 1 < end else none
            c = np.uint64(ids[q + 2]) if q + 2 < end else none
            d = np.uint64(ids[q + 3]) if q + 3 < end else none
            more_a, more_b, more_c, more_d = grown[a], grown[b], grown[c], grown[d]
            for j in range(n):
                narrow[j] += (
                    max(min(np.int32(weights[a, j] + more_a), bound), zero)
                    + max(min(np.int32(weights[b, j] + more_b), bound), zero)
                    + max(min(np.int32(weights[c, j] + more_c), bound), zero)
                    + max(min(np.int32(weights[d, j] + more_d), bound), zero)
                )
        for j in range(n):
            total[j] += narrow[j]
    for q in range(start, stop):
        grown[ids[q]] += ltp
        if grown[ids[q]] > _MOST_GROWN:
            _settle(weights[ids[q]], grown, ids[q])


@compiled
def add_plastic_listed(ids, start, stop, starts, targets, weights, grown, ltp, total):
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
def _change_weights(flat, grown, where, sources, times, by):
    """Add `by` (of either sign) `times[pf]` times to each weight of one PKJ, within bounds."""
    for k in range(where.size):
        n = times[sources[k]]
        if n:
            more = grown[sources[k]]
            w = min(flat[where[k]] + more, _BOUND) + n * by
            flat[where[k]] = max(0, min(w, _BOUND)) - more


@compiled
def _change_rows(flat, grown, first, n_own, times, by):
    """Do the same for PKJs first <= j < first + n_own, if weights are a matrix."""
    weights = flat.reshape((grown.size, flat.size // grown.size))
    bound, zero, empty = np.int32(_BOUND), np.int32(0), np.int32(NO_SYNAPSE // 2)
    begin, end = np.uint64(first), np.uint64(first + n_own)
    for i in range(np.uint64(times.size)):
        n = times[i]
        if n:
            more = grown[i]
            change = np.int32(max(-_BOUND, min(n * by, _BOUND)))
            for j in range(begin, end):
                old = weights[i, j]
                new = min(np.int32(old + more), bound) + change
                new = np.int32(max(zero, min(np.int32(new), bound)) - more)
                # A choice between old and new would be compiled to masked stores, which are slow.
                weights[i, j] = old + np.int32(old > empty) * np.int32(new - old)


@compiled
def read_weights(flat, grown, where, sources, weights):
    """Write the weights (n PKJ, fan-in), with all that they have grown, to `weights`."""
    bound = np.int32(_BOUND)
    for i in range(where.shape[0]):
        for k in range(where.shape[1]):
            weights[i, k] = min(np.int32(flat[where[i, k]] + grown[sources[i, k]]), bound)


@inlined
def count_arrivals(arrived, counted, step, window, counts):
    """Bring the arrivals of each PF in the last `window` steps from step `counted` to `step`."""
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


@compiled
def _recount(arrived, step, since, times):
    """Count the arrivals of each fibre after step `since`, up to this one."""
    first, ids, offsets = arrived
    times[:] = 0
    for q in range(offsets[since + 1 - first], offsets[step + 1 - first]):
        times[ids[q]] += 1


@compiled
def _mark_pairs(last_pf, last_cf, step, window, times):
    """Set `times` to 1 for PFs that arrived within the window and after the last CF."""
    for i in range(last_pf.size):
        times[i] = (step - last_pf[i] < window) & (last_pf[i] > last_cf)


@compiled
def learn_from_cfs(step, arriving, arrived, rules, weights, memory):
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
        if flat.size > where.size:
            _change_rows(flat, grown, io * n_own, n_own, used, by)
        else:
            for pkj in range(io * n_own, (io + 1) * n_own):
                _change_weights(flat, grown, where[pkj], sources[pkj], used, by)


@compiled
def learn_from_pairs(step, fired, n_own, rules, weights, memory):
    """Rule "pair": potentiate the synapses whose last PF spike a PC spike follows."""
    flat, grown, where, sources = weights
    _, times, last_pf, last_cf = memory
    for cell in fired:
        _mark_pairs(last_pf, last_cf[cell // n_own], step, rules.pair_window, times)
        _change_weights(flat, grown, where[cell], sources[cell], times, rules.ltp)
