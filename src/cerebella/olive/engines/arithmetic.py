"""Arithmetic of one cell, fiber or synapse, compiled for the processor and for CUDA devices.

Plain functions of numbers or, on the processor, of lanes: engines differ in the order in which
cells and synapses are visited, not in what happens to each of them. Products are written with
`times`, since a device compiler may otherwise round a product and a sum together, which gives
other bits.
"""

from __future__ import annotations

import math

import numpy as np

from cerebella.olive.state import LONG_AGO
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_BOUND, _MF_BOUND = UNITS_PER_WEIGHT, 2 * UNITS_PER_WEIGHT
_LONG_AGO = int(LONG_AGO)


def times(a, b):
    """Return a product that is rounded by itself."""
    return a * b


def charged(g, arrived, jump):
    """Return a conductance after the arrivals of a step."""
    return g + times(arrived, jump)


def pulled(drive, conductance, pull):
    """Return the drive of a cell, mV, with that of one more conductance or current."""
    return drive + times(conductance, pull)


def moved(v, drive, conductance, half_load, quarter_step):
    """Return the potential after a Crank–Nicolson step; see `CellStep`.

    With half the load, the quotient is exactly twice the potential at the middle of the step.
    """
    return (v + drive) / (half_load + times(quarter_step, conductance)) - v


def relaxed(theta, decay, pull):
    """Return a threshold after a step."""
    return times(theta, decay) + pull


def bounded(weight):
    """Return a weight within its bounds."""
    return np.int32(max(0, min(weight, _BOUND)))


def mf_changed(weight, n_spikes, pc_rate_Hz, pause, ltp, ltd):
    """Return the weight of MF→DCN after spikes of a step, in units; see `MossyStep`."""
    change = ltp if pc_rate_Hz < pause else -ltd
    return np.int32(max(0, min(weight + n_spikes * change, _MF_BOUND)))


def time_since(last, step, step_ms):
    """Return the time in ms since a step; infinite if there was no spike."""
    return np.inf if last == _LONG_AGO else times(np.float64(step - last), step_ms)


def philox_block(block, purpose, gid, trial, seed):
    """Return four 32-bit words of a Philox 4×32-10 stream, as `cerebella.randomness` does."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    # The mask tells the compiler that words have 32 bits, so that it vectorizes four products.
    c0, c1 = np.uint64(block) & low, np.uint64(purpose)
    c2, c3 = np.uint64(gid) & low, np.uint64(trial)
    k0, k1 = seed & low, seed >> half
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & low, (p0 >> half) ^ c3 ^ k1, p0 & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    return c0, c1, c2, c3


def flips_of(word, thresholds, guide):
    """Return the number of coin flips, at least 1, that a word represents; see `FlipTable`.

    `thresholds` are those of the table from the second on.
    """
    flips = np.uint64(guide[word >> np.uint64(20)])
    while word < thresholds[flips - np.uint64(1)]:
        flips += np.uint64(1)
    return flips


def word_of(words, k):
    """Return the k-th of four words."""
    word = words[0]
    if k == 1:
        word = words[1]
    elif k == 2:
        word = words[2]
    elif k == 3:
        word = words[3]
    return word


def normal_of(word, base, slope):
    """Return the standard normal number of a word; see `NormalTable`."""
    mantissa, exponent = math.frexp(float(word | np.uint64(1)))
    segment = (exponent - 1) * 128 + int(times(mantissa, 256.0) - 128.0)
    low = base[segment] + times(slope[segment], float(word | np.uint64(1)))
    return -low if word & np.uint64(1) else low
