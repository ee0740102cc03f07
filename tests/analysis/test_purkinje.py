import numpy as np
import pytest

from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.errors import InputError
from cerebella.runs.run import Run


def test_the_numbers_of_a_run(make_purkinje_run):
    response = compute_purkinje_summary(make_purkinje_run()).response
    assert response.simple_spike_window_ms == (50, 150)
    assert response.simple_spikes.rate_Hz == pytest.approx(50)
    assert response.complex_spike == pytest.approx((4, 152, 170, 18))
    assert response.pause_ms == pytest.approx(70)
    assert response.calcium_mean_nM == pytest.approx((14000 / 3 * 10 + 40 * 20) / 30)
    assert response.dendritic_spike_spread == 1


def test_what_was_not_recorded_is_not_known(make_purkinje_run):
    run = make_purkinje_run(traces=())
    summary = compute_purkinje_summary(run)
    response = summary.response
    assert summary.soma_v is summary.spiny_calcium is None
    assert response.simple_spikes.rate_Hz == pytest.approx(50)  # from spikes.h5
    assert response.complex_spike is response.dendritic_spike_spread is None
    assert np.isnan([response.pause_ms, response.calcium_mean_nM]).all()


@pytest.mark.parametrize("without", [{"cf_time_ms": None}, {"cf_scale": 0.0}])
def test_without_a_climbing_fiber_no_complex_spike_is_found(make_purkinje_run, without):
    summary = compute_purkinje_summary(make_purkinje_run(**without))
    response = summary.response
    assert response.simple_spike_window_ms == (50, pytest.approx(299))
    assert response.complex_spike is response.dendritic_spike_spread is None
    assert summary.spiny_calcium is not None


def test_all_windows_follow_the_climbing_fiber(make_purkinje_run):
    response = compute_purkinje_summary(make_purkinje_run(cf_time_ms=81.7)).response
    assert response.simple_spike_window_ms == (50, 80)
    assert response.complex_spike.first_ms == pytest.approx(100)  # 80 itself is outside
    assert response.calcium_mean_nM == pytest.approx(40)


def test_the_window_of_simple_spikes_may_be_given(make_purkinje_run):
    summary = compute_purkinje_summary(make_purkinje_run(), simple_spike_window_ms=(230, 280))
    assert summary.response.simple_spikes.n_spikes == 2


def test_a_run_of_another_kind_is_refused(make_purkinje_run, small_spikes):
    run = Run(make_purkinje_run(traces=()).manifest, spikes=small_spikes)
    with pytest.raises(InputError, match="neither the somatic voltage nor the spikes"):
        compute_purkinje_summary(run)


def test_the_response_ends_before_that_to_the_next_climbing_fiber_spike(make_purkinje_run):
    run = make_purkinje_run()  # spikelets at 152, 155, 160 and 170 ms, then 240 ms
    whole = compute_purkinje_summary(run).response
    assert (whole.complex_spike.n_spikelets, round(whole.pause_ms)) == (4, 70)
    first = compute_purkinje_summary(run, next_cf_ms=161.0).response
    assert first.complex_spike.n_spikelets == 2
    assert np.isnan(first.pause_ms)
    assert first.calcium_mean_nM != whole.calcium_mean_nM
    second = compute_purkinje_summary(run, cf_time_ms=161.0).response
    assert second.complex_spike.n_spikelets == 2
    assert second.pause_ms == whole.pause_ms
