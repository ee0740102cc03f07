import numpy as np
import pytest

from cerebella.results.spikes import (
    Population,
    SpikeTrains,
    infer_duration_ms,
    merge_spike_trains,
)


def test_spikes_are_ordered_by_time_and_then_by_gid(small_spikes):
    assert np.all(np.diff(small_spikes.times_ms) >= 0)
    assert [gid for time, gid in small_spikes if time == 60.025] == [1, 2]


def test_the_order_in_which_spikes_are_given_does_not_count(small_spikes):
    backwards = SpikeTrains(
        small_spikes.times_ms[::-1], small_spikes.gids[::-1], small_spikes.populations, 200.0
    )
    assert backwards == small_spikes


def test_spikes_cannot_be_changed(small_spikes):
    with pytest.raises(ValueError, match="read-only"):
        small_spikes.times_ms[0] = 5


def test_a_window_holds_its_start_and_not_its_stop(small_spikes):
    assert small_spikes.between(60.025, 90.0).times_ms.tolist() == [60.025, 60.025]


def test_of_gives_one_population(small_spikes):
    assert set(small_spikes.of("MLI2").gids.tolist()) == {4, 5}
    with pytest.raises(KeyError, match="MLI1"):
        small_spikes.of("PC")


def test_train_gives_one_cell(small_spikes):
    assert small_spikes.train(0).tolist() == [10.0, 165.0]


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="the same length"):
        SpikeTrains(np.zeros(2), np.zeros(3, dtype=int))


def test_merging_populations_gives_all_of_them_back(small_spikes):
    parts = [small_spikes.of(p.name) for p in reversed(small_spikes.populations)]
    assert merge_spike_trains(parts) == small_spikes


def test_trains_of_different_duration_are_not_merged():
    trains = [
        SpikeTrains(np.empty(0), np.empty(0, dtype=int), (Population("A", 0, 1),), duration)
        for duration in (100.0, 200.0)
    ]
    with pytest.raises(ValueError, match="different duration"):
        merge_spike_trains(trains)


@pytest.mark.parametrize(("last", "duration"), [(299.929, 300.0), (300.0, 300.0), (0.0, 0.0)])
def test_a_duration_is_inferred_to_the_millisecond(last, duration):
    assert infer_duration_ms(np.array([last, 0.0])) == duration


def test_repr_counts_spikes_by_population(small_spikes):
    assert repr(small_spikes) == ("<SpikeTrains: 12 spikes in 200 ms (MLI1 5, MLI2 3, PF 3, CF 1)>")
