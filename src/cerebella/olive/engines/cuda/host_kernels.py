"""What the processor does for all circuits of a card in one call: MF spikes, and sorting."""

from __future__ import annotations

import math

import numpy as np

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.jit import jit

_LONG = 64
"""Spikes of one step from which a general sort is faster than insertion."""

_philox_block, _word_of = kernel_of(arithmetic.philox_block), kernel_of(arithmetic.word_of)


@jit
def draw_mf_of_circuits(first, purpose, seeds, intervals, next_spike, drawn, before, after):
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
    """
    old_steps, old_ids, old_offsets = before
    steps, ids, offsets = after
    room = ids.shape[1]
    held = old_offsets.shape[1] - 1
    n_steps = offsets.shape[1] - 1 - held
    stop = first + n_steps
    scratch = np.empty((2, room), np.int32)
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
                    return False
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
    return True


@inlined
def _insertion_sort(keys, start, stop):
    """Sort a few keys."""
    for r in range(start + 1, stop):
        key = keys[r]
        at = r
        while at > start and keys[at - 1] > key:
            keys[at] = keys[at - 1]
            at -= 1
        keys[at] = key


@jit
def sort_spikes(first, out, n_out, out_first, sizes, steps, cells, bounds):
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
    """
    total = 0
    scratch = np.empty(out.shape[0], np.int64)
    for c in range(out.shape[1]):
        for k in range(sizes.size):
            bounds[c * sizes.size + k] = total
            size = sizes[k]
            keys = scratch[: n_out[c, k]]
            keys[:] = out[out_first[k] : out_first[k] + keys.size, c]
            q = 0
            while q < keys.size:
                step = keys[q] // size
                end = q + 1
                while end < keys.size and keys[end] < (step + 1) * size:
                    end += 1
                if end - q > _LONG:
                    keys[q:end].sort()
                else:
                    _insertion_sort(keys, q, end)
                for r in range(q, end):
                    steps[total] = first + step
                    cells[total] = keys[r] - step * size
                    total += 1
                q = end
    bounds[bounds.size - 1] = total
