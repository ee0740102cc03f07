"""Spike trains of parallel and mossy fibres, drawn a block of time at a time.

The streams are those of `cerebella.olive.inputs`; see `cerebella.olive.streams`.
"""

from __future__ import annotations

import math

import numpy as np

from cerebella.olive.engines.compiled import compiled


@compiled
def philox_block(block, purpose, gid, seed):
    """Return four 32-bit words of a Philox 4×32-10 stream, as `cerebella.randomness` does."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c0, c1 = np.uint64(block), np.uint64(purpose)
    c2, c3 = np.uint64(gid), np.uint64(0)
    k0, k1 = np.uint64(seed), np.uint64(0)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & low, (p0 >> half) ^ c3 ^ k1, p0 & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    return c0, c1, c2, c3


@compiled
def _word(words, draw):
    place = draw & 3
    if place == 0:
        return words[0]
    if place == 1:
        return words[1]
    return words[2] if place == 2 else words[3]


@compiled
def draw_pf_trains(
    first, stop, fibres, purpose, seed, refractory, thresholds, guide, scratch, ids, offsets
):
    """Draw all PF spikes of steps first <= s < stop; return their number.

    `fibres` are (ready, next, draw). Spikes come out by step, then fibre, in `ids` and
    `offsets`; `scratch` is (2, capacity) and holds (step, fibre) in the order of fibres.
    """
    ready, next_spike, drawn = fibres
    shift = np.uint64(20)
    offsets[:] = 0
    total = 0
    for i in range(next_spike.size):
        step = next_spike[i]
        draw = drawn[i]
        words = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
        have = np.int64(-1)
        while step < stop:
            scratch[0, total] = step - first
            scratch[1, total] = i
            offsets[step - first + 1] += 1
            total += 1
            if have != draw >> 2:
                have = draw >> 2
                words = philox_block(have, purpose, i, seed)
            word = _word(words, draw)
            draw += 1
            flips = guide[word >> shift]
            while word < thresholds[flips]:
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
    total = 0
    offsets[0] = 0
    for step in range(first, stop):
        for i in range(next_spike.size):
            while next_spike[i] < step + 1:
                if total == ids.size:
                    return -1
                ids[total] = i
                total += 1
                word = _word(philox_block(drawn[i] >> 2, purpose, i, seed), drawn[i])
                drawn[i] += 1
                uniform = (np.float64(word) + 1.0) / (2.0**32 + 1.0)
                next_spike[i] += -math.log(uniform) * interval
        offsets[step - first + 1] = total
    return total
