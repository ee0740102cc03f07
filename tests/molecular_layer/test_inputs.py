"""Bias, delays, PF trains and CF spikes: distributions, and who shares a stream with whom."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer.inputs import (
    cf_spikes_of_level,
    draw_bias_nA,
    draw_inhibitory_delays_ms,
    draw_pf_spikes,
)
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_simulation import MLIParameters

PARAMETERS = MLIParameters()


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=2)


def test_bias_is_uniform_in_the_range_of_its_type(network):
    bias = draw_bias_nA(network, PARAMETERS, seed=0, trial=1)
    mli1, mli2 = bias[:208], bias[208:]
    assert len(mli2) == 59
    assert 0.0225 <= mli1.min() < 0.0235
    assert 0.0375 < mli1.max() <= 0.0385
    assert mli1.mean() == pytest.approx(0.0305, abs=3 * 0.016 / np.sqrt(12 * 208))
    assert 0.0105 <= mli2.min() < mli2.max() <= 0.0185
    assert mli2.mean() == pytest.approx(0.0145, abs=3 * 0.008 / np.sqrt(12 * 59))


def test_bias_is_uniform_over_trials(network):
    bias = np.concatenate([draw_bias_nA(network, PARAMETERS, 0, t)[:208] for t in range(100)])
    u = np.sort((bias - 0.0225) / 0.016)
    distance = np.abs(u - (np.arange(len(u)) + 0.5) / len(u)).max()
    assert distance < 1.63 / np.sqrt(len(u))  # 1 % of a Kolmogorov-Smirnov test
    assert len(np.unique(bias)) > 0.999 * len(bias)


def test_delays_are_uniform_between_1_and_1_5_ms_and_belong_to_the_target(network):
    inhibitory = np.flatnonzero(network.synapses.source_gid < 267)
    delays = draw_inhibitory_delays_ms(network, inhibitory, PARAMETERS, seed=0, trial=1)
    assert 1 <= delays.min() < 1.01
    assert 1.49 < delays.max() <= 1.5
    assert delays.mean() == pytest.approx(1.25, abs=3 * 0.5 / np.sqrt(12 * len(delays)))
    own = network.synapses.target_gid[inhibitory] == 17
    alone = draw_inhibitory_delays_ms(network, inhibitory[own], PARAMETERS, seed=0, trial=1)
    np.testing.assert_array_equal(alone, delays[own])


def test_pf_trains_are_poisson_at_4_Hz(network):
    spikes = draw_pf_spikes(network, PARAMETERS, 2000.0, seed=0, trial=1)
    expected = 21339 * 4 * 2
    assert len(spikes) == pytest.approx(expected, abs=4 * np.sqrt(expected))
    per_cell = np.bincount(spikes.gids - 267, minlength=21339)
    assert per_cell.var() / per_cell.mean() == pytest.approx(1, abs=0.03)
    halves = [len(spikes.between(a, a + 1000)) for a in (0, 1000)]
    assert halves[0] == pytest.approx(halves[1], rel=0.02)


def test_a_longer_run_starts_with_the_same_pf_spikes(network):
    short, long = (draw_pf_spikes(network, PARAMETERS, d, seed=0, trial=1) for d in (100, 3000))
    assert np.array_equal(long.between(0, 100).times_ms, short.times_ms)
    assert np.array_equal(long.between(0, 100).gids, short.gids)


def test_trials_are_independent_except_with_published_streams(network):
    def train(gid, trial, published):
        return draw_pf_spikes(
            network, PARAMETERS, 1000, seed=0, trial=trial, published_streams=published
        ).train(gid)

    assert not np.array_equal(train(1000, 2, False), train(1001, 1, False))
    np.testing.assert_array_equal(train(1000, 2, True), train(1001, 1, True))


def test_no_pf_spikes_at_rate_0(network):
    silent = PARAMETERS.model_copy(
        update={"connections": PARAMETERS.connections.model_copy(update={"pf_rate_Hz": 0.0})}
    )
    assert len(draw_pf_spikes(network, silent, 300, seed=0, trial=1)) == 0


def test_a_level_adds_cf_spikes_and_moves_none(network):
    spikes = [set(cf_spikes_of_level(network, level, 300)) for level in range(9)]
    assert [len(s) for s in spikes] == list(range(14, 23))
    assert all(fewer < more for fewer, more in pairwise(spikes))
    assert (150.0, 21606) in spikes[1]


def test_silent_cfs_stay_silent_in_long_runs(network):
    assert len(cf_spikes_of_level(network, 0, 60_000)) == 14


def test_unknown_level_is_refused(network):
    with pytest.raises(InputError, match="level 9 is not in network"):
        cf_spikes_of_level(network, 9, 300)
