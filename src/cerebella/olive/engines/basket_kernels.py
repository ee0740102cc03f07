"""Basket cells in compiled code.

A PF's synapses on basket cells are a row of numbers of two bits, 0 or 1, so that all rows together
fit into the second-level cache. Three of them are added as they are; sums go on in four bits up
to 15 and in bytes up to 255. That is arithmetic on whole words, and so SIMD code.
"""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.cell_kernels import advance_with_one_class, fire, sample
from cerebella.olive.engines.compiled import compiled, inlined
from cerebella.olive.engines.list_kernels import add_listed, count_listed

_ROWS_AT_ONCE = 255
_TWO_BITS = np.uint64(0x3333333333333333)
_FOUR_BITS = np.uint64(0x0F0F0F0F0F0F0F0F)


@inlined
def _count(ids, start, stop, rows, even, odd, counts):
    """Set the bytes of `counts` (4 n words) to the sum of at most 255 rows (n words).

    Field f of byte b is cell f · 8 n words + b, both of a row and of the bytes. The last row is
    empty; `even` and `odd` (n words) are room for sums of those fields.
    """
    n = np.uint64(even.size)
    two, four = np.uint64(2), np.uint64(4)
    none = np.uint64(rows.shape[0] - 1)
    counts[:] = 0
    for begin in range(start, stop, 15):
        end = min(begin + 15, stop)
        even[:] = 0
        odd[:] = 0
        for q in range(begin, end, 3):
            a = np.uint64(ids[q])
            b = np.uint64(ids[q + 1]) if q + 1 < end else none
            c = np.uint64(ids[q + 2]) if q + 2 < end else none
            for w in range(n):
                fields = rows[a, w] + rows[b, w] + rows[c, w]
                even[w] += fields & _TWO_BITS
                odd[w] += (fields >> two) & _TWO_BITS
        for w in range(n):
            counts[w] += even[w] & _FOUR_BITS
        for w in range(n):
            counts[n + w] += odd[w] & _FOUR_BITS
        for w in range(n):
            counts[two * n + w] += (even[w] >> four) & _FOUR_BITS
        for w in range(n):
            counts[two * n + n + w] += (odd[w] >> four) & _FOUR_BITS


@compiled
def run_basket_cells(first, stop, connected, pf_log, wires, cells, synapse, cell, noise, log, keep):
    """Advance the basket cells, which only the parallel fibres drive.

    Parameters
    ----------
    pf_log : (first step, ids, offsets) of PF spikes.
    wires : (rows, starts, targets, efficacies): rows of two bits, or, without them, a list of
        targets, weighted if it has efficacies.
    cells : (v, theta, g, scale, what arrived, as numbers and as bytes, current).
    noise : (n_steps, n BC) in mV/ms, or (0, 0).
    log : (first step, ids, offsets), to be filled from step `first` on.
    keep : (sampled cells, every how many steps, samples to fill).
    """
    pf_first, pf_ids, pf_offsets = pf_log
    rows, starts, targets, efficacies = wires
    v, theta, g, scale, total, words, current = cells
    log_first, ids, offsets = log
    sampled, every, samples = keep
    even, odd = np.zeros(rows.shape[1], np.uint64), np.zeros(rows.shape[1], np.uint64)
    counts = words.view(np.uint8)
    for step in range(first, stop):
        row = step - synapse.delay - pf_first
        start, end = pf_offsets[row], pf_offsets[row + 1]
        if not connected:
            end = start
        if noise.size:
            for i in range(v.size):
                current[i] = cell.half * noise[step - first, i]
        if rows.size and end - start <= _ROWS_AT_ONCE:
            _count(pf_ids, start, end, rows, even, odd, words)
            if noise.size:
                advance_with_one_class(counts, scale, g, synapse, current, v, theta, cell)
            else:
                advance_with_one_class(counts, scale, g, synapse, None, v, theta, cell)
        else:
            total[:] = 0.0
            if rows.size:
                for q in range(start, end, _ROWS_AT_ONCE):
                    _count(pf_ids, q, min(q + _ROWS_AT_ONCE, end), rows, even, odd, words)
                    for i in range(v.size):
                        total[i] += counts[i]
            elif efficacies.size:
                add_listed(pf_ids, start, end, starts, targets, efficacies, total)
            else:
                count_listed(pf_ids, start, end, starts, targets, total)
            advance_with_one_class(total, scale, g, synapse, current, v, theta, cell)
        fire(step - log_first, ids, offsets, v, theta, cell)
        if sampled.size and step % every == 0:
            sample(step, first, every, sampled, v, samples)
