"""Paired differences between two conditions over matched trials."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError

CONFIDENCE = 0.95
"""Level of the confidence interval."""

_EQUAL = 1e-12  # relative spread of differences that is attributed to rounding


class PairedDifference(NamedTuple):
    """Statistics of the difference, second minus first condition.

    Attributes
    ----------
    n_trials : int
        Number of pairs.
    mean : float
        Mean difference.
    sem : float
        Standard error of the mean; NaN for one trial.
    ci_low, ci_high : float
        95 % confidence interval of the mean (Student's t); NaN for one trial.
    p : float
        P-value of the paired t-test; NaN for one trial or if all differences are equal.
    effect_size : float
        Mean / standard deviation of the differences (Cohen's d for pairs); NaN in the same cases.
    """

    n_trials: int
    mean: float
    sem: float
    ci_low: float
    ci_high: float
    p: float
    effect_size: float


def compute_paired_difference(first: npt.ArrayLike, second: npt.ArrayLike) -> PairedDifference:
    """Compare two conditions over matched trials.

    Parameters
    ----------
    first, second : array_like of float, shape (n_trials,)
        Values of the same trials in the same order; trials with NaN are excluded.

    Returns
    -------
    PairedDifference

    Raises
    ------
    InputError
        If the lengths differ, or no trial has both values.

    Examples
    --------
    >>> difference = cb.compute_paired_difference([30, 32, 31, 29], [38, 39, 40, 36])
    >>> difference.mean
    7.75
    >>> print(f"[{difference.ci_low:.2f}, {difference.ci_high:.2f}], p = {difference.p:.1g}")
    [6.23, 9.27], p = 0.0005
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise InputError(
            f"{a.size} and {b.size} trials cannot be paired",
            remedy="Give the same trials of both conditions",
        )
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    if not a.size:
        raise InputError("no trial has a value in both conditions", remedy="Give more trials")
    differences = b - a
    n_trials, mean, nan = a.size, float(differences.mean()), float("nan")
    if n_trials == 1:
        return PairedDifference(1, mean, nan, nan, nan, nan, nan)
    if np.ptp(differences) <= _EQUAL * max(np.abs(a).max(), np.abs(b).max()):
        return PairedDifference(n_trials, mean, 0.0, mean, mean, nan, nan)
    from scipy import stats  # takes more than a second to import

    test = stats.ttest_rel(b, a)
    low, high = test.confidence_interval(CONFIDENCE)
    deviation = float(differences.std(ddof=1))
    return PairedDifference(
        n_trials,
        mean,
        deviation / n_trials**0.5,
        float(low),
        float(high),
        float(test.pvalue),
        mean / deviation,
    )


def p_text(p: float) -> str:
    """Format a p-value with two digits, or as "< 1e-5", for tables and figures."""
    return "< 1e-5" if p < 1e-5 else f"{p:.2g}"
