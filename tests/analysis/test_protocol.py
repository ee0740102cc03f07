"""Measures of courses."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.protocol import firing_measures, psp_measures, time_to_fraction


def test_firing_is_measured_within_the_window():
    measures = firing_measures(np.array([5.0, 12.0, 22.0, 47.0, 110.0]), (10.0, 110.0))
    assert measures["n_spikes"] == 3
    assert measures["rate_Hz"] == pytest.approx(30)
    assert measures["first_spike_ms"] == 2
    assert measures["initial_rate_Hz"] == pytest.approx(100)
    assert measures["final_rate_Hz"] == pytest.approx(40)


def test_without_spikes_rates_of_intervals_are_unknown():
    measures = firing_measures(np.empty(0), (0.0, 100.0))
    assert (measures["n_spikes"], measures["rate_Hz"]) == (0, 0)
    assert np.isnan([measures["first_spike_ms"], measures["initial_rate_Hz"]]).all()


def test_time_constant_of_an_exponential():
    times_ms = np.arange(0, 200, 0.1)
    change = -3 * (1 - np.exp(-times_ms / 12))
    assert time_to_fraction(times_ms, change, 1 - np.exp(-1)) == pytest.approx(12, rel=1e-4)
    assert np.isnan(time_to_fraction(times_ms, np.zeros(2000), 0.5))


def test_measures_of_a_psp():
    times_ms = np.arange(0, 100, 0.01)
    measures = psp_measures(times_ms, -np.exp(-(((times_ms - 20) / 5) ** 2)))
    assert measures["peak_mV"] == pytest.approx(-1)
    assert measures["time_to_peak_ms"] == pytest.approx(20)
    assert measures["half_width_ms"] == pytest.approx(2 * 5 * np.sqrt(np.log(2)), abs=0.03)


def test_a_psp_that_does_not_end_has_no_width():
    measures = psp_measures(np.arange(3.0), np.array([0.0, 2.0, 1.5]))
    assert measures["time_to_peak_ms"] == 1
    assert np.isnan(measures["half_width_ms"])
