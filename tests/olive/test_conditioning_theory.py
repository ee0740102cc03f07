"""The change of weights by a stimulus, from the times of climbing-fiber spikes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.olive.conditioning_theory import (
    cf_follows,
    predicted_trials_to,
    predicted_weight_change,
)

LTP, LTD = 0.00030556, 0.00275


def test_weights_do_not_change_if_a_cf_spike_follows_one_pf_spike_in_ten():
    assert predicted_weight_change(100.0, LTP / (LTP + LTD)) == pytest.approx(0)


def test_without_cf_spikes_each_pf_spike_potentiates_and_with_them_each_depresses():
    assert predicted_weight_change(10.0, 0.0) == pytest.approx(10 * LTP)
    assert predicted_weight_change([10.0, 20.0], 1.0) == pytest.approx([-10 * LTD, -20 * LTD])


def test_a_cf_spike_follows_the_window_before_it_and_windows_do_not_add_up():
    follows = cf_follows([np.array([150.0, 180.0]), np.array([])], 0, 300, window_ms=100, lag_ms=1)
    assert follows.sum() == pytest.approx(0.5 * 130)
    assert follows[50] == 0
    assert follows[51] == follows[180] == 0.5
    assert follows[181] == 0


def test_steps_a_fifth_as_large_need_five_times_the_trials():
    trials = predicted_trials_to(0.13, 39.0, 0.16)
    assert trials == pytest.approx(18, abs=0.5)
    assert predicted_trials_to(0.13, 39.0, 0.16, LTP / 5, LTD / 5) == pytest.approx(5 * trials)


def test_at_balance_no_number_of_trials_is_enough():
    assert math.isinf(predicted_trials_to(0.1, 39.0, 0.1))
    with pytest.raises(InputError, match="takes no trials"):
        predicted_trials_to(0.0, 39.0, 0.16)
