"""The engine of this package against the test vectors of single cells and pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.molecular_layer.own_engine import integrate
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network
from cerebella.results.spikes import SpikeTrains

NO_SYNAPSES = Synapses(*[np.empty(0, dtype=int)] * 3, np.empty(0))
NO_GAPS = GapJunctions(*[np.empty(0)] * 6)


def simulate(network, bias_nA, **options):
    """Simulate cells with one bias current for all, without PF spikes."""
    bias = {"bias_nA": bias_nA, "bias_half_range_nA": 0.0}
    parameters = {"mli1": bias, "mli2": bias, "connections": {"pf_rate_Hz": 0}}
    nothing = SpikeTrains(np.empty(0), np.empty(0, dtype=int))
    return simulate_mli(
        network,
        cf_spikes=options.pop("cf_spikes", nothing),
        engine=Numba(),
        parameters=parameters,
        progress=False,
        **options,
    )


def alone(population):
    return Network({population: 1}, NO_SYNAPSES, NO_GAPS)


def test_spikes_at_any_bias_current(oracle):
    table = oracle("mli_fi")
    n_spikes = n_same = 0
    for population, bias_nA in {
        *zip(table["cell"].tolist(), table["bias_nA"].tolist(), strict=True)
    }:
        rows = (table["cell"] == population) & (table["bias_nA"] == bias_nA)
        expected = table["t_ms"][rows & (table["spike_index"] >= 0)]
        times = simulate(alone(population), bias_nA).spikes.times_ms
        # See test_cell.py: a spike may come a sample later after a billionfold amplification.
        np.testing.assert_allclose(times, expected, rtol=0, atol=0.025 + 1e-6)
        n_spikes += len(expected)
        n_same += np.count_nonzero(np.abs(times - expected) < 1e-6)
    assert n_spikes == 232
    assert n_same >= 231


@pytest.mark.parametrize("population", ["MLI1", "MLI2"])
def test_course_of_the_potential(oracle, population):
    table = oracle("mli_vtrace")
    rows = table["cell"] == population
    run = simulate(alone(population), 0.03, duration_ms=60, record={"v": [0]})
    index = np.round(table["t_ms"][rows] / 0.025).astype(int)
    soma = run.traces["voltage"].values[index, 0]
    np.testing.assert_allclose(soma, table["v_soma05_mV"][rows], rtol=0, atol=5e-4)


def test_two_cells_with_a_gap_junction(oracle, monkeypatch):
    """Of a pair with different bias currents, which parameters cannot set."""
    table = oracle("mli_gap_pair")
    columns = (("gid", 0, 1), ("dendrite", 4, 7), ("x", 0.8, 0.9))
    junction = GapJunctions(
        **{f"{name}_a": np.array([a]) for name, a, _ in columns},
        **{f"{name}_b": np.array([b]) for name, _, b in columns},
    )
    wire = integrate.wire_whole
    biases = {"bias_nA": np.array([0.04, 0.02])}
    monkeypatch.setattr(integrate, "wire_whole", lambda *a, **o: replace(wire(*a, **o), **biases))
    run = simulate(Network({"MLI1": 2}, NO_SYNAPSES, junction), 0.0)
    for gid, name in enumerate("AB"):
        expected = table["t_ms"][table["cell"] == name]
        times = run.spikes.times_ms[run.spikes.gids == gid]
        np.testing.assert_allclose(times, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("population", ["MLI1", "MLI2"])
def test_response_to_a_climbing_fiber(oracle, population):
    table = oracle("mli_psp")
    kind = (table["cell"] == population) & (table["syn"] == "CF")
    for dendrite in sorted({int(s.removeprefix("dend")) for s in table["section"][kind].tolist()}):
        rows = kind & (table["section"] == f"dend{dendrite}")
        expected = table["dv_vs_no_synapse_mV"][rows]
        index = np.round(table["t_ms"][rows] / 0.025).astype(int)
        synapse = Synapses(*(np.array([k]) for k in (1, 0, dendrite)), np.array([0.5]))
        network = Network({population: 1, "CF": 1}, synapse, NO_GAPS)
        fires = SpikeTrains(np.array([1500 - 1.75]), np.array([1]))
        with_cf, without = (
            simulate(network, -0.01, duration_ms=1531, record={"v": [0]}, **given)
            .traces["voltage"]
            .values[index, 0]
            for given in ({"cf_spikes": fires}, {})
        )
        np.testing.assert_allclose(
            with_cf - without, expected, rtol=0, atol=1e-5 * np.abs(expected).max() + 1e-6
        )
