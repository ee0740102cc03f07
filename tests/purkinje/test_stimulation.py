"""Stimuli of the Purkinje cell: on every engine, and in manifests."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.places import compartments_at
from cerebella.network.cell_types import CELL_TYPES
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.planned_run import draw_synapses
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.purkinje.synaptic_events import KINDS
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run
from cerebella.stimuli.synaptic import CFSpikes

NO_CELLS = {cell_type.name: 0 for cell_type in CELL_TYPES}
SILENCE = SpikeTrains(np.empty(0), np.empty(0, dtype=int), (), duration_ms=100.0)
STIMULI = (
    "noise soma 0.5nA interval=0.1ms",
    "step soma 1nA 2ms-7ms",
    "ramp soma 0nA 2nA 5ms-12ms",
    "step spiny[random 20] 20pA 1ms-4ms",
    "noise smooth[50um] 0.3nA interval=0.2ms",
)


def simulate(**options):
    """Simulate an isolated cell: without presynaptic network, but with PFs of its own."""
    options = {"duration_ms": 12, "record": ["soma_v"], "progress": False} | options
    return simulate_purkinje(SILENCE, network=NO_CELLS, **options)


def soma_v(run):
    return run.traces["soma_v"].values[:, 0]


@pytest.fixture(scope="module")
def reference():
    return simulate(stimuli=STIMULI, engine="coreneuron")


@pytest.mark.parametrize(
    ("engine", "tolerance_mV"),
    [("neuron", 1e-6), ("numba", 1e-4), (Numba(precision="double"), 1e-4)],
)
def test_currents_into_soma_and_dendrite_act_alike_on_every_engine(reference, engine, tolerance_mV):
    run = simulate(stimuli=STIMULI, engine=engine)
    assert len(run.of("PC").times_ms) >= 2
    np.testing.assert_array_equal(run.of("PC").times_ms, reference.of("PC").times_ms)
    np.testing.assert_allclose(soma_v(run), soma_v(reference), rtol=0, atol=tolerance_mV)


def test_voltage_clamps_give_the_same_currents_on_every_engine():
    stimuli = [
        "clamp soma -70mV,-30mV,-70mV 1ms,4ms,6ms series_resistance=0.5MOhm",
        "clamp smooth[2] -60mV 1ms stop=5ms",
    ]
    runs = [
        simulate(stimuli=stimuli, engine=engine, duration_ms=8)
        for engine in ("numba", Numba(precision="double"), "neuron", "coreneuron")
    ]
    expected = runs[-1].traces["clamp"]
    assert expected.sections.tolist() == ["soma", "smooth[2]"]
    assert (expected.unit, expected.values.shape) == ("nA", (401, 2))
    assert np.abs(expected.values).max(axis=0).min() > 1
    assert np.abs(soma_v(runs[-1])[150:199] + 70).max() < 1
    for run in runs[:-1]:
        np.testing.assert_allclose(run.traces["clamp"].values, expected.values, rtol=0, atol=1e-5)


def test_a_small_cell_takes_the_same_current_on_own_engine_and_neuron(spiny_cell):
    """A cell of other morphology, whose soma has another number of compartments."""
    options = {"morphology": spiny_cell, "stimuli": "step soma 0.2nA 2ms-8ms", "duration_ms": 8}
    own, neuron = (soma_v(simulate(engine=name, **options)) for name in ("numba", "neuron"))
    without = soma_v(simulate(**options | {"stimuli": ()}))
    assert (own - without)[150:].max() > 1
    np.testing.assert_allclose(own, neuron, rtol=0, atol=1e-3)


def test_a_saved_run_can_be_repeated_from_its_manifest(tmp_path):
    run = simulate(stimuli=STIMULI, duration_ms=3, out=tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    again = simulate(stimuli=loaded.manifest["stimuli"], duration_ms=3)
    assert [one["kind"] for one in again.manifest["stimuli"]] == [
        *("noise", "step", "ramp", "step", "noise")
    ]
    assert soma_v(again).tobytes() == soma_v(run).tobytes()


def test_a_run_without_stimuli_has_no_entry_in_its_manifest():
    assert "stimuli" not in simulate(duration_ms=0.1).manifest


def test_an_unknown_place_is_refused():
    message = r"`stimuli`: step at axon: there is no place 'axon' on default. Places are soma, ais"
    with pytest.raises(InputError, match=message):
        simulate(stimuli="step axon 1nA")


def test_the_climbing_fiber_fires_at_all_given_times():
    twice = simulate(stimuli="cf 3ms,8ms", cf_time_ms=5)
    alone = simulate(cf_time_ms=3)
    before_8 = twice.traces["soma_v"].times_ms <= 8.05
    np.testing.assert_array_equal(soma_v(twice)[before_8], soma_v(alone)[before_8])
    assert (soma_v(twice) - soma_v(alone))[~before_8].max() > 5
    assert twice.manifest["cf_time_ms"] == 3.0
    silent = simulate(stimuli=CFSpikes([]), cf_time_ms=1, duration_ms=0.1)
    assert silent.manifest["cf_time_ms"] is None


def arrivals(stimuli):
    """Compartments and times of PF events of an isolated cell whose other PFs are silent."""
    parameters = PurkinjeParameters(connections=PurkinjeConnectionParameters(pf_rate_Hz=0))
    request = PurkinjeRequest(parameters=parameters, duration_ms=12, stimuli=stimuli)
    source = PresynapticNetwork.of(SILENCE, NO_CELLS)
    placement, _, events = draw_synapses(load_default_morphology(), request, source)
    is_pf = events.synapse_kind[events.event_synapse] == KINDS.index("pf")
    where = events.synapse_compartment[events.event_synapse][is_pf]
    return placement, where, events.event_time_ms[is_pf]


def test_a_volley_reaches_contacts_of_its_place_at_its_times():
    morphology = load_default_morphology()
    placement, where, times = arrivals(["pf spiny[100-150um] 40 2.01ms,6.01ms"])
    assert np.isin(where, compartments_at("spiny[100-150um]", morphology)).all()
    np.testing.assert_allclose(times, np.repeat([2.06, 6.06], 40), rtol=0, atol=1e-9)
    first, second = np.sort(where[:40]), np.sort(where[40:])
    np.testing.assert_array_equal(first, second)
    drawn, counts = np.unique(first, return_counts=True)
    contacts = np.bincount(placement.pf_compartment, minlength=drawn.max() + 1)
    assert (counts <= contacts[drawn]).all()
    _, fewer, _ = arrivals(["pf spiny[100-150um] 10 2ms"])
    assert len(np.setdiff1d(fewer, first)) == 0


def test_a_volley_can_reach_one_branch_alone():
    morphology = load_default_morphology()
    _, where, _ = arrivals(["pf smooth[3]+ 25 2ms"])
    assert len(where) == 25
    assert np.isin(where, compartments_at("smooth[3]+", morphology)).all()


@pytest.mark.parametrize(
    ("stimulus", "message"),
    [
        ("pf spiny[12] 1000 2ms", r"1000 PF contacts cannot be drawn from \d+. Give 1 to"),
        ("pf soma 10 2ms", "10 PF contacts cannot be drawn from 0. Give a spiny place"),
        ("block gap", "block: a Purkinje cell has no gap junctions"),
    ],
)
def test_what_cannot_be_done_to_a_purkinje_cell_is_refused(stimulus, message):
    with pytest.raises(InputError, match=message):
        simulate(stimuli=stimulus)


def test_a_cell_with_all_inputs_blocked_is_one_without_inputs():
    blocked = simulate(stimuli="block all", duration_ms=6, cf_time_ms=3)
    silent = {"connections": {"pf_rate_Hz": 0, "cf_time_ms": None}}
    without = simulate(parameters=silent, duration_ms=6)
    assert soma_v(blocked).tobytes() == soma_v(without).tobytes()
    assert soma_v(blocked).tobytes() != soma_v(simulate(duration_ms=6)).tobytes()
