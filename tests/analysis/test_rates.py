import math

import numpy as np
import pytest

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.analysis.published import REFERENCE_RATES, published_rates
from cerebella.analysis.rates import (
    RATE_WINDOWS_MS,
    check_window,
    compute_mean_rates,
    compute_rates,
    fit_windows,
    window_name,
)
from cerebella.errors import InputError
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.load import load_run


def trial(times_ms, n_cells=4, duration_ms=200.0, name="MLI1"):
    times = np.asarray(times_ms, dtype=float)
    return SpikeTrains(
        times, np.zeros(times.size, dtype=int), (Population(name, 0, n_cells),), duration_ms
    )


def test_a_rate_is_spikes_per_cell_and_second():
    # 3 spikes of 4 cells in 50 ms
    assert compute_rates(trial([100, 110, 149.9]), [(100, 150)]) == {"MLI1": {(100, 150): 15.0}}


def test_a_window_counts_its_start_and_not_its_stop():
    rates = compute_rates(trial([150, 160]), [(140, 150), (150, 160), (160, 170)])["MLI1"]
    assert list(rates.values()) == [0, 25, 25]


def test_rates_are_by_population(small_spikes):
    rates = compute_rates(small_spikes, [(0, 200)])
    assert rates["MLI1"] == {(0, 200): pytest.approx(5 / 4 / 0.2)}
    assert rates["CF"] == {(0, 200): pytest.approx(5)}


def test_populations_without_cells_have_no_rate():
    spikes = SpikeTrains(np.empty(0), np.empty(0, dtype=int), (Population("CF", 0, 0),), 10.0)
    assert compute_rates(spikes, [(0, 10)]) == {}


def test_the_standard_error_over_trials_is_that_of_the_sample():
    trials = [trial([10] * n) for n in (1, 2, 6)]  # 2.5, 5 and 15 Hz in 100 ms
    rate = compute_mean_rates(trials, [(0, 100)])["MLI1"][0, 100]
    assert rate.per_trial_Hz == (2.5, 5, 15)
    assert rate.mean_Hz == 7.5
    assert rate.sem_Hz == pytest.approx(math.sqrt((25 + 6.25 + 56.25) / 2 / 3))


def test_one_trial_has_no_standard_error():
    assert math.isnan(compute_mean_rates([trial([10])], [(0, 100)])["MLI1"][0, 100].sem_Hz)


def test_trials_of_different_cells_are_not_averaged():
    with pytest.raises(InputError, match="MLI1 4; MLI1 5"):
        compute_mean_rates([trial([]), trial([], n_cells=5)])
    with pytest.raises(InputError, match="no spikes"):
        compute_mean_rates([])


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        ((160, 150), "is empty or reversed"),
        ((150, 150), "is empty or reversed"),
        ((-5, 10), "before 0"),
        ((150, 250), "lasts 200 ms"),
        ((math.nan, 10), "is empty or reversed"),
    ],
)
def test_bad_windows_are_named(window, problem):
    with pytest.raises(InputError, match=problem):
        compute_rates(trial([]), [window])


def test_a_run_of_unknown_duration_has_any_window():
    check_window((0, 1000), math.nan)


@pytest.mark.parametrize(
    ("duration", "windows"),
    [
        (300, list(RATE_WINDOWS_MS)),
        (250, [*RATE_WINDOWS_MS[:-1], (200, 250)]),
        (155, [(50, 150), (150, 155)]),
        (40, [(0, 40)]),
    ],
)
def test_windows_are_cut_to_the_run(duration, windows):
    assert fit_windows(RATE_WINDOWS_MS, duration) == windows


def test_windows_are_named_without_zeros():
    assert window_name((150.0, 152.5)) == "150-152.5"


def test_the_answer_to_climbing_fibers_is_relative_to_before():
    mli1, mli2 = Population("MLI1", 0, 1), Population("MLI2", 1, 1)
    times = [60, 70, 80, 90, 162, 100, 155, 156]
    gids = [0, 0, 0, 0, 0, 1, 1, 1]
    response = compute_cf_response(SpikeTrains(np.array(times), np.array(gids), (mli1, mli2), 200))
    assert response == (10, 200, 40, 100)
    assert response.MLI2_gain == 20
    assert response.MLI1_gain == 2.5


def test_a_silent_baseline_gives_no_gain():
    populations = (Population("MLI1", 0, 1), Population("MLI2", 1, 1))
    spikes = SpikeTrains(np.array([155.0]), np.array([1]), populations, 200.0)
    assert math.isnan(compute_cf_response(spikes).MLI2_gain)


def test_reference_rates_fit_the_windows():
    assert all(len(row.rates_Hz) == len(RATE_WINDOWS_MS) for row in REFERENCE_RATES)
    assert published_rates(0, "generated")["MLI2"][50, 150] == 17.1
    assert published_rates(4) == {}


@pytest.mark.published
def test_published_spikes_have_the_published_rates(published_networks):
    files = sorted(published_networks.glob("spk_*_trial_11.csv"))
    assert len(files) == 2
    for file in files:
        recording = load_run(file)
        rates = compute_rates(recording.spikes)
        for population, expected in published_rates(recording.condition.cf_sync).items():
            rounded = {window: round(rate, 1) for window, rate in rates[population].items()}
            assert rounded == expected
