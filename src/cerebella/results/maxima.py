"""Maxima of a trace, without the import of scipy.signal, which takes longer than an analysis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def find_maxima(values: npt.NDArray[np.floating], at_least: float) -> npt.NDArray[np.int64]:
    """Return the local maxima of a trace, as ``scipy.signal.find_peaks`` does.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples,)
        The trace.
    at_least : float
        Smallest value of a maximum.

    Returns
    -------
    ndarray of int, shape (n_maxima,)
        Indices of the maxima; the middle, rounded down, of equal neighboring samples. The first
        and the last value of the trace are no maxima.
    """
    if len(values) < 3:
        return np.zeros(0, dtype=np.int64)
    last = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    first = np.append(0, last[:-1] + 1)
    height = values[last]
    before, here, after = height[:-2], height[1:-1], height[2:]
    found = np.flatnonzero((here > before) & (here > after) & (here >= at_least)) + 1
    return (first[found] + last[found]) // 2
