"""Paired differences between two conditions over matched trials, of numbers and of events."""

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


class McNemar(NamedTuple):
    """Comparison of an event that occurs or not, in two conditions of the same pairs.

    Attributes
    ----------
    n_pairs : int
        Number of pairs.
    gained, lost : int
        Pairs with the event in the second condition only, and in the first only.
    p : float
        P-value of McNemar's exact test; 1 if no pair differs.

    Examples
    --------
    >>> cb.McNemar(n_pairs=20, gained=6, lost=0, p=0.03125).gained
    6
    """

    n_pairs: int
    gained: int
    lost: int
    p: float


def compute_mcnemar(first: npt.ArrayLike, second: npt.ArrayLike) -> McNemar:
    """Compare an all-or-none event between two conditions with McNemar's exact test.

    Only pairs that differ count: without an effect, gains and losses are equally frequent.

    Parameters
    ----------
    first, second : array_like of bool, shape (n_pairs,)
        Whether the event occurred in each pair, in both conditions.

    Returns
    -------
    McNemar

    Raises
    ------
    InputError
        If the lengths differ.

    Examples
    --------
    >>> found = cb.compute_mcnemar([False] * 6 + [True] * 4, [True] * 10)
    >>> found.gained, found.lost, found.p
    (6, 0, 0.03125)
    """
    a, b = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    if a.shape != b.shape:
        raise InputError(
            f"{a.size} and {b.size} events cannot be paired",
            remedy="Give the same pairs of both conditions",
        )
    gained, lost = int((b & ~a).sum()), int((a & ~b).sum())
    if not gained + lost:
        return McNemar(a.size, 0, 0, 1.0)
    from scipy import stats  # takes more than a second to import

    return McNemar(a.size, gained, lost, float(stats.binomtest(gained, gained + lost).pvalue))


def p_text(p: float) -> str:
    """Format a p-value with two digits, or as "< 1e-5", for tables and figures."""
    return "< 1e-5" if p < 1e-5 else f"{p:.2g}"
