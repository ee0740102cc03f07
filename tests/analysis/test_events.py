"""Events to which windows are relative."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.analysis.events import (
    cf_times_ms,
    find_cf_volleys,
    network_events,
    place_windows,
    purkinje_events,
    windows_around,
)
from cerebella.errors import InputError
from cerebella.molecular_layer.inputs import cf_spikes_of_level
from cerebella.network.generate import generate_network
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.run import Run

FIBERS = (Population("CF", 0, 8),)


def fibers(*volleys, duration_ms=300.0):
    """Spikes of CFs 0, 1, … at the times of each volley."""
    times = np.concatenate([np.asarray(volley, float) for volley in volleys])
    gids = np.concatenate([np.arange(len(volley)) for volley in volleys])
    return SpikeTrains(times, gids, FIBERS, duration_ms)


@pytest.mark.parametrize("level", [6, 7, 8])
def test_the_volley_of_a_level_is_at_the_time_of_the_protocol(level):
    network = generate_network(seed=0)
    assert find_cf_volleys(cf_spikes_of_level(network, level, 300.0)) == [150.0]


def test_levels_without_a_quarter_of_the_fibers_have_no_volley():
    network = generate_network(seed=0)
    for level in (0, 1, 2, 4):
        assert find_cf_volleys(cf_spikes_of_level(network, level, 300.0)) == []


def test_volleys_of_several_widths_and_single_spikes_between_them():
    spikes = fibers([60, 61, 62], [90], [120, 129], [200, 204, 206, 208.5])
    assert find_cf_volleys(spikes) == [61, 124, 205]
    assert find_cf_volleys(spikes, share=0.5) == [205]
    assert find_cf_volleys(spikes, width_ms=5) == [61, 206]


def test_one_fiber_that_fires_often_is_no_volley():
    assert find_cf_volleys(SpikeTrains([60, 61, 62], [3, 3, 3], FIBERS, 100.0)) == []


def test_a_network_without_fibers_has_no_volleys():
    with pytest.raises(InputError, match=r"no climbing fibers\. Give a time as `event`"):
        find_cf_volleys(SpikeTrains([], [], (Population("MLI1", 0, 1),), 100.0))


def test_runs_share_their_events():
    def run(name, *volleys):
        return Run({"kind": "mli", "duration_ms": 300.0}, spikes=fibers(*volleys))

    same = [run("a", [60, 61]), run("b", [61, 60])]
    assert network_events(same, "cf") == [60]
    assert network_events(same, 40.0) == [40.0]
    with pytest.raises(InputError, match="fire at 60 ms in simulation, and at 80 ms"):
        network_events([*same, run("c", [80, 80])], "cf")
    with pytest.raises(InputError, match="no 10 ms in which 25 %"):
        network_events([run("d", [60])], "cf")
    with pytest.raises(InputError, match="`event` at 300 ms is not within simulation"):
        network_events(same, 300.0)


def test_times_of_a_cell_s_fiber_are_those_of_stimuli_or_else_of_the_parameters():
    def run(**manifest):
        return Run({"kind": "purkinje", "duration_ms": 300.0, **manifest})

    volley = {"kind": "pf", "times_ms": [1.0]}
    stimuli = [volley, {"kind": "cf", "times_ms": [90.0, 50]}, {"kind": "cf", "times_ms": [70]}]
    assert cf_times_ms(run(cf_time_ms=50.0, stimuli=stimuli)) == [50, 70, 90]
    assert cf_times_ms(run(cf_time_ms=151.7, stimuli=[volley])) == [151.7]
    assert purkinje_events([run(cf_time_ms=151.7)], "cf") == [151.7]
    assert purkinje_events([run(cf_time_ms=None)], 20.0) == [20.0]
    with pytest.raises(InputError, match="does not fire in simulation"):
        purkinje_events([run(cf_time_ms=None)], "cf")


def test_windows_around_an_event_are_within_the_run():
    windows = [(-100, 0), (0, 10), (-200, -150), (90, 110)]
    assert windows_around(windows, 60.0, 150.0) == {(-60, 0): (0, 60), (0, 10): (60, 70)}
    assert place_windows([(-20, 10)], 60.0, 150.0) == {(-20, 10): (40, 70)}
    with pytest.raises(InputError, match=r"window -70-10 ms around 60 ms .* within -60-90"):
        place_windows([(-70, 10)], 60.0, 150.0)


def test_response_to_an_event_is_that_of_the_protocol_moved_in_time():
    populations = (Population("MLI1", 0, 3), Population("MLI2", 3, 2))
    draw = np.random.default_rng(0)
    times, gids = draw.uniform(0, 300, 2000), draw.integers(5, size=2000)
    spikes = SpikeTrains(times, gids, populations, 300.0)
    later = SpikeTrains(times + 40, gids, populations, 340.0)
    earlier = SpikeTrains(times - 90, gids, populations, 210.0)
    assert compute_cf_response(later, 190.0) == compute_cf_response(spikes)
    early = compute_cf_response(earlier, 60.0)
    assert early[1::2] == compute_cf_response(spikes)[1::2]  # peak and dip; less of the baseline
    at_start = compute_cf_response(spikes, 0.0)
    assert math.isnan(at_start.MLI1_baseline_Hz)
    assert at_start.MLI2_peak_Hz > 0
