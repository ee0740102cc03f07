"""What the processor does for all circuits of a card in one call: MF spikes, and sorting."""

from __future__ import annotations

import math

import numpy as np

from cerebella.compiled.jit import apart, inlined, kernel_of
from cerebella.olive.engines import arithmetic

_philox_block, _word_of = kernel_of(arithmetic.philox_block), kernel_of(arithmetic.word_of)


@apart
def draw_mf_of_circuits(
    first, purpose, seeds, intervals, next_spike, drawn, before, after, scratch
):
    """Draw the MF spikes of all circuits in a block; return whether there was room for them.

    Parameters
    ----------
    first : int
        First step of the block.
    purpose : int
        Purpose of the random streams.
    seeds : ndarray of uint64, shape (n,)
        Seed of each circuit.
    intervals : ndarray of float64, shape (n,)
        Mean interval of an MF in steps.
    next_spike, drawn : ndarray, shape (n, n_mf)
        As in `MossyState`, by circuit; changed.
    before, after : tuple of ndarray
        Steps, cells and offsets of the block before, and of this one, to be filled; see `Trains`.
    scratch : ndarray of int32, shape (2, room)
        Memory.
    """
    old_steps, old_ids, old_offsets = before
    steps, ids, offsets = after
    room = ids.shape[1]
    held = old_offsets.shape[1] - 1
    n_steps = offsets.shape[1] - 1 - held
    stop = first + n_steps
    for c in range(seeds.size):
        row = offsets[c]
        begin = old_offsets[c, 0]
        total = old_offsets[c, held] - begin
        for s in range(held + 1):
            row[s] = old_offsets[c, s] - begin
        for q in range(total):
            steps[c, q], ids[c, q] = old_steps[c, begin + q], old_ids[c, begin + q]
        row[held + 1 :] = 0
        n_held = total
        for i in range(next_spike.shape[1]):
            time, draw = next_spike[c, i], drawn[c, i]
            words = _philox_block(draw >> 2, purpose, i, 0, seeds[c])
            while time < stop:
                if total == room:
                    return 0
                step = max(int(time), first) - first
                scratch[0, total], scratch[1, total] = step, i
                row[held + 1 + step] += 1
                total += 1
                uniform = (np.float64(_word_of(words, draw & 3)) + 1.0) / (2.0**32 + 1.0)
                time += -math.log(uniform) * intervals[c]
                draw += 1
                if draw & 3 == 0:
                    words = _philox_block(draw >> 2, purpose, i, 0, seeds[c])
            next_spike[c, i], drawn[c, i] = time, draw
        # The offset after a step is the place of its next spike until all are placed.
        place = n_held
        for s in range(n_steps):
            count = row[held + 1 + s]
            row[held + 1 + s] = place
            place += count
        for q in range(n_held, total):
            step = scratch[0, q]
            at = row[held + 1 + step]
            steps[c, at], ids[c, at] = first + step, scratch[1, q]
            row[held + 1 + step] += 1
    return 1


@inlined
def _sort(keys, start, stop):
    """Sort keys by insertion, in wide steps first (Shell 1959, with the gaps of Knuth 1973)."""
    gap = 1
    while 3 * gap < stop - start:
        gap = 3 * gap + 1
    while gap > 0:
        for r in range(start + gap, stop):
            key = keys[r]
            at = r
            while at >= start + gap and keys[at - gap] > key:
                keys[at] = keys[at - gap]
                at -= gap
            keys[at] = key
        gap //= 3


@apart
def sort_spikes(first, out, n_out, out_first, sizes, steps, cells, bounds, keys):
    """Sort the spikes of all circuits, which leave a card in the order of steps only.

    Parameters
    ----------
    first : int
        First step of the block.
    out, n_out, out_first : ndarray
        As in `Circuits`.
    sizes : ndarray of int64, shape (populations,)
        Number of cells of each population.
    steps, cells : ndarray of uint32
        Receive step and cell of each spike, by circuit and population.
    bounds : ndarray of int64, shape (n · populations + 1,)
        Receives the place of the first spike of each circuit and population.
    keys : ndarray of int64
        Memory for the spikes of one circuit and population.
    """
    total = 0
    for c in range(out.shape[1]):
        for k in range(sizes.size):
            bounds[c * sizes.size + k] = total
            size, n = sizes[k], n_out[c, k]
            for q in range(n):
                keys[q] = out[out_first[k] + q, c]
            q = 0
            while q < n:
                step = keys[q] // size
                end = q + 1
                while end < n and keys[end] < (step + 1) * size:
                    end += 1
                _sort(keys, q, end)
                for r in range(q, end):
                    steps[total] = first + step
                    cells[total] = keys[r] - step * size
                    total += 1
                q = end
    bounds[bounds.size - 1] = total
