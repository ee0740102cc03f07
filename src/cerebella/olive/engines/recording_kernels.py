"""What is recorded in each block, in compiled code."""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.compiled import compiled


@compiled
def choose_spikes(first, ids, offsets, keep, steps, cells):
    """Write step and cell of the spikes of cells that are kept; return their number.

    `ids` and `offsets` are those of a block that begins with step `first`.
    """
    n = 0
    for row in range(offsets.size - 1):
        for q in range(offsets[row], offsets[row + 1]):
            steps[n] = first + row
            cells[n] = ids[q]
            n += keep[ids[q]]
    return n


@compiled
def weigh(weights, one, histogram, sums, squares):
    """Add up the weights of each PKJ and their squares, and count weights by bins of 0 to 1.

    Parameters
    ----------
    weights : (n PKJ, fan-in) int32, in units of 1 / one.
    histogram : (n bins,) to be added to; sums, squares : (n PKJ,) to be set.
    """
    last, per_bin = histogram.size - 1, histogram.size / one
    for i in range(weights.shape[0]):
        total, square = np.int64(0), 0.0
        for k in range(weights.shape[1]):
            weight = weights[i, k]
            total += weight
            square += np.float64(weight) * np.float64(weight)
            histogram[min(np.int64(weight * per_bin), last)] += 1
        sums[i] = total / one
        squares[i] = square / (np.float64(one) * one)
