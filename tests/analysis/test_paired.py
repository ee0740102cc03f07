import numpy as np
import pytest

from cerebella.analysis.paired import compute_mcnemar, compute_paired_difference
from cerebella.errors import InputError


def test_a_difference_by_hand():
    """Differences 1, 2, 3: mean 2, sd 1, t = 2 sqrt(3) with 2 degrees of freedom."""
    result = compute_paired_difference([10, 20, 30], [11, 22, 33])
    assert (result.n_trials, result.mean, result.effect_size) == pytest.approx((3, 2, 2))
    assert result.sem == pytest.approx(1 / 3**0.5)
    t = 2 * 3**0.5
    assert result.p == pytest.approx(1 - t / (2 + t**2) ** 0.5)  # Student's t, closed for 2 d.f.
    quantile = 0.95 * (2 / (1 - 0.95**2)) ** 0.5  # likewise
    assert (result.ci_low, result.ci_high) == pytest.approx(
        (2 - quantile / 3**0.5, 2 + quantile / 3**0.5)
    )


def test_the_sign_is_that_of_the_second():
    down = compute_paired_difference([11, 22, 33], [10, 20, 30])
    assert down.mean == -2
    assert down.effect_size == pytest.approx(-2)


def test_trials_without_a_value_are_left_out():
    result = compute_paired_difference([1, np.nan, 3, 4], [2, 5, np.nan, 6])
    assert (result.n_trials, result.mean) == (2, 1.5)


@pytest.mark.parametrize("step", [0.0, 0.1])
def test_equal_differences_have_no_test(step):
    values = np.array([0.3, 0.7, 1.9])
    result = compute_paired_difference(values, values + step)
    assert (result.mean, result.ci_low, result.ci_high) == pytest.approx((step, step, step))
    assert np.isnan([result.p, result.effect_size]).all()


def test_one_trial_has_a_difference_and_nothing_else():
    result = compute_paired_difference([1], [3])
    assert result.mean == 2
    assert np.isnan([result.sem, result.ci_low, result.ci_high, result.p]).all()


def test_what_cannot_be_paired_is_refused():
    with pytest.raises(InputError, match="2 and 1 trials cannot be paired"):
        compute_paired_difference([1, 2], [1])
    with pytest.raises(InputError, match="no trial has a value"):
        compute_paired_difference([np.nan, 1], [1, np.nan])


@pytest.mark.parametrize(
    ("gained", "lost", "p"), [(0, 0, 1.0), (5, 0, 0.0625), (1, 1, 1.0), (8, 2, 0.109375)]
)
def test_mcnemar_is_the_binomial_test_of_pairs_that_differ(gained, lost, p):
    first = [False] * gained + [True] * lost + [True, False]
    second = [True] * gained + [False] * lost + [True, False]
    assert compute_mcnemar(first, second) == (gained + lost + 2, gained, lost, pytest.approx(p))


def test_mcnemar_needs_pairs():
    with pytest.raises(InputError, match="2 and 1 events cannot be paired"):
        compute_mcnemar([True, False], [True])
