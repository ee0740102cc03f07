"""Maxima of traces are those of scipy.signal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import find_peaks

from cerebella.results.maxima import find_maxima


@pytest.mark.parametrize("seed", range(20))
def test_maxima_are_those_of_scipy(seed):
    draw = np.random.default_rng(seed)
    # Few different values give many plateaus, also at both ends.
    trace = draw.integers(-3, 4, size=int(draw.integers(3, 400))).astype(float)
    for height in (-3.0, 0.0, 2.5, 3.0):
        expected, _ = find_peaks(trace, height=height)
        np.testing.assert_array_equal(find_maxima(trace, height), expected)


@pytest.mark.parametrize("trace", [[], [1.0], [1.0, 2.0], [2.0, 2.0, 2.0], [0, np.nan, 1, 0, 1]])
def test_short_constant_and_undefined_traces_are_those_of_scipy(trace):
    expected, _ = find_peaks(np.array(trace, dtype=float), height=-np.inf)
    np.testing.assert_array_equal(find_maxima(np.array(trace, dtype=float), -np.inf), expected)
