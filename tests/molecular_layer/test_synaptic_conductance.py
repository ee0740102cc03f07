"""Conductance of the synapses of interneurons: in NEURON, on all engines, and if blocked."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer import integrate
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.molecular_layer.wiring import KINDS
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.plots.traces import plot_traces
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run

PROBES = [f"{name}.g_{kind}" for name in ("MLI1", "MLI2") for kind in KINDS]
DURATION_MS = 40


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=1, scale=0.1)


def simulate(network, record=PROBES, **options):
    """27 cells, whose climbing fibers fire at 3 ms."""
    cf = network.population("CF")
    spikes = SpikeTrains(np.full(cf.n_cells, 3.0), cf.gids, (cf,), DURATION_MS)
    options = {"duration_ms": DURATION_MS, "engine": "numba", "progress": False} | options
    return simulate_mli(network, record=record, cf_spikes=spikes, **options)


@pytest.fixture(scope="module")
def run(network):
    return simulate(network)


def test_conductances_are_those_of_the_point_processes_of_neuron(network, run, neuron):
    """Added up over each cell; NEURON shows a conductance one step after it has entered a step."""
    job = MLIRequest.model_validate({"duration_ms": DURATION_MS, "engine": "neuron"})
    prepared = integrate.prepare_network(neuron, job, network)
    recorded = [neuron.h.Vector().record(one._ref_g) for one in prepared.built.synapses]
    fiber = run.spikes.gids >= 27
    times_ms, gids = run.spikes.times_ms[fiber], run.spikes.gids[fiber]
    integrate.run_network(prepared, SpikeTrains(times_ms, gids, (), DURATION_MS))
    g_nS = 1e3 * np.array(recorded)
    wiring = prepared.wiring
    for index, kind in enumerate(KINDS):
        found = run.traces[f"probe_g_{kind}"]
        assert found.gids.tolist() == list(range(27))
        size = found.values.max()
        assert size > 0.01
        own = wiring.synapse_kind == index
        for cell in range(27):
            expected = g_nS[own & (wiring.synapse_cell == cell)].sum(axis=0)[1:]
            np.testing.assert_allclose(found.values[:-1, cell], expected, 0, 1e-12 * size)


@pytest.mark.parametrize(
    "engine",
    ["neuron", "coreneuron", pytest.param(CoreNeuron(ranks=2), marks=pytest.mark.mpi)],
    ids=str,
)
def test_conductances_are_the_same_bytes_on_all_engines(network, run, engine):
    other = simulate(network, engine=engine)
    assert len(run.of("MLI1").times_ms) > 10
    for name, traces in run.traces.items():
        assert other.traces[name] == traces


def test_synapses_can_be_recorded_with_others_and_sampled_by_themselves(network, run, tmp_path):
    simulate(network, ["MLI1[3].g_inhibition@0.1ms", "MLI1[3].v"]).save(tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    traces = loaded.traces.at("MLI1[3].g_inhibition")
    assert (traces.unit, traces.variable, traces.values.shape) == ("nS", "g_inhibition", (401, 1))
    fine = run.traces.at("MLI1[3].g_inhibition").values[::4]
    np.testing.assert_allclose(traces.values, fine, rtol=1e-12, atol=1e-15)
    labels = [ax.get_ylabel() for ax in plot_traces(loaded, "MLI1[3]").axes]
    assert labels == ["MLI1[3]\ng_inhibition (nS)", "MLI1[3]\nPotential (mV)"]


def test_recording_of_synapses_changes_nothing(network, run):
    assert simulate(network, None).spikes == run.spikes


@pytest.mark.parametrize(
    ("block", "silent"),
    [("block pf", {"pf"}), ("block mli", {"inhibition"}), ("block cf 0ms-10ms", {"cf"})],
)
def test_blocked_synapses_have_no_conductance(network, block, silent):
    found = simulate(network, stimuli=block)
    assert {kind for kind in KINDS if not found.traces[f"probe_g_{kind}"].values.any()} == silent


def test_currents_of_synapses_do_not_exist_in_interneurons(network):
    with pytest.raises(InputError, match=r"has no quantity 'i_pf'. There are v, .*, i_leak, g_pf"):
        simulate(network, "MLI1[3].i_pf")
