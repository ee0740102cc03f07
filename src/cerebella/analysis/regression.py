"""Linear regression with a common slope and an intercept for each trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.paired import CONFIDENCE


class Regression(NamedTuple):
    """Regression of a measure on x within trials.

    Attributes
    ----------
    n : int
        Number of observations without missing values.
    slope : float
        NaN if x does not vary within any trial.
    ci_low, ci_high : float
        95 % confidence interval (Student's t); NaN with too few observations.
    p : float
        P-value for a slope of 0; NaN in the same cases, or if the measure does not vary.
    r : float
        Correlation within trials.
    """

    n: int
    slope: float
    ci_low: float
    ci_high: float
    p: float
    r: float


_EQUAL = 1e-12  # relative spread of values that is attributed to rounding


def compute_regression(
    x: npt.ArrayLike, y: npt.ArrayLike, trials: npt.ArrayLike | None = None
) -> Regression:
    """Fit y = intercept of the trial + slope · x by least squares.

    The intercepts remove the variation between trials, which have different random streams.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Observations; those with NaN are excluded.
    trials : array_like, shape (n,), optional
        Trial of each observation; by default all belong to the same trial.

    Returns
    -------
    Regression
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    trials = np.zeros(len(x)) if trials is None else np.asarray(trials)
    known = ~(np.isnan(x) | np.isnan(y))
    n, nan = int(known.sum()), float("nan")
    if not n:
        return Regression(0, nan, nan, nan, nan, nan)
    _, group = np.unique(trials[known], return_inverse=True)
    dx, dy = _within(x[known], group), _within(y[known], group)
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    if sxx == 0:
        return Regression(n, nan, nan, nan, nan, nan)
    if np.abs(dy).max() <= _EQUAL * np.abs(y[known]).max():
        return Regression(n, 0.0, 0.0, 0.0, nan, nan)
    slope, r = sxy / sxx, sxy / (sxx * syy) ** 0.5
    freedom = n - (int(group.max()) + 1) - 1
    if freedom < 1:
        return Regression(n, slope, nan, nan, nan, r)
    from scipy import stats  # takes more than a second to import

    error = (max(syy - slope * sxy, 0.0) / freedom / sxx) ** 0.5
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    p = 2 * float(stats.t.sf(abs(slope) / error, freedom)) if error > 0 else 0.0
    return Regression(n, slope, slope - reach, slope + reach, p, r)


def _within(
    values: npt.NDArray[np.float64], group: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Subtract the mean of each group from its values."""
    return values - (np.bincount(group, weights=values) / np.bincount(group))[group]
