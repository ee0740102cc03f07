"""Conductance and current of synapses: closed form, engines, voltage clamp, names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import population_ranges
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.plots.traces import plot_traces
from cerebella.purkinje.own_engine.integrate import advance_to, set_up
from cerebella.purkinje.own_engine.sampling import plan_recorder
from cerebella.purkinje.planned_run import draw_synapses
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.quantities import quantities_of
from cerebella.purkinje.request import PurkinjeRequest, pack
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.purkinje.synaptic_conductance import conductance_nS
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run
from cerebella.stimuli.synaptic import CFSpikes, PFVolley

STEP_MS = 0.02
PARAMETERS = PurkinjeParameters()
CONNECTIONS = PARAMETERS.connections
PF, INHIBITION, CF = range(len(KINDS))

COUNTS = {cell_type.name: 2 for cell_type in CELL_TYPES}
SPIKES = SpikeTrains(
    np.linspace(0, 2, 2 * len(COUNTS)),
    np.arange(2 * len(COUNTS)),
    population_ranges(COUNTS),
    duration_ms=20.0,
)
FIBERS = [CFSpikes((1.0,)), PFVolley("spiny", 3, (2.0,))]
SETTINGS = {"connections": {"mli_per_um": 2.0, "pf_rate_Hz": 300.0, "cf_time_ms": None}}


def events_at(*rows):
    """Events of (kind, compartment, weight in µS, steps)."""
    kind, compartment, weight, steps = zip(*rows, strict=True)
    synapse = np.repeat(np.arange(len(rows)), [len(own) for own in steps])
    step = np.concatenate(steps)
    order = np.argsort(step, kind="stable")
    return SynapticEvents(
        np.array(compartment),
        np.array(kind),
        np.array(weight),
        synapse[order],
        STEP_MS * step[order],
    )


def simulate(morphology, record, **options):
    options = {"duration_ms": 6, "stimuli": FIBERS, "parameters": SETTINGS} | options
    return simulate_purkinje(
        SPIKES, network=COUNTS, morphology=morphology, record=record, progress=False, **options
    )


def double_exponential(times_ms, kinetics):
    """Difference of two exponentials from 0 ms on, with a peak of 1."""
    rise, decay = kinetics.tau_rise_ms, kinetics.tau_decay_ms
    after = np.maximum(times_ms, 0)
    fine = np.linspace(0, 20, 200_001)
    course, scale = (np.exp(-t / decay) - np.exp(-t / rise) for t in (after, fine))
    return course / scale.max()


@pytest.mark.parametrize("kind", range(3), ids=KINDS)
@pytest.mark.parametrize("first", [0, 7])
def test_one_event_gives_a_double_exponential_with_a_peak_of_its_weight(kind, first):
    events = events_at((kind, 5, 2e-4, [first]))
    found = conductance_nS(events, KINDS[kind], np.array([5, 6]), 1, 2001, PARAMETERS)
    course = double_exponential(
        STEP_MS * (np.arange(2001) - first), getattr(CONNECTIONS, KINDS[kind])
    )
    np.testing.assert_allclose(found[:, 0], 0.2 * course, rtol=0, atol=1e-9)
    assert found[first, 0] == 0
    assert found[:, 0].max() == pytest.approx(0.2, rel=1e-3)
    assert not found[:, 1].any()


def test_events_of_one_kind_on_a_compartment_add_up_and_others_do_not_count():
    together = events_at((PF, 5, 2e-4, [0, 40, 40, 43]), (CF, 5, 1e-2, [10]), (PF, 6, 2e-4, [41]))
    found = conductance_nS(together, "pf", np.array([5]), 1, 1001, PARAMETERS)[:, 0]
    times_ms = STEP_MS * np.arange(1001)
    expected = sum(
        0.2 * double_exponential(times_ms - STEP_MS * step, CONNECTIONS.pf)
        for step in (0, 40, 40, 43)
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("every", [2, 5, 7])
def test_coarser_sampling_gives_the_same_values(every):
    events = events_at((PF, 1, 2e-4, [0, 3, 5, 98, 100]), (PF, 2, 1e-4, [4]))
    options = KINDS[PF], np.array([1, 2])
    fine = conductance_nS(events, *options, 1, 101, PARAMETERS)
    coarse = conductance_nS(events, *options, every, 100 // every + 1, PARAMETERS)
    np.testing.assert_allclose(coarse, fine[::every], rtol=1e-12, atol=1e-18)


def test_conductances_are_those_of_the_states_of_the_own_engine(spiny_cell):
    rows = [(PF, 8, 2e-4, [0, 3, 120]), (INHIBITION, 6, 3e-4, [17]), (CF, 1, 1e-2, [50, 51])]
    events = events_at(*rows)
    simulation = set_up(PARAMETERS, spiny_cell, events, in_doubles=True)
    plan = plan_recorder(simulation.cell, ())
    for first, stop in ((0, 51), (51, 120), (120, 200)):
        advance_to(stop, simulation, first, plan)
        for kind, compartment, *_ in rows:
            a, b = simulation.synapses.states[kind, :, simulation.cell.place[compartment]]
            one = np.array([compartment])
            found = conductance_nS(events, KINDS[kind], one, 1, stop + 1, PARAMETERS)
            assert found[-1, 0] == pytest.approx(1e3 * (b - a), rel=1e-9, abs=1e-15)


def test_conductances_are_those_of_the_point_processes_of_neuron(
    purkinje_library, spiny_cell, tmp_path
):
    """NEURON shows a conductance when it has entered a step: one step later."""
    options = {"duration_ms": 6, "engine": "neuron", "stimuli": FIBERS, "parameters": SETTINGS}
    request = PurkinjeRequest.model_validate(options)
    _, _, events = draw_synapses(spiny_cell, request, PresynapticNetwork.of(SPIKES, COUNTS))
    packed = pack(request, spiny_cell, events)
    (tmp_path / "request.json").write_text(json.dumps(packed.values))
    np.savez(tmp_path / "arrays.npz", allow_pickle=False, **packed.arrays)
    files = (tmp_path / name for name in ("request.json", "arrays.npz", "g.npy"))
    script = Path(__file__).with_name("synapses_in_neuron.py")
    command = [sys.executable, script, purkinje_library.folder, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(events.synapse_kind.tolist()) == {PF, INHIBITION, CF}
    for synapse, g_uS in enumerate(np.load(tmp_path / "g.npy")):
        kind, compartment = events.synapse_kind[synapse], events.synapse_compartment[[synapse]]
        found = conductance_nS(events, KINDS[kind], compartment, 1, len(g_uS), PARAMETERS)[:, 0]
        assert found.max() > 1e-3
        np.testing.assert_allclose(1e3 * g_uS[1:], found[:-1], rtol=0, atol=1e-12 * found.max())


PROBES = [f"all.{quantity}_{kind}@0.02ms" for quantity in "gi" for kind in KINDS]


def test_conductances_and_currents_are_the_same_on_all_engines(spiny_cell):
    engines = ("numba", Numba(precision="double"), "neuron", "coreneuron")
    reference, *others = (simulate(spiny_cell, PROBES, engine=engine) for engine in engines)
    assert len(reference.traces) == 6
    for name, expected in reference.traces.items():
        size = np.abs(expected.values).max()
        assert size > 1e-4
        tolerance = 0 if expected.unit == "nS" else 5e-6 * size
        for run in others:
            np.testing.assert_allclose(run.traces[name].values, expected.values, 0, tolerance)


def test_a_current_is_conductance_times_driving_force_at_the_time_of_the_sample(spiny_cell):
    run = simulate(spiny_cell, [*PROBES, "all.v@0.02ms"])
    v = run.traces["probe_v_0_02ms"]
    for kind in KINDS:
        g, i = (run.traces[f"probe_{quantity}_{kind}_0_02ms"] for quantity in "gi")
        assert (g.unit, i.unit, i.variable) == ("nS", "nA", f"i_{kind}")
        there = [
            k
            for k, place in enumerate(zip(v.sections, v.positions, strict=True))
            if place in set(zip(g.sections, g.positions, strict=True))
        ]
        driving_mV = v.values[:, there] - getattr(CONNECTIONS, kind).reversal_mV
        size = np.abs(i.values).max()
        np.testing.assert_allclose(i.values, 1e-3 * g.values * driving_mV, 0, 1e-6 * size)


@pytest.mark.parametrize("engine", ["numba", "neuron"])
def test_a_voltage_clamp_gives_the_current_of_the_synapses(spiny_cell, engine):
    """In a cell held everywhere, synapses change the current of the clamp by their own."""
    clamp = "clamp all -70mV 0ms series_resistance=1e-6MOhm"
    blocked, run = (
        simulate(spiny_cell, PROBES, engine=engine, stimuli=[*FIBERS, clamp, *more])
        for more in (["block all"], [])
    )
    into_cell = (run.traces["clamp"].values - blocked.traces["clamp"].values)[1:]
    total = np.zeros_like(into_cell)
    regions = compute_compartments(spiny_cell).region
    for kind in KINDS:
        traces = run.traces[f"probe_i_{kind}_0_02ms"]
        there = [
            REGIONS.index(r) for r in REGIONS if f"i_{kind}" in quantities_of(r, PARAMETERS.cell)
        ]
        total[:, np.isin(regions, there)] += traces.values[:-1]
    assert np.abs(total).max(axis=0)[regions != REGIONS.index("ais")].min() > 1e-4
    np.testing.assert_allclose(into_cell, total, rtol=0, atol=2e-5 * np.abs(total).max())
    charge_pC, expected_pC = (STEP_MS * current.sum(axis=0) for current in (into_cell, total))
    np.testing.assert_allclose(charge_pC, expected_pC, rtol=1e-3, atol=1e-5)


def test_synapses_exist_where_they_can_be():
    found = {
        region: {
            name for name, one in quantities_of(region, PARAMETERS.cell).items() if one.synapse
        }
        for region in REGIONS
    }
    assert found == {
        "soma": {"g_cf", "i_cf"},
        "ais": set(),
        "smooth": {"g_inhibition", "i_inhibition", "g_cf", "i_cf"},
        "spiny": {"g_pf", "i_pf", "g_inhibition", "i_inhibition"},
    }


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ("spiny.g_cf", "spiny has no quantity 'g_cf'. There are v, calcium, {g,i}_pf, {g,i}_inhib"),
        ("ais.i_inhibition", "ais has no quantity 'i_inhibition'. There are v"),
        ("all.g_mli", "all has no quantity 'g_mli'. There are v, calcium, {g,i}_cf"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(spiny_cell, probe, message):
    with pytest.raises(InputError, match=message):
        simulate(spiny_cell, [probe])


def test_traces_have_places_in_files_and_figures(spiny_cell, tmp_path):
    probes = ["soma.g_cf", "spiny.g_pf", "spiny[35um].i_pf@0.02ms"]
    simulate(spiny_cell, probes).save(tmp_path / "run")
    run = load_run(tmp_path / "run")
    of_pf = run.traces.at("spiny[35um].g_pf")
    assert (of_pf.sections.tolist(), of_pf.values.shape) == (["dendA1_0"], (61, 1))
    assert run.traces.at("spiny[35um].i_pf@0.02ms").values.shape == (301, 1)
    assert run.traces.at("soma.g_cf").values.max() > 1
    figure = plot_traces(run, ["soma", "spiny[35um]"])
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels == ["g_cf\n(nS)", "g_pf\n(nS)", "i_pf\n(nA)"]
