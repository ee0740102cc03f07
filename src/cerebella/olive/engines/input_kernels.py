"""Spike trains of parallel and mossy fibres and noise, drawn a block of time at a time.

The streams are those of `cerebella.olive.inputs`; see `cerebella.olive.streams`.
"""

from __future__ import annotations

import math

import numpy as np

from cerebella.olive.engines.compiled import compiled, inlined
from cerebella.olive.streams import FIRST_SEGMENT, SEGMENT_BITS

_BLOCKS_AT_ONCE = 8
"""Of four words each, for the spikes of a PF; somewhat more than it needs in a second."""


@inlined
def philox_block(block, purpose, gid, trial, seed):
    """Return four 32-bit words of a Philox 4×32-10 stream, as `cerebella.randomness` does."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    # Words masked to 32 bits are known to be short: four products become one instruction.
    c0, c1 = np.uint64(block) & low, np.uint64(purpose)
    c2, c3 = np.uint64(gid) & low, np.uint64(trial)
    k0, k1 = np.uint64(seed), np.uint64(0)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & low, (p0 >> half) ^ c3 ^ k1, p0 & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    return c0, c1, c2, c3


@inlined
def _draw_words(first_block, n_blocks, purpose, gid, trial, seed, w0, w1, w2, w3):
    """Write words 0 to 3 of some blocks of a stream to `w0` to `w3`."""
    for k in range(n_blocks):
        w0[k], w1[k], w2[k], w3[k] = philox_block(first_block + k, purpose, gid, trial, seed)


@compiled
def draw_pf_trains(
    first, stop, fibres, purpose, seed, refractory, thresholds, guide, scratch, ids, offsets
):
    """Draw all PF spikes of steps first <= s < stop; return their number.

    `fibres` are (ready, next, draw). Spikes come out by step, then fibre, in `ids` and
    `offsets`; `thresholds` are those from the second on; `scratch` is (2, capacity) and holds
    (step, fibre) in the order of fibres.
    """
    ready, next_spike, drawn = fibres
    shift = np.uint64(20)
    words = np.empty((4, _BLOCKS_AT_ONCE), np.uint64)
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    offsets[:] = 0
    total = 0
    for i in range(next_spike.size):
        step = next_spike[i]
        draw = drawn[i]
        begun = draw >> 2
        if step < stop:
            _draw_words(begun, _BLOCKS_AT_ONCE, purpose, i, 0, seed, w0, w1, w2, w3)
        while step < stop:
            scratch[0, total] = step - first
            scratch[1, total] = i
            offsets[step - first + 1] += 1
            total += 1
            if (draw >> 2) - begun == _BLOCKS_AT_ONCE:
                begun = draw >> 2
                _draw_words(begun, _BLOCKS_AT_ONCE, purpose, i, 0, seed, w0, w1, w2, w3)
            word = words[draw & 3, (draw >> 2) - begun]
            draw += 1
            flips = guide[word >> shift]
            while word < thresholds[flips - 1]:
                flips += 1
            ready[i] = step + refractory + 1
            step = ready[i] + flips - 1
        next_spike[i] = step
        drawn[i] = draw
    for s in range(stop - first):
        offsets[s + 1] += offsets[s]
    for q in range(total):
        s = scratch[0, q]
        ids[offsets[s]] = scratch[1, q]
        offsets[s] += 1
    for s in range(stop - first, 0, -1):
        offsets[s] = offsets[s - 1]
    offsets[0] = 0
    return total


@compiled
def draw_mf_trains(first, stop, next_spike, drawn, purpose, seed, interval, ids, offsets):
    """Draw all MF spikes of steps first <= s < stop; return their number, or -1 if too many."""
    words = np.empty((4, 1), np.uint64)
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


@compiled
def draw_noise(first, stop, n_cells, purpose, stream, seed, amplitude, table, words, noise):
    """Write `amplitude` times standard normal numbers to `noise` (n_steps, n) of `n_cells` cells.

    `words` is (4, at least a quarter of the steps and 2), to be used as room.
    """
    base, slope = table
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    first_block, stop_block = first >> 2, (stop + 3) >> 2
    one = np.uint64(1)
    for cell in range(n_cells):
        n_blocks = stop_block - first_block
        _draw_words(first_block, n_blocks, purpose, cell, stream, seed, w0, w1, w2, w3)
        for step in range(first, stop):
            word = words[step & 3, (step >> 2) - first_block]
            x = np.float64(np.int64(word | one))
            segment = np.uint64((x.view(np.int64) >> SEGMENT_BITS) - FIRST_SEGMENT)
            low = base[segment] + slope[segment] * x
            side = 1.0 - 2.0 * np.float64(np.int64(word & one))
            noise[step - first, cell] = amplitude * (side * low)
