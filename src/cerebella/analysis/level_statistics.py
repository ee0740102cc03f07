"""Measures by synchrony level: means over trials, paired differences and slopes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cerebella.analysis.paired import compute_paired_difference

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

LEVEL, TRIAL, CONDITION = "cf_sync", "trial", "condition"


def summarize_levels(runs: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Summarize measures by condition and synchrony level.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row per run, with columns ``condition``, ``cf_sync``, ``trial`` and the measures; NaN
        marks missing values.
    measures : iterable of str
        Names of the columns to summarize.

    Returns
    -------
    pandas.DataFrame
        One row per condition, measure and level, with the columns

        - ``condition``, ``measure``, ``cf_sync``;
        - ``n_trials``, ``mean``, ``sem`` (NaN for one trial);
        - the paired difference from the lowest level over common trials: ``n_pairs``,
          ``difference``, ``ci_low``, ``ci_high`` (95 %), ``p`` (paired t-test) and
          ``effect_size`` (mean / SD of the differences);
        - the slope against level, per synchronous fiber, fitted to each trial and tested against
          0 over trials, repeated in each row of a measure: ``slope``, ``slope_ci_low``,
          ``slope_ci_high``, ``slope_p`` and ``slope_effect_size``.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame(
    ...     {
    ...         "condition": "control",
    ...         "cf_sync": [0, 8, 0, 8, 0, 8],
    ...         "trial": [1, 1, 2, 2, 3, 3],
    ...         "rate_Hz": [30.0, 38.0, 32.0, 39.0, 31.0, 40.0],
    ...     }
    ... )
    >>> table = cb.summarize_levels(runs, ["rate_Hz"])
    >>> table[["cf_sync", "n_trials", "mean", "difference", "slope"]]
       cf_sync  n_trials  mean  difference  slope
    0        0         3  31.0         NaN    1.0
    1        8         3  39.0         8.0    1.0
    """
    import pandas as pd

    rows = []
    for condition, of_condition in runs.groupby(CONDITION, sort=False):
        for measure in measures:
            levels, values = trials_by_level(of_condition, measure)
            slope = _slope(levels, values)
            for place, level in enumerate(levels):
                rows.append(
                    {CONDITION: condition, "measure": measure, LEVEL: int(level)}
                    | _mean(values[:, place])
                    | (_difference(values[:, 0], values[:, place]) if place else _NO_DIFFERENCE)
                    | slope
                )
    return pd.DataFrame(rows)


def trials_by_level(runs: pd.DataFrame, measure: str) -> tuple[FloatArray, FloatArray]:
    """Arrange a measure of one condition by trial and level.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs of one condition, as for `summarize_levels`.
    measure : str
        Name of the measure.

    Returns
    -------
    levels : ndarray of float, shape (n_levels,)
        Levels in increasing order.
    values : ndarray of float, shape (n_trials, n_levels)
        Values of the measure; NaN where missing.
    """
    table = runs.pivot(index=TRIAL, columns=LEVEL, values=measure)
    return np.asarray(table.columns, dtype=np.float64), np.asarray(table, dtype=np.float64)


def _mean(values: FloatArray) -> dict[str, float]:
    known = values[~np.isnan(values)]
    n = known.size
    return {
        "n_trials": n,
        "mean": float(known.mean()) if n else np.nan,
        "sem": float(known.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan,
    }


def _difference(first: FloatArray, second: FloatArray) -> dict[str, float]:
    n_pairs = int(np.sum(~np.isnan(first) & ~np.isnan(second)))
    if not n_pairs:
        return _NO_DIFFERENCE
    found = compute_paired_difference(first, second)
    return {
        "n_pairs": n_pairs,
        "difference": found.mean,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "p": found.p,
        "effect_size": found.effect_size,
    }


def _slope(levels: FloatArray, values: FloatArray) -> dict[str, float]:
    """Fit a line to each trial with all levels, and test the slopes against 0."""
    complete = values[~np.isnan(values).any(axis=1)]
    if len(levels) < 2 or not len(complete):
        return _NO_SLOPE
    slopes = np.polyfit(levels, complete.T, 1)[0]
    slopes[np.abs(slopes) * np.ptp(levels) <= _ROUNDING * np.abs(complete).max()] = 0.0
    found = compute_paired_difference(np.zeros_like(slopes), slopes)
    return {
        "slope": found.mean,
        "slope_ci_low": found.ci_low,
        "slope_ci_high": found.ci_high,
        "slope_p": found.p,
        "slope_effect_size": found.effect_size,
    }


_ROUNDING = 1e-12  # relative rounding error of a fit to equal values

_NO_DIFFERENCE: dict[str, float] = {"n_pairs": 0} | dict.fromkeys(
    ("difference", "ci_low", "ci_high", "p", "effect_size"), float("nan")
)
_NO_SLOPE: dict[str, float] = dict.fromkeys(
    ("slope", "slope_ci_low", "slope_ci_high", "slope_p", "slope_effect_size"), float("nan")
)
