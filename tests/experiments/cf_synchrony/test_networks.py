"""What climbing-fiber synchrony does: the published activity, as targets with their tolerance.

Targets: mean of trials 1 to 5. The published values are those of one trial of
park2026; the bands are about twice the spread of such means.
"""

from __future__ import annotations

import pytest

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.experiments.cf_synchrony import networks as cf_synchrony
from cerebella.experiments.cf_synchrony.networks import run_cf_synchrony
from cerebella.network.complete import complete_network
from cerebella.network.generate import generate_network

LEVELS = (0, 2, 4, 6, 8)
TRIALS = (1, 2, 3, 4, 5)


def responses(network, levels=LEVELS):
    simulations = run_cf_synchrony(network, levels, TRIALS)
    return {
        level: compute_cf_response([simulation.spikes for simulation in trials])
        for level, trials in simulations.items()
    }


@pytest.fixture(scope="module")
def generated():
    return responses(generate_network(seed=0))


@pytest.fixture(scope="module")
def published(published_networks):
    network, *_ = complete_network(published_networks, seed=0)
    return responses(network)


def assert_on_target(response):
    silent, full = response[0], response[8]
    for level in (silent, full):
        assert level.MLI1_baseline_Hz == pytest.approx(34, abs=5)
        assert level.MLI2_baseline_Hz == pytest.approx(20, abs=4)
    assert full.MLI2_peak_Hz >= 60
    assert full.MLI1_gain <= 0.6
    assert silent.MLI2_peak_Hz < 30
    assert silent.MLI1_gain > 0.8
    peaks = [response[level].MLI2_peak_Hz for level in LEVELS]
    dips = [response[level].MLI1_dip_Hz for level in LEVELS]
    assert peaks == sorted(peaks)
    assert dips == sorted(dips, reverse=True)


@pytest.mark.slow
def test_generated_network_gives_the_published_activity(generated):
    assert_on_target(generated)


@pytest.mark.slow
@pytest.mark.published
def test_published_tables_give_the_published_activity(published):
    assert_on_target(published)


def test_synchrony_excites_mli2_and_that_silences_mli1():
    response = responses_of_one_trial(generate_network(seed=1))
    assert response[8].MLI2_peak_Hz > 3 * response[0].MLI2_peak_Hz
    assert response[8].MLI1_dip_Hz < 0.8 * response[0].MLI1_dip_Hz


def test_without_mli2_to_mli1_weight_synchrony_does_not_silence_mli1():
    response = responses_of_one_trial(generate_network(seed=1), w2_pS=0.0)
    assert response[8].MLI2_peak_Hz > 3 * response[0].MLI2_peak_Hz
    assert response[8].MLI1_dip_Hz > 0.8 * response[0].MLI1_dip_Hz


def responses_of_one_trial(network, **options):
    simulations = run_cf_synchrony(network, (0, 8), duration_ms=175.0, **options)
    return {level: compute_cf_response(trials[0].spikes) for level, trials in simulations.items()}


def test_levels_share_their_streams_within_a_trial_and_report_progress():
    network = generate_network(seed=1, scale=0.1)
    fractions = []
    simulations = run_cf_synchrony(
        network, (0, 8), (1, 2), duration_ms=60.0, on_progress=fractions.append
    )
    pf = {
        level: [simulation.spikes.of("PF") for simulation in trials]
        for level, trials in simulations.items()
    }
    assert pf[0] == pf[8]
    assert pf[0][0] != pf[0][1]
    assert fractions[-1] == pytest.approx(1.0)


def test_a_failing_run_stops_the_others(monkeypatch):
    started = []

    def fail_first(network, *, cf_sync, **options):
        started.append(cf_sync)
        if cf_sync == 0:
            raise ValueError("boom")
        options["on_progress"](0.5)

    monkeypatch.setattr(cf_synchrony, "simulate_mli", fail_first)
    with pytest.raises(ValueError, match="boom"):
        run_cf_synchrony(object(), (0, *range(1, 9)), range(50), workers=1)
    assert len(started) < 450
