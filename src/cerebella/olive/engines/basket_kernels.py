"""Basket cells in compiled code.

The synapses of a PF on basket cells are a row of 2-bit fields, 0 or 1, so that all rows together
fit into the L2 cache. Three rows are added in 2-bit fields, 15 in 4-bit fields and 255 in bytes,
all in registers.
"""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import apart, inlined
from cerebella.compiled.lane_access import lanes_at, put_lanes
from cerebella.compiled.simd import spread
from cerebella.olive.engines.cell_kernels import hold, log_spikes, run_one_class, sample
from cerebella.olive.engines.list_kernels import add_listed, count_listed, fetch_listed

_WORDS = 4
_ROWS_AT_ONCE = 255
_TWO_BITS = np.uint64(0x3333333333333333)
_FOUR_BITS = np.uint64(0x0F0F0F0F0F0F0F0F)


@inlined
def _count(ids, start, stop, rows, at, counts):
    """Set the bytes of `counts` (4 n words) from word `at` on to the sum of at most 255 rows.

    Field f of byte b is cell f · 8 n words + b, both in a row (n words) and in the bytes. The last
    row is empty.
    """
    n, none = np.uint64(rows.shape[1]), np.uint64(rows.shape[0] - 1)
    first, last, to = np.uint64(start), np.uint64(stop), np.uint64(at)
    one, two, three, fifteen = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(15)
    by_two, by_four = spread(np.uint64(2), _WORDS), spread(np.uint64(4), _WORDS)
    two_bits, four_bits = spread(_TWO_BITS, _WORDS), spread(_FOUR_BITS, _WORDS)
    for w in range(np.uint64(0), n, np.uint64(_WORDS)):
        bytes_0 = bytes_1 = bytes_2 = bytes_3 = spread(np.uint64(0), _WORDS)
        for begin in range(first, last, fifteen):
            end = min(begin + fifteen, last)
            even = odd = spread(np.uint64(0), _WORDS)
            for q in range(begin, end, three):
                a = np.uint64(ids[q])
                b = np.uint64(ids[q + one]) if q + one < end else none
                c = np.uint64(ids[q + two]) if q + two < end else none
                fields = lanes_at(rows, a * n + w, _WORDS) + lanes_at(rows, b * n + w, _WORDS)
                fields = fields + lanes_at(rows, c * n + w, _WORDS)
                even = even + (fields & two_bits)
                odd = odd + ((fields >> by_two) & two_bits)
            bytes_0 = bytes_0 + (even & four_bits)
            bytes_1 = bytes_1 + (odd & four_bits)
            bytes_2 = bytes_2 + ((even >> by_four) & four_bits)
            bytes_3 = bytes_3 + ((odd >> by_four) & four_bits)
        put_lanes(counts, to + w, bytes_0)
        put_lanes(counts, to + n + w, bytes_1)
        put_lanes(counts, to + two * n + w, bytes_2)
        put_lanes(counts, to + three * n + w, bytes_3)


@inlined
def _count_many(ids, start, stop, rows, words, counts, at):
    """Add any number of rows to `counts` (int32) from `at` on; `words` is a buffer for bytes."""
    as_bytes = words.view(np.uint8)
    for q in range(start, stop, _ROWS_AT_ONCE):
        _count(ids, q, min(q + _ROWS_AT_ONCE, stop), rows, 0, words)
        for i in range(32 * rows.shape[1]):
            counts[at + i] += as_bytes[i]


@apart
def _run_one_class(
    first, stop, arrived, width, scale, g, decay, pull, row, currents, v, theta,
    refractory_until, cell, found, trace,
):  # fmt: skip
    """Call `run_one_class` without inlining, so that the cells have all registers available."""
    return run_one_class(
        first, stop, arrived, width, scale, g, decay, pull, row, currents,
        v, theta, refractory_until, cell, found, 0, trace,
    )  # fmt: skip


@apart
def run_basket_cells(
    first, stop, connected, pf_log, wires, efficacies, cells, synapse, pull, cell, noise, log,
    sampled, every,
):  # fmt: skip
    """Advance the basket cells, which receive input from parallel fibers only.

    Parameters
    ----------
    connected : bool
        Whether PF spikes arrive.
    pf_log : SpikeLog
        Spikes of PFs.
    wires : BasketWires
        Rows of two bits or, without them, lists.
    efficacies : ndarray of float64, or None
        Of the listed synapses, if they differ.
    cells : BasketCells
        State, and buffers for arrivals.
    synapse : SynapseStep
        Coefficients of PF→BC.
    pull : float or None
        Half a time step times the reversal potential in mV ms; None for 0.
    cell : CellStep
        Coefficients of a basket cell.
    noise : ndarray, shape (n_steps, n BC), or None
        In mV/ms.
    log : SpikeLog
        Output, filled from step `first` on.
    sampled : Sampled
        Sampled potentials; the trace holds the same number of steps as the arrivals.
    every : int
        Steps between samples.
    """
    pf_first, pf_ids, pf_offsets = pf_log
    n_spikes = pf_offsets[pf_offsets.size - 1]
    rows, starts, targets = wires
    v, theta, g, scale, refractory_until, n_at_once, words, counts, total, found = cells
    sampled_cells, trace, samples = sampled
    n_cells, n_bytes = v.size, words.size * 8 // n_at_once
    as_bytes = words.view(np.uint8)
    hold(first, log, cell.hold_steps, refractory_until)
    for begin in range(first, stop, n_at_once):
        end = min(begin + n_at_once, stop)
        most = 0
        for step in range(begin, end):
            row = step - synapse.delay - pf_first
            most = max(most, pf_offsets[row + 1] - pf_offsets[row])
        in_bytes = rows.size > 0 and most <= _ROWS_AT_ONCE
        for step in range(begin, end):
            row = step - synapse.delay - pf_first
            start, last = pf_offsets[row], pf_offsets[row + 1]
            if not connected:
                last = start
            if in_bytes:
                at = (step - begin) * n_bytes // 8
                _count(pf_ids, start, last, rows, at, words)
            elif efficacies is not None:
                at = (step - begin) * n_cells
                total[at : at + n_cells] = 0.0
                add_listed(pf_ids, start, last, starts, targets, efficacies, total, at)
            else:
                at = (step - begin) * n_bytes
                counts[at : at + n_bytes] = 0
                if rows.size:
                    _count_many(pf_ids, start, last, rows, words, counts, at)
                else:
                    for q in range(start, last):
                        fetch_listed(q, n_spikes, pf_ids, starts, targets, 32)
                        count_listed(pf_ids, q, q + 1, starts, targets, counts, at)
        if in_bytes:
            n_found = _run_one_class(
                begin, end, as_bytes, n_bytes, scale, g, synapse.decay, pull, begin - first, noise,
                v, theta, refractory_until, cell, found, trace,
            )  # fmt: skip
        elif efficacies is not None:
            n_found = _run_one_class(
                begin, end, total, n_cells, scale, g, synapse.decay, pull, begin - first, noise,
                v, theta, refractory_until, cell, found, trace,
            )  # fmt: skip
        else:
            n_found = _run_one_class(
                begin, end, counts, n_bytes, scale, g, synapse.decay, pull, begin - first, noise,
                v, theta, refractory_until, cell, found, trace,
            )  # fmt: skip
        log_spikes(begin, end, found, n_found, log)
        sample(begin, end, first, every, sampled_cells, trace, samples)
