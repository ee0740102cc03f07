import numpy as np
import pytest
from scipy.stats import norm

from cerebella.analysis.population_rate import compute_population_rate
from cerebella.errors import InputError
from cerebella.results.spikes import Population, SpikeTrains


def trial(times_ms, n_cells=2, duration_ms=200.0):
    times = np.asarray(times_ms, dtype=float)
    return SpikeTrains(
        times, np.zeros(times.size, dtype=int), (Population("MLI1", 0, n_cells),), duration_ms
    )


def test_a_smoothed_spike_still_counts_as_one():
    rate = compute_population_rate(trial([100.5]), "MLI1", 50, 150)
    assert rate.mean_Hz.sum() * 1e-3 * 2 == pytest.approx(1)


def test_a_smoothed_spike_is_a_gaussian():
    rate = compute_population_rate(trial([100.5]), "MLI1", 80, 120)
    expected = norm.pdf(rate.times_ms, loc=100.5, scale=2) * 1000 / 2
    np.testing.assert_allclose(rate.mean_Hz, expected, atol=0.02)


def test_without_smoothing_it_is_the_histogram():
    rate = compute_population_rate(trial([10, 10.9, 11]), "MLI1", 9, 13, smooth_sd_ms=0)
    assert rate.times_ms.tolist() == [9.5, 10.5, 11.5, 12.5]
    assert rate.mean_Hz.tolist() == [0, 1000, 500, 0]


def test_a_spike_at_the_end_of_the_window_is_outside():
    rate = compute_population_rate(trial([200]), "MLI1", 190, 200, smooth_sd_ms=0)
    assert rate.mean_Hz.sum() == 0


def test_the_edges_of_the_window_do_not_show():
    spikes = trial([79.5, 85.5])
    wide = compute_population_rate(spikes, "MLI1", 20, 180)
    narrow = compute_population_rate(spikes, "MLI1", 80, 120)
    np.testing.assert_allclose(narrow.mean_Hz, wide.mean_Hz[60:100], rtol=1e-12)


def test_at_the_ends_of_the_run_no_spike_is_lost():
    rate = compute_population_rate(trial([0.5, 199.5]), "MLI1", 0, 200)
    assert rate.mean_Hz.sum() * 1e-3 * 2 == pytest.approx(2)


def test_the_error_is_the_smoothed_deviation_over_root_n():
    # In every bin, trials count 1, 3 and 5 spikes of 2 cells: 500, 1500, 2500 Hz.
    bins = np.arange(200) + 0.5
    trials = [trial(np.repeat(bins, n)) for n in (1, 3, 5)]
    rate = compute_population_rate(trials, "MLI1", 50, 60)
    assert rate.n_trials == 3
    np.testing.assert_allclose(rate.mean_Hz, 1500)
    np.testing.assert_allclose(rate.sem_Hz, 1000 / np.sqrt(3))


def test_one_trial_has_no_error():
    assert np.isnan(compute_population_rate(trial([10]), "MLI1", 0, 50).sem_Hz).all()


def test_wider_bins_give_the_same_rate():
    rate = compute_population_rate(trial(np.arange(0, 200, 0.5)), "MLI1", 50, 100, bin_ms=5)
    np.testing.assert_allclose(rate.mean_Hz, 1000)
    assert len(rate.times_ms) == 10


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"start_ms": 0, "stop_ms": 10.5}, "not a multiple of the bin width"),
        ({"start_ms": 0, "stop_ms": 10, "bin_ms": 0}, "not a multiple of the bin width"),
        ({"start_ms": 10, "stop_ms": 5}, "is empty or reversed"),
        ({"start_ms": 0, "stop_ms": 300}, "lasts 200 ms"),
    ],
)
def test_bad_windows_are_named(options, problem):
    with pytest.raises(InputError, match=problem):
        compute_population_rate(trial([]), "MLI1", **options)


def test_a_population_that_is_not_there_is_named():
    with pytest.raises(InputError, match=r"'MLI2'.*MLI1"):
        compute_population_rate(trial([]), "MLI2", 0, 10)
