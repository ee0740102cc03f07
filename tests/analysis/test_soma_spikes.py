import numpy as np
import pytest

from cerebella.analysis.soma_spikes import (
    ComplexSpike,
    complex_spike_window,
    compute_complex_spike,
    compute_pause_ms,
    compute_simple_spikes,
    compute_spike_times,
    simple_spike_window,
)
from cerebella.errors import InputError
from cerebella.results.published_npz import read_published_traces
from cerebella.results.traces import Traces


def test_spikes_are_maxima_of_at_least_the_threshold(soma_voltage):
    voltage = soma_voltage([10, 20, 30], [-20, -20.1, 5])
    assert compute_spike_times(voltage).tolist() == pytest.approx([10, 30])
    assert compute_spike_times(voltage, -30).tolist() == pytest.approx([10, 20, 30])


def test_a_flat_top_is_one_spike():
    voltage = np.array([[-60.0, 0, 0, 0, -60]]).T
    trace = Traces(0.02 * np.arange(5), voltage, [0], ["soma"], [0.5])
    assert compute_spike_times(trace).tolist() == pytest.approx([0.04])


def test_rate_is_one_over_the_mean_interval():
    spikes = compute_simple_spikes(np.array([10.0, 60, 80, 110, 150]), (50, 150))
    assert spikes.n_spikes == 3  # one at the end of the window is outside
    assert spikes.rate_Hz == pytest.approx(1000 / 25)
    assert spikes.cv == pytest.approx(5 / 25)  # intervals 20 and 30 ms


def test_regular_firing_has_no_variation():
    assert compute_simple_spikes(np.arange(0.0, 300, 25), (50, 150)).cv == pytest.approx(0)


@pytest.mark.parametrize(("times", "rate"), [([], 0.0), ([70.0], np.nan), ([70.0, 80.0], 100.0)])
def test_few_spikes_have_no_variation_and_perhaps_no_rate(times, rate):
    spikes = compute_simple_spikes(np.array(times), (50, 150))
    assert spikes.rate_Hz == pytest.approx(rate, nan_ok=True)
    assert np.isnan(spikes.cv)


def test_the_complex_spike_is_what_peaks_in_its_window(soma_voltage):
    peaks = [149.9, 152, 155, 160, 165, 189.9, 190.2]
    heights = [0, 0, -25, -29.9, -31, -10, 0]
    spike = compute_complex_spike(soma_voltage(peaks, heights))
    assert spike == pytest.approx(ComplexSpike(4, 152, 189.9, 37.9))


def test_windows_follow_the_climbing_fiber(soma_voltage):
    assert complex_spike_window(151.7) == (150, 190)
    assert simple_spike_window(151.7, 299) == (50, 150)
    assert complex_spike_window(100) == (98.3, 138.3)
    assert compute_complex_spike(soma_voltage([100, 110]), 100).width_ms == pytest.approx(10)
    assert compute_complex_spike(soma_voltage([100, 110])).n_spikelets == 0


def test_the_window_of_simple_spikes_fits_the_run():
    assert simple_spike_window(None, 299) == (50, 299)
    assert simple_spike_window(151.7, 120) == (50, 120)
    assert simple_spike_window(40, 299) == (0, 38.3)


def test_a_recording_that_ends_within_the_window_has_no_complex_spike(soma_voltage):
    assert compute_complex_spike(soma_voltage([152], duration_ms=189)) is None
    assert compute_complex_spike(soma_voltage([152], duration_ms=190)).n_spikelets == 1


def test_the_pause_lasts_until_the_next_simple_spike():
    spike = ComplexSpike(2, 152.0, 160.0, 8.0)
    assert compute_pause_ms(spike, np.array([140.0, 152, 160, 230, 250])) == 70
    assert np.isnan(compute_pause_ms(spike, np.array([140.0, 152, 160])))
    assert np.isnan(compute_pause_ms(None, np.array([230.0])))
    assert np.isnan(compute_pause_ms(ComplexSpike(0, np.nan, np.nan, np.nan), np.array([230.0])))


def test_traces_other_than_one_somatic_voltage_are_refused(soma_voltage):
    voltage = soma_voltage([10])
    with pytest.raises(InputError, match="single voltage trace, not 2"):
        compute_spike_times(
            Traces(voltage.times_ms, np.zeros((14951, 2)), [0, 0], ["a", "b"], [0.5, 0.5])
        )
    voltage.values[5000:] = np.nan
    with pytest.raises(InputError, match="not finite from 100 ms onward"):
        compute_spike_times(voltage)


@pytest.mark.published
def test_the_published_recording(published_folder):
    """The published recording: 6 spikelets, 19.9 ms, pause 71 ms."""
    name = "pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz"
    voltage = read_published_traces(published_folder("purkinje") / name)
    times = compute_spike_times(voltage)
    spike = compute_complex_spike(voltage)
    assert spike.n_spikelets == 6
    assert spike.width_ms == pytest.approx(19.9, abs=0.05)
    assert compute_pause_ms(spike, times) == pytest.approx(71, abs=0.5)
    assert compute_simple_spikes(times, (50, 150)).rate_Hz == pytest.approx(43.6, abs=3 * 0.8)
