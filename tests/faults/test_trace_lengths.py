"""Traces have one sample at t = 0 and one after each time step, on every engine."""

from __future__ import annotations

import numpy as np
import pytest

import cerebella as cb


@pytest.mark.mpi
def test_voltages_have_the_same_samples_on_every_engine_and_number_of_ranks():
    """CoreNEURON left out the last of 1600 steps, for rounding errors of summed steps."""
    network = cb.generate_network(seed=1, scale=0.1)
    engines = [cb.Neuron(), cb.CoreNeuron(), cb.CoreNeuron(ranks=2)]
    options = {"duration_ms": 40.0, "record": {"v": [0, 5]}, "progress": False}

    def traces_of(engine):
        return cb.simulate_mli(network, engine=engine, **options).traces["voltage"]

    traces = [traces_of(engine) for engine in engines]
    for trace in traces:
        assert trace.values.shape == (1601, 2)
        assert trace.times_ms[-1] == 40.0
        assert np.array_equal(trace.values, traces[0].values)
    own = traces_of(cb.Numba())
    assert np.array_equal(own.times_ms, traces[0].times_ms)
    np.testing.assert_allclose(own.values, traces[0].values, rtol=0, atol=1e-6)
