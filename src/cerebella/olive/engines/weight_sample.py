"""Samples of the PF→PC weights at one time, for all engines."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.wiring import UNITS_PER_WEIGHT

Units = npt.NDArray[np.int64]


class WeightSample(NamedTuple):
    """The distribution of weights, and the weights of chosen synapses.

    Attributes
    ----------
    histogram : ndarray of int64, shape (n_bins,)
        Number of synapses by weight, from 0 to 1.
    mean, sd : float
        Mean weight, and standard deviation.
    by_zone : ndarray of float64, shape (n_zones,)
        Mean weight in each zone.
    chosen : ndarray of float64, shape (n,)
        Weights of the chosen synapses.
    """

    histogram: Units
    mean: float
    sd: float
    by_zone: npt.NDArray[np.float64]
    chosen: npt.NDArray[np.float64]


def sample_of_units(histogram: Units, sums: Units, chosen: npt.NDArray[np.int32]) -> WeightSample:
    """Return a sample from sums of integers, which do not depend on their order.

    Parameters
    ----------
    histogram : ndarray of int64, shape (n_bins,)
        Number of synapses by weight.
    sums : ndarray of int64, shape (3, n_zones)
        Sums of weights in units of 2⁻²⁶, and of the upper and lower 32 bits of their squares.
    chosen : ndarray of int
        Weights of the chosen synapses in units of 2⁻²⁶.
    """
    return samples_of_units(histogram[np.newaxis], sums[np.newaxis], chosen[np.newaxis])[0]


def samples_of_units(
    histograms: Units, sums: Units, chosen: npt.NDArray[np.int32]
) -> list[WeightSample]:
    """Return the samples of several circuits, from arrays whose first axis is the circuit."""
    one = float(UNITS_PER_WEIGHT)
    squares = (sums[:, 1] * 2.0**32 + sums[:, 2]) / one**2
    of_zones = sums[:, 0] / one
    n = histograms.sum(axis=1)
    by_zone = of_zones * of_zones.shape[1] / n[:, np.newaxis]
    means = of_zones.sum(axis=1) / n
    mean_squares = squares.sum(axis=1) / n
    moments = zip(means.tolist(), mean_squares.tolist(), strict=True)
    found = [(mean, math.sqrt(max(square - mean**2, 0.0))) for mean, square in moments]
    weights = chosen / one
    return [
        WeightSample(histograms[c], mean, sd, by_zone[c], weights[c])
        for c, (mean, sd) in enumerate(found)
    ]


def sample_weights(
    weights: npt.NDArray[np.int32], n_zones: int, n_bins: int, synapses: npt.NDArray[np.int64]
) -> WeightSample:
    """Return a sample of all weights (n PC, fan-in), in units of 2⁻²⁶."""
    by_zone = weights.reshape(n_zones, -1).astype(np.int64)
    squares = by_zone**2
    parts = (by_zone, squares >> 32, squares & 0xFFFFFFFF)
    sums = np.array([part.sum(axis=1) for part in parts])
    bins = np.minimum((by_zone * (n_bins / UNITS_PER_WEIGHT)).astype(np.int64), n_bins - 1)
    histogram = np.bincount(bins.ravel(), minlength=n_bins)
    return sample_of_units(histogram, sums, weights.ravel()[synapses])
