"""Stimuli of MLIs: on every engine, against the test vectors, and in manifests."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.molecular_layer.stimulation import gids_at
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.generate import generate_network
from cerebella.network.network import Network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run
from cerebella.stimuli.currents import CurrentSamples, CurrentStep
from cerebella.stimuli.synaptic import SynapticBlock
from cerebella.stimuli.voltage_clamp import VoltageClamp

NO_SYNAPSES = Synapses(*[np.empty(0, dtype=int)] * 3, np.empty(0))
NO_GAPS = GapJunctions(*[np.empty(0)] * 6)
NO_CURRENT = {"bias_nA": 0.0, "bias_half_range_nA": 0.0}
ALL_KINDS = (
    "noise MLI1 20pA 3ms- interval=0.1ms",
    "step MLI1[3] 50pA 10ms-30ms",
    "ramp MLI2 0pA 40pA 5ms-35ms",
    "sine MLI1[0,2-4] 20pA 50Hz",
    "pulses MLI2[0] 200pA 1ms 100Hz 20ms-",
    CurrentSamples("MLI1[1]", [0.1, -0.1] * 20, interval_ms=0.5, start_ms=12.3),
)


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=5, scale=0.1)


def simulate(network, engine="numba", **options):
    options = {"duration_ms": 40, "cf_sync": 0, "progress": False} | options
    return simulate_mli(network, engine=engine, **options)


def simulate_alone(population, n_cells, **options):
    """Simulate unconnected cells without bias current."""
    return simulate(
        Network({population: n_cells}, NO_SYNAPSES, NO_GAPS),
        cf_sync=None,
        cf_spikes=SpikeTrains(np.empty(0), np.empty(0, dtype=int)),
        parameters={"mli1": NO_CURRENT, "mli2": NO_CURRENT},
        **options,
    )


@pytest.mark.parametrize(
    "engine", ["neuron", "coreneuron", pytest.param(CoreNeuron(ranks=2), marks=pytest.mark.mpi)]
)
def test_stimuli_of_all_kinds_give_the_same_spikes_on_every_engine(network, engine):
    record = {"v": [0, 1, 2, 3, network.population("MLI2").first_gid]}
    own, other = (simulate(network, e, stimuli=ALL_KINDS, record=record) for e in ("numba", engine))
    assert len(own.of("MLI1").times_ms) > 20
    assert other.spikes == own.spikes
    potentials, expected = (run.traces["voltage"].values for run in (other, own))
    np.testing.assert_allclose(potentials, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("engine", ["neuron", "coreneuron"])
def test_voltage_clamps_give_the_same_currents_on_every_engine(network, engine):
    stimuli = [
        "clamp MLI1[0,3] -70mV,-40mV,-70mV 5ms,20ms,30ms series_resistance=3MOhm stop=35ms",
        "clamp MLI2[0] -60mV 0ms",
        "step MLI1[3] 50pA 10ms-40ms",
    ]
    own, other = (
        simulate(network, e, stimuli=stimuli, record={"v": [1]}) for e in ("numba", engine)
    )
    assert other.spikes == own.spikes
    current, expected = (run.traces["clamp"] for run in (other, own))
    np.testing.assert_array_equal(current.gids, [0, 3, network.population("MLI2").first_gid])
    np.testing.assert_array_equal(own.traces["voltage"].gids, [1])
    assert (expected.unit, expected.values.shape) == ("nA", (1601, 3))
    assert np.abs(expected.values).max() > 0.1
    np.testing.assert_allclose(current.values, expected.values, rtol=0, atol=1e-6)


def test_a_clamp_holds_the_potential_up_to_the_series_resistance():
    """The current that the clamp needs at last brings the free cell to the same potential."""
    clamp = VoltageClamp("MLI1", -75, 0, series_resistance_MOhm=20)
    run = simulate_alone("MLI1", 1, stimuli=clamp, duration_ms=3000, record={"v": [0]})
    v, current = (run.traces[name].values[-1, 0] for name in ("voltage", "clamp"))
    assert v == pytest.approx(-75 - 20 * current, abs=1e-9)
    free = CurrentStep("MLI1", float(current))
    run = simulate_alone("MLI1", 1, stimuli=free, duration_ms=3000, record={"v": [0]})
    assert run.traces["voltage"].values[-1, 0] == pytest.approx(v, abs=0.01)


def test_a_clamp_does_not_outlast_its_run(network):
    """Runs share the arrays of a network."""
    before = simulate(network, record={"v": [0]}).traces["voltage"].values
    simulate(network, stimuli="clamp MLI1 -70mV 0ms")
    after = simulate(network, record={"v": [0]})
    assert after.traces["voltage"].values.tobytes() == before.tobytes()
    assert [*after.traces] == ["voltage"]


def test_steps_into_cells_without_bias_give_the_published_spikes(oracle):
    """All bias currents of the test vector at once, each as a stimulus of one cell."""
    table = oracle("mli_fi")
    for population in ("MLI1", "MLI2"):
        of_type = table["cell"] == population
        biases = sorted({*table["bias_nA"][of_type].tolist()})
        steps = [CurrentStep(f"{population}[{k}]", bias) for k, bias in enumerate(biases)]
        run = simulate_alone(population, len(biases), stimuli=steps, duration_ms=300)
        for k, bias in enumerate(biases):
            rows = of_type & (table["bias_nA"] == bias) & (table["spike_index"] >= 0)
            times = run.spikes.times_ms[run.spikes.gids == k]
            # See test_cell.py: a spike may come a sample later.
            np.testing.assert_allclose(times, table["t_ms"][rows], rtol=0, atol=0.025 + 1e-6)


def test_a_later_step_gives_the_published_input_resistance(oracle):
    table = oracle("mli_rest_rin")
    for i, population in enumerate(table["cell"]):
        bias = CurrentStep(population, float(table["bias_nA"][i]))
        step = CurrentStep(population, float(table["step_nA"][i]), start_ms=1000)
        run = simulate_alone(
            population, 1, stimuli=[bias, step], duration_ms=2000, record={"v": [0]}
        )
        v = run.traces["voltage"].values[:, 0]
        before, after = v[round(999 / 0.025)], v[-1]
        assert before == pytest.approx(table["v_before_mV"][i], abs=1e-4)
        assert after == pytest.approx(table["v_after_mV"][i], abs=1e-4)


def test_a_saved_run_can_be_repeated_from_its_manifest(network, tmp_path):
    run = simulate(network, stimuli=ALL_KINDS, record={"v": [0, 3]}, out=tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    stored = loaded.manifest["stimuli"]
    assert [one["kind"] for one in stored] == [
        *("noise", "step", "ramp", "sine", "pulses", "samples")
    ]
    again = simulate(network, stimuli=stored, record={"v": [0, 3]})
    assert again.manifest["stimuli"] == run.manifest["stimuli"]
    assert stored == run.manifest["stimuli"]
    assert again.spikes == loaded.spikes
    assert again.traces["voltage"].values.tobytes() == run.traces["voltage"].values.tobytes()


def test_a_run_without_stimuli_has_no_entry_in_its_manifest(network):
    assert "stimuli" not in simulate(network, duration_ms=1).manifest


def test_blocked_inputs_act_like_a_network_without_them(network):
    """Each input alone: its synapses have no effect, and its cells fire as before."""
    cf = network.population("CF")
    cf_spikes = SpikeTrains(np.full(cf.n_cells, 20.0), np.array(cf.gids))
    nothing = SpikeTrains(np.empty(0), np.empty(0, dtype=int))
    options = {"cf_sync": None, "cf_spikes": cf_spikes, "record": {"v": [0, 22]}}
    without = {
        "pf": {"pf_spikes": nothing},
        "cf": {"cf_spikes": nothing},
        "mli": {
            "parameters": {"connections": {"inhibitory_weight_pS": 0, "mli2_to_mli1_weight_pS": 0}}
        },
        "gap": {"parameters": {"connections": {"gap_conductance_nS": 0}}},
    }
    whole = simulate(network, **options).traces["voltage"].values
    for name, changed in without.items():
        blocked = simulate(network, stimuli=SynapticBlock(name), **options)
        other = simulate(network, **options | changed)
        assert (
            blocked.traces["voltage"].values.tobytes() == other.traces["voltage"].values.tobytes()
        )
        assert not np.array_equal(blocked.traces["voltage"].values, whole)
        assert len(blocked.of("CF").times_ms) == cf.n_cells
        assert len(blocked.of("PF").times_ms) > 0
        assert blocked.manifest["parameters"] == simulate(network, **options).manifest["parameters"]


def test_a_block_acts_within_its_window_on_every_engine(network):
    """Events are blocked by the time at which they reach the synapses, 0.05 ms after PF spikes."""
    record = {"v": [0, 1]}
    free, own, neuron = (
        simulate(network, engine, stimuli=stimuli, record=record)
        for engine, stimuli in (
            ("numba", ()),
            ("numba", "block pf 10ms-20ms"),
            ("neuron", "block pf 10ms-20ms"),
        )
    )
    potentials, blocked = free.traces["voltage"].values, own.traces["voltage"].values
    assert np.array_equal(potentials[:400], blocked[:400])
    assert np.abs(potentials - blocked)[410:800].max() > 0.01
    np.testing.assert_allclose(neuron.traces["voltage"].values, blocked, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("stimulus", "message"),
    [
        ("cf 50ms", "cf: it is a stimulus of the Purkinje cell. Give spikes of the network as"),
        ("pf spiny 3 50ms", "pf at spiny: it is a stimulus of the Purkinje cell"),
        ("block mli 5ms-9ms", "block: mli can only be blocked for the whole run"),
        ("block gap 5ms-", "block: gap can only be blocked for the whole run"),
    ],
)
def test_what_cannot_be_done_to_a_network_is_refused(network, stimulus, message):
    with pytest.raises(InputError, match=message):
        simulate(network, stimuli=stimulus)


def test_a_place_is_a_type_of_cell_with_or_without_numbers(network):
    n_mli1 = network.population("MLI1").n_cells

    def at(place):
        return gids_at(CurrentStep(place, 1.0), network).tolist()

    assert at("MLI1") == at("MLI1[all]") == list(range(n_mli1))
    assert at("MLI1[3]") == [3]
    assert at("MLI1[5, 0-2,1]") == [0, 1, 2, 5]
    assert at("MLI2[0]") == [n_mli1]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("soma", "step at soma: the molecular layer has no such place. Give cells such as MLI1"),
        ("PF[3]", "the molecular layer has no such place"),
        ("MLI1[21]", "has no such cell. Its MLI1 are 0 to 20"),
        ("MLI1[]", "'' is not a cell or a range of cells"),
        ("MLI1[3-1]", "'3-1' is not a cell or a range of cells"),
        ("MLI1[-1]", "'-1' is not a cell or a range of cells"),
    ],
)
def test_an_unknown_place_is_refused_before_the_simulation(network, place, message):
    with pytest.raises(InputError, match=message):
        simulate(network, stimuli=CurrentStep(place, 1.0))


def test_a_type_without_cells_is_refused():
    network = Network({"MLI1": 1}, NO_SYNAPSES, NO_GAPS)
    with pytest.raises(InputError, match="Its MLI2 are no cell"):
        gids_at(CurrentStep("MLI2", 1.0), network)
