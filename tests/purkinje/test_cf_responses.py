"""Responses to several CFs from one state are those of complete simulations."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.cf_responses import ResponseWindow, prepare_cf_responses
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains

WINDOW = ResponseWindow(before_ms=1.7, after_ms=4.0, soma_ms=5.0)
NETWORK = generate_network(seed=3, scale=0.1)


def layer(volley_ms=()):
    """Return a run of the network in which all CFs fire at given times."""
    fibers = NETWORK.population("CF")
    gids = np.tile(np.arange(fibers.first_gid, fibers.first_gid + fibers.n_cells), len(volley_ms))
    spikes = SpikeTrains(np.repeat(np.array(volley_ms), fibers.n_cells), gids)
    return simulate_mli(NETWORK, cf_spikes=spikes, duration_ms=30, trial=2, progress=False)


def complete(network, cell, parameters, scale):
    """Return the traces of a simulation from the start."""
    return simulate_purkinje(
        network,
        morphology=cell,
        seed=4,
        engine="numba",
        parameters=parameters,
        cf_scale=scale,
        duration_ms=parameters.connections.cf_time_ms + WINDOW.soma_ms,
        record=["soma_v", "v", "calcium"],
        progress=False,
    ).traces


def assert_equal(response, traces, cf_time_ms):
    v, calcium = traces["v"], traces["calcium"]
    after = (v.times_ms > cf_time_ms - 0.05) & (v.times_ms < cf_time_ms + WINDOW.after_ms + 0.05)
    assert np.array_equal(response.peak_mV, v.values[after].max(axis=0))
    assert np.array_equal(response.soma_v.times_ms, traces["soma_v"].times_ms)
    assert np.array_equal(response.soma_v.values, traces["soma_v"].values)
    own = np.isin(calcium.times_ms, response.calcium.times_ms)
    assert own.sum() == len(response.calcium.times_ms) == 58
    assert response.calcium.times_ms[0] == pytest.approx(cf_time_ms - WINDOW.before_ms)
    assert np.array_equal(response.calcium.values, calcium.values[own])


@pytest.mark.parametrize("cf_time_ms", [21.3, 23.0])
def test_responses_are_those_of_complete_simulations(spiny_cell, cf_time_ms):
    network = layer()
    parameters = PurkinjeParameters(connections={"cf_time_ms": cf_time_ms, "cf_scale": 3.0})
    (respond,) = prepare_cf_responses(
        [network], spiny_cell, seed=4, parameters=parameters, window=WINDOW
    )
    responses = {scale: respond(scale) for scale in (64.0, 4.0, 16.0)}
    for scale, response in responses.items():
        assert_equal(response, complete(network, spiny_cell, parameters, scale), cf_time_ms)
    again = respond(64.0)
    assert np.array_equal(again.peak_mV, responses[64.0].peak_mV)
    assert (again.peak_mV > responses[4.0].peak_mV).all()


@pytest.mark.parametrize("volley_ms", [8.0, 23.5])
def test_states_of_several_networks_are_shared_until_these_differ(spiny_cell, volley_ms):
    """The volley is once long before the CF of the cell, and once after it."""
    networks = [layer(), layer([volley_ms])]
    parameters = PurkinjeParameters(connections={"cf_time_ms": 23.0})
    for network, respond in zip(
        networks,
        prepare_cf_responses(networks, spiny_cell, seed=4, parameters=parameters, window=WINDOW),
        strict=True,
    ):
        assert_equal(respond(16.0), complete(network, spiny_cell, parameters, 16.0), 23.0)
