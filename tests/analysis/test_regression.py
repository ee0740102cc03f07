"""The slope of a measure within trials."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cerebella.analysis.regression import compute_regression


@pytest.fixture
def noisy():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 6, 30).astype(float)
    return x, 40 - 2.5 * x + rng.normal(size=30)


def test_in_one_trial_it_is_ordinary_least_squares(noisy):
    x, y = noisy
    found, expected = compute_regression(x, y), stats.linregress(x, y)
    assert found.n == 30
    assert found.slope == pytest.approx(expected.slope)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.r == pytest.approx(expected.rvalue)
    reach = stats.t.ppf(0.975, 28) * expected.stderr
    assert found.ci_low == pytest.approx(expected.slope - reach)
    assert found.ci_high == pytest.approx(expected.slope + reach)


def test_differences_between_trials_do_not_matter_but_cost_a_degree_of_freedom(noisy):
    x, y = noisy
    trials = np.arange(30) % 3
    found = compute_regression(x, y + 1000 * trials, trials)
    columns = np.column_stack([x, *(trials == trial for trial in range(3))])
    fit, (residual,), *_ = np.linalg.lstsq(columns, y + 1000 * trials)
    covariance = np.linalg.inv(columns.T @ columns) * residual / (30 - 4)
    assert found.slope == pytest.approx(fit[0])
    reach = stats.t.ppf(0.975, 26) * covariance[0, 0] ** 0.5
    assert found.ci_high - found.slope == pytest.approx(reach)


def test_unknown_values_are_left_out(noisy):
    x, y = noisy
    with_gaps = np.append(y, np.nan)
    assert compute_regression(np.append(x, 100.0), with_gaps) == compute_regression(x, y)
    assert compute_regression([1.0], [np.nan]).n == 0


def test_what_cannot_be_told_is_nan():
    assert np.isnan(compute_regression([2, 2, 2], [1, 2, 3]).slope)
    constant = compute_regression([0, 1, 2], [7, 7, 7])
    assert constant.slope == 0.0
    assert np.isnan(constant.p)
    two = compute_regression([0, 1], [3, 5])
    assert two.slope == 2.0
    assert np.isnan(two.ci_low)
