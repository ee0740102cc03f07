"""Random drive of the olivocerebellar loop: parallel fibers, mossy fibers, noise.

Draw k of fiber i is word k of a Philox stream named by (seed, purpose, i), so that no number
depends on how a run is cut into blocks, on the engine or on threads.
"""

from __future__ import annotations

from functools import cache, lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.randomness import Purpose, random_words

NEVER = np.int64(1) << 62
"""Step of a spike that never occurs."""

_GUIDE_BITS = 12
_LEAST_PROBABILITY = 1e-5
SEGMENT_BITS = 45
"""Trailing bits of a float64 within one of the 128 segments of an octave."""

FIRST_SEGMENT = 1023 << 7
"""Leading bits of 1.0."""


class FlipTable(NamedTuple):
    """Geometric distribution of coin flips up to the first head, by inversion of a 32-bit word.

    Attributes
    ----------
    thresholds : ndarray of uint64, shape (n,)
        Descending; more than g flips are required if word < thresholds[g].
    guide : ndarray of int32, shape (4096,)
        Smallest number of flips for words with these 12 leading bits.
    """

    thresholds: npt.NDArray[np.uint64]
    guide: npt.NDArray[np.int32]


@lru_cache(maxsize=8)
def flip_table(probability: float) -> FlipTable:
    """Return the table of a coin with the given probability of heads; empty for 0.

    Raises
    ------
    InputError
        The probability is positive, but so small that the table would be huge.
    """
    if probability == 0:
        return FlipTable(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32))
    if probability < _LEAST_PROBABILITY:
        raise InputError(
            f"firing probability {probability:g} of a PF per time step is too small",
            remedy="Give a rate of 0 Hz, or one of at least 0.01 spikes in 1000 time steps",
        )
    n_flips = int(np.ceil(32 * np.log(2) / -np.log1p(-probability))) + 2
    survival = np.exp(np.log1p(-probability) * np.arange(n_flips))
    thresholds = np.floor(survival * 2.0**32).astype(np.uint64)
    thresholds = thresholds[: np.count_nonzero(thresholds) + 1]  # the last is 0
    shift = np.uint64(32 - _GUIDE_BITS)
    largest = ((np.arange(1, 2**_GUIDE_BITS + 1, dtype=np.uint64)) << shift) - np.uint64(1)
    return FlipTable(thresholds, count_flips(thresholds, largest).astype(np.int32))


def count_flips(
    thresholds: npt.NDArray[np.uint64], words: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Return the number of flips, at least 1, that each 32-bit word represents."""
    rising = thresholds[::-1]
    return len(rising) - np.searchsorted(rising, words, side="right").astype(np.int64)


class NormalTable(NamedTuple):
    """Piecewise linear approximation of the lower half of the inverse normal distribution.

    An odd number x below 2³² represents the probability x / 2³³. Each octave of x has 128
    segments, indexed by the leading bits of x as float64; errors are below 10⁻⁵.

    Attributes
    ----------
    base, slope : ndarray of float, shape (4096,)
        In segment k, the normal number is base[k] + slope[k] x.
    """

    base: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]


@cache
def normal_table() -> NormalTable:
    """Return the table."""
    octaves, segments = np.arange(32)[:, None], np.arange(128) / 128
    nodes = np.append((2.0**octaves * (1 + segments)).ravel(), 2.0**32)
    inverse = NormalDist().inv_cdf
    values = np.array([inverse(x / 2**33) for x in nodes])
    slope = np.diff(values) / np.diff(nodes)
    return NormalTable(values[:-1] - slope * nodes[:-1], slope)


def normals_of(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Return the standard normal number of each 32-bit word: 31 bits magnitude, 1 bit sign."""
    table = normal_table()
    x = (words | np.uint64(1)).astype(np.float64)
    segment = (x.view(np.int64) >> SEGMENT_BITS) - FIRST_SEGMENT
    low = table.base[segment] + table.slope[segment] * x
    return np.where(words & np.uint64(1), -low, low)


def normal_noise(
    seed: int, stream: int, n_cells: int, first_step: int, stop_step: int
) -> npt.NDArray[np.float64]:
    """Return standard normal noise, shape (n_steps, n_cells), of steps first <= s < stop.

    The noise of a cell in step s comes from word s of its stream, (seed, purpose, cell, `stream`).
    """
    steps, cells = np.mgrid[first_step:stop_step, :n_cells].reshape(2, -1)
    words = random_words(seed, Purpose.LOOP_NOISE, cells, stream, steps)
    return normals_of(words).reshape(-1, n_cells)
