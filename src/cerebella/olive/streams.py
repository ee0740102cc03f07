"""Random drive of the olivocerebellar loop: parallel fibres, mossy fibres, noise (§2, §4).

Draw k of fibre i is word k of a Philox stream named by (seed, purpose, i), so that no number
depends on how a run is cut into blocks, on the engine or on threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.randomness import Purpose

NEVER = np.int64(1) << 62
"""Step of a spike that does not come."""

NOISE_CHUNK = 1000
"""Steps of noise that one Philox stream is drawn for."""

_GUIDE_BITS = 12
_LEAST_PROBABILITY = 1e-5


class FlipTable(NamedTuple):
    """How many coin flips it takes to the first head, by inversion of one 32-bit word.

    Attributes
    ----------
    thresholds : (n,) uint64, falling; more than g flips are needed if word < thresholds[g].
    guide : (4096,) int64, the least number of flips for words with these 12 leading bits.
    """

    thresholds: npt.NDArray[np.uint64]
    guide: npt.NDArray[np.int64]


def flip_table(probability: float) -> FlipTable:
    """Return the table of a coin that shows heads with `probability`; none for 0.

    Raises
    ------
    InputError : the probability is positive but so small that the table would be huge.
    """
    if probability == 0:
        return FlipTable(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
    if probability < _LEAST_PROBABILITY:
        raise InputError(
            f"a PF that fires with probability {probability:g} in a time step is too slow",
            remedy="Give a rate of 0 Hz, or one of at least 0.01 spikes in 1000 time steps",
        )
    n_flips = int(np.ceil(32 * np.log(2) / -np.log1p(-probability))) + 2
    survival = np.exp(np.log1p(-probability) * np.arange(n_flips))
    thresholds = np.floor(survival * 2.0**32).astype(np.uint64)
    thresholds = thresholds[: np.count_nonzero(thresholds) + 1]  # the last is 0
    shift = np.uint64(32 - _GUIDE_BITS)
    largest = ((np.arange(1, 2**_GUIDE_BITS + 1, dtype=np.uint64)) << shift) - np.uint64(1)
    return FlipTable(thresholds, count_flips(thresholds, largest))


def count_flips(
    thresholds: npt.NDArray[np.uint64], words: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Return the number of flips, 1 or more, that each 32-bit word stands for."""
    rising = thresholds[::-1]
    return len(rising) - np.searchsorted(rising, words, side="right").astype(np.int64)


def normal_noise(
    seed: int, stream: int, n_cells: int, first_step: int, stop_step: int
) -> npt.NDArray[np.float64]:
    """Return standard normal noise (n_steps, n_cells) of steps first <= s < stop.

    The noise of a step depends on nothing but the seed, the stream, the step and the number
    of cells.
    """
    chunks = range(first_step // NOISE_CHUNK, -(-stop_step // NOISE_CHUNK))
    noise = np.empty((len(chunks) * NOISE_CHUNK, n_cells))
    for row, chunk in enumerate(chunks):
        bits = np.random.Philox(key=[seed, Purpose.LOOP_NOISE], counter=[0, 0, chunk, stream])
        part = noise[row * NOISE_CHUNK : (row + 1) * NOISE_CHUNK]
        np.random.Generator(bits).standard_normal(out=part)
    offset = first_step - chunks.start * NOISE_CHUNK
    return noise[offset : offset + stop_step - first_step]
