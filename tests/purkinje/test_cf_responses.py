"""Responses to several CFs from one state are those of complete simulations."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.cf_responses import prepare_cf_responses
from cerebella.purkinje.simulate import simulate_purkinje

WINDOW_MS = 4.0


@pytest.fixture(scope="module")
def network():
    return simulate_mli(
        generate_network(seed=3, scale=0.1), cf_sync=0, duration_ms=30, trial=2, progress=False
    )


@pytest.mark.parametrize("cf_time_ms", [21.3, 23.0])
def test_responses_are_those_of_complete_simulations(network, spiny_cell, cf_time_ms):
    parameters = PurkinjeParameters(connections={"cf_time_ms": cf_time_ms, "cf_scale": 3.0})
    respond = prepare_cf_responses(
        network, spiny_cell, seed=4, parameters=parameters, window_ms=WINDOW_MS
    )
    peaks_mV = {scale: respond(scale) for scale in (64.0, 4.0, 16.0)}
    for scale, peak_mV in peaks_mV.items():
        run = simulate_purkinje(
            network,
            morphology=spiny_cell,
            seed=4,
            engine="numba",
            parameters=parameters,
            cf_scale=scale,
            duration_ms=cf_time_ms + WINDOW_MS,
            record=["v"],
            progress=False,
        )
        v = run.traces["v"]
        assert np.array_equal(peak_mV, v.values[v.times_ms > cf_time_ms - 0.05].max(axis=0))
    assert np.array_equal(respond(64.0), peaks_mV[64.0])
    assert (peaks_mV[64.0] > peaks_mV[4.0]).all()
