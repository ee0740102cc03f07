"""Spike trains of parallel and mossy fibers, and noise, drawn block by block.

The streams are those of `cerebella.olive.inputs`; see `cerebella.olive.random_drive`.
"""

from __future__ import annotations

import math

import numpy as np

from cerebella.compiled.jit import apart, inlined, kernel_of
from cerebella.compiled.lane_access import numbers_of
from cerebella.olive.engines import arithmetic
from cerebella.olive.random_drive import FIRST_SEGMENT, NEVER, SEGMENT_BITS

_philox_block, _flips_of = kernel_of(arithmetic.philox_block), kernel_of(arithmetic.flips_of)


@inlined
def _draw_words(first_block, n_blocks, purpose, gid, trial, seed, w0, w1, w2, w3):
    """Write words 0 to 3 of several blocks of a stream to `w0` to `w3`."""
    for k in range(np.uint64(n_blocks)):
        w0[k], w1[k], w2[k], w3[k] = _philox_block(
            np.uint64(first_block) + k, purpose, gid, trial, seed
        )


@apart
def draw_pf_trains(
    first, stop, fibers, purpose, seed, refractory, thresholds, guide, words, scratch, ids, offsets
):
    """Draw all PF spikes of steps first <= s < stop.

    `fibers` is a `FiberState`. `ids` and `offsets` receive the spikes, ordered by step and then
    by fiber; `thresholds` are those of the table from the second on; `words`, (4, blocks), and
    `scratch`, (2, capacity), which holds (step, fiber) in the order of fibers, are memory.
    """
    ready, next_spike, drawn = fibers
    steps, sources = scratch[0], scratch[1]
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    at_once = np.uint64(words.shape[1])
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    word_at = numbers_of(words)
    offsets[:] = 0
    total = np.uint64(0)
    for i in range(np.uint64(next_spike.size)):
        step = next_spike[i]
        draw = np.uint64(drawn[i])
        begun = draw >> two
        if step < stop:
            _draw_words(begun, at_once, purpose, i, 0, seed, w0, w1, w2, w3)
        while step < stop:
            steps[total] = step - first
            sources[total] = i
            offsets[np.uint64(step - first + 1)] += 1
            total += one
            if (draw >> two) - begun == at_once:
                begun = draw >> two
                _draw_words(begun, at_once, purpose, i, 0, seed, w0, w1, w2, w3)
            word = word_at[(draw & three) * at_once + (draw >> two) - begun]
            draw += one
            flips = _flips_of(word, thresholds, guide)
            ready[i] = step + refractory + 1
            step = ready[i] + np.int64(flips) - 1
        next_spike[i] = step
        drawn[i] = draw
    _sort_by_step(stop - first, total, scratch, ids, offsets)


@apart
def draw_pf_episode(first, stop, fibers, purpose, seed, refractory, episode, scratch, ids, offsets):
    """Draw all PF spikes of steps first <= s < stop within an episode; see `draw_pf_trains`."""
    ready, next_spike, drawn = fibers
    begin, end, bin_steps, silence = episode
    steps, sources = scratch[0], scratch[1]
    offsets[:] = 0
    total = np.uint64(0)
    for i in range(np.uint64(next_spike.size)):
        step = next_spike[i]
        while step < stop:
            steps[total] = step - first
            sources[total] = i
            offsets[np.uint64(step - first + 1)] += 1
            total += np.uint64(1)
            ready[i] = step + refractory + 1
            step = NEVER
            words = _philox_block(drawn[i] >> 2, purpose, i, 0, seed)
            word = np.float64(words[drawn[i] & 3])
            drawn[i] += 1
            silent = 2.0**32
            place = np.uint64((ready[i] - begin) // bin_steps)
            left = bin_steps - (ready[i] - begin) % bin_steps
            for s in range(ready[i], end):
                silent *= silence[i, place]
                if silent <= word:
                    step = s
                    break
                left -= 1
                if left == 0:
                    place += np.uint64(1)
                    left = bin_steps
        next_spike[i] = step
    _sort_by_step(stop - first, total, scratch, ids, offsets)


@inlined
def _sort_by_step(n_steps, total, scratch, ids, offsets):
    """Fill `ids` with sources ordered by step, and `offsets`, which holds the number per step."""
    steps, sources = scratch[0], scratch[1]
    for s in range(n_steps):
        offsets[s + 1] += offsets[s]
    for q in range(total):
        s = np.uint64(steps[q])
        ids[np.uint64(offsets[s])] = sources[q]
        offsets[s] += 1
    for s in range(n_steps, 0, -1):
        offsets[s] = offsets[s - 1]
    offsets[0] = 0


@apart
def draw_mf_trains(first, stop, next_spike, drawn, purpose, seed, interval, words, ids, offsets):
    """Draw all MF spikes of steps first <= s < stop; return the number, or -1 if `ids` is full.

    `words`, (4, 1), is memory.
    """
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    total = 0
    offsets[0] = 0
    for step in range(first, stop):
        for i in range(next_spike.size):
            while next_spike[i] < step + 1:
                if total == ids.size:
                    return -1
                ids[total] = i
                total += 1
                _draw_words(drawn[i] >> 2, 1, purpose, i, 0, seed, w0, w1, w2, w3)
                word = words[drawn[i] & 3, 0]
                drawn[i] += 1
                uniform = (np.float64(word) + 1.0) / (2.0**32 + 1.0)
                next_spike[i] += -math.log(uniform) * interval
        offsets[step - first + 1] = total
    return total


@apart
def draw_noise(first_block, n_cells, purpose, stream, seed, amplitude, table, words, noise):
    """Write `amplitude` times standard normal numbers to `noise` (4 · n_blocks, n).

    `words`, (4, n_blocks), is memory.
    """
    base, slope = table
    n_blocks = words.shape[1]
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    for cell in range(n_cells):
        _draw_words(first_block, n_blocks, purpose, cell, stream, seed, w0, w1, w2, w3)
        for k in range(np.uint64(n_blocks)):
            row = np.uint64(4) * k
            noise[row, cell] = amplitude * _normal(w0[k], base, slope)
            noise[row + np.uint64(1), cell] = amplitude * _normal(w1[k], base, slope)
            noise[row + np.uint64(2), cell] = amplitude * _normal(w2[k], base, slope)
            noise[row + np.uint64(3), cell] = amplitude * _normal(w3[k], base, slope)


@inlined
def _normal(word, base, slope):
    """Return the standard normal number of a word, whose last bit is the sign."""
    x = np.float64(np.int64(word | np.uint64(1)))
    segment = np.uint64((x.view(np.int64) >> SEGMENT_BITS) - FIRST_SEGMENT)
    low = np.float64(base[segment] + slope[segment] * x)
    signed = np.uint64(low.view(np.uint64) ^ (word & np.uint64(1)) << np.uint64(63))
    return signed.view(np.float64)
