"""`simulate_purkinje` from spikes to a run directory, its engines, and the published trial."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from scipy.signal import find_peaks

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError, SimulationError
from cerebella.morphology.preparation.prepare import prepare_morphology
from cerebella.network.load import load_cell_counts
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje import integrate
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.condition import Condition
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.load import load_run
from cerebella.runs.run import Run

COUNTS = {
    "MLI1": 20,
    "MLI2": 6,
    "PF_PC_MLI1": 300,
    "PF_PC_MLI2": 200,
    "PF_PC_MLI1_MLI2": 20,
    "PF_MLI1_MLI2": 10,
    "PF_MLI1": 50,
    "PF_MLI2": 20,
    "CF": 4,
}


@pytest.fixture(scope="module")
def network_spikes():
    """Spikes of a small network, 40 ms: MLIs at 35 Hz, PFs at 4 Hz."""
    draw = np.random.default_rng(5)
    populations = (
        Population("MLI1", 0, 20),
        Population("MLI2", 20, 6),
        Population("PF", 26, 600),
        Population("CF", 626, 4),
    )
    gids = np.concatenate([draw.integers(0, 26, 40), draw.integers(26, 626, 100)])
    times = 0.025 * draw.integers(0, 1600, len(gids))
    return SpikeTrains(times, gids, populations, 40.0)


def simulate_small(network_spikes, **options):
    return simulate_purkinje(network_spikes, network=COUNTS, **options)


@pytest.fixture(scope="module")
def simulation(network_spikes):
    """Twenty milliseconds of the default cell, everything recorded."""
    return simulate_small(network_spikes, duration_ms=20, record=("soma_v", "calcium", "v"))


def test_the_papers_of_its_network_are_cited(network_spikes):
    manifest = {"kind": "mli", "engine": "neuron", "cite": ["ma2020", "rowan2018"]}
    network = Run(manifest, spikes=network_spikes)
    run = simulate_small(network, duration_ms=0.1, record=("soma_v",))
    assert set(run.manifest["cite"]) > {"zang2018", "ma2020", "rowan2018"}


def test_recordings_have_their_own_sampling_steps(simulation):
    soma_v, calcium, v = (simulation.traces[name] for name in ("soma_v", "calcium", "v"))
    assert len(soma_v.times_ms) == 1001
    assert soma_v.sampling_step_ms == pytest.approx(0.02)
    assert len(calcium.times_ms) == len(v.times_ms) == 201
    assert calcium.sampling_step_ms == pytest.approx(0.1)
    assert calcium.values.shape[1] == int(simulation.morphology.n_compartments.sum())


def test_soma_voltage_is_that_of_its_compartment(simulation):
    soma_v, v = simulation.traces["soma_v"], simulation.traces["v"]
    soma = np.flatnonzero(v.sections == simulation.morphology.section_names[0])
    center = soma[np.isclose(v.positions[soma], 0.55)][0]
    np.testing.assert_allclose(v.values[:, center], soma_v.values[::5, 0], rtol=0, atol=1e-4)


def test_calcium_starts_at_neurons_default_and_is_positive(simulation):
    calcium = simulation.traces["calcium"].values
    np.testing.assert_allclose(calcium[0], 5e-5, rtol=1e-6)
    assert (calcium > 0).all()


def test_a_run_directory_holds_everything(simulation, tmp_path):
    simulation.save(tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert run.manifest["kind"] == "purkinje"
    assert run.spikes == simulation.spikes
    assert run.spikes.population("PC").first_gid == sum(COUNTS.values())
    for name, traces in simulation.traces.items():
        np.testing.assert_array_equal(run.traces[name].values, traces.values)
    cell = run.morphology
    assert cell.section_names == simulation.morphology.section_names
    np.testing.assert_array_equal(cell.points_um, simulation.morphology.points_um)


def test_the_same_arguments_give_the_same_bytes_and_another_trial_does_not(network_spikes):
    first, again, other = (
        simulate_small(network_spikes, duration_ms=8, record=("soma_v",), trial=trial)
        for trial in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.traces["soma_v"].values, again.traces["soma_v"].values)
    assert not np.array_equal(first.traces["soma_v"].values, other.traces["soma_v"].values)


# Largest difference from CoreNEURON in 12 ms, in mV: that of the order of summation, and of
# single precision.
ENGINES = {"neuron": 1e-6, "numba": 2e-5, "double": 1e-6}


@pytest.fixture(scope="module")
def reference(network_spikes):
    """Twelve milliseconds on CoreNEURON."""
    return simulate_small(network_spikes, duration_ms=12, engine="coreneuron")


@pytest.mark.parametrize("name", ENGINES)
def test_all_engines_integrate_the_same_cell(network_spikes, reference, name):
    engine = Numba(precision="double") if name == "double" else name
    run = simulate_small(network_spikes, duration_ms=12, engine=engine)
    voltage, expected = (r.traces["soma_v"].values[:, 0] for r in (run, reference))
    np.testing.assert_allclose(voltage, expected, rtol=0, atol=ENGINES[name])
    calcium, expected = (r.traces["calcium"].values for r in (run, reference))
    np.testing.assert_allclose(calcium, expected, rtol=1e-5)


def test_the_climbing_fiber_fires_when_it_is_told(network_spikes):
    spiking = simulate_small(network_spikes, duration_ms=12, record=("soma_v",), cf_time_ms=5)
    quiet = simulate_small(network_spikes, duration_ms=12, record=("soma_v",))
    difference = spiking.traces["soma_v"].values - quiet.traces["soma_v"].values
    times = spiking.traces["soma_v"].times_ms
    assert np.abs(difference[times < 5.05]).max() == 0
    assert difference[(times > 5.1) & (times < 6)].max() > 20


def test_manifest_contains_the_request(simulation):
    manifest = json.loads(json.dumps(simulation.manifest))
    assert manifest["morphology"]["n_sections"] == 1137
    assert manifest["synapses"]["cf_synapses"] == 500
    assert manifest["peak_memory_MB"] > 0
    assert dataclasses.replace(simulation.condition, settings=()) == Condition(
        network="network", morphology="default", pf_scale=12, cf_scale=29, trial=1
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duration_ms": 0}, "`duration_ms` is 0"),
        ({"duration_ms": 80}, r"`duration_ms` is 80, but the spikes end at 40 ms"),
        ({"pf_scale": -1}, "`pf_scale` is -1"),
        ({"cf_scale": float("nan")}, "`cf_scale` is nan"),
        ({"record": ("soma",)}, "record"),
        ({"record_dt_ms": 0.03}, r"0\.03 is not a multiple of the time step of 0\.02 ms"),
        ({"record_dt_ms": 0}, "`record_dt_ms` is 0"),
        ({"engine": "brian"}, "engine"),
        ({"pf_table": "nowhere.csv"}, "nowhere.csv"),
        ({"network": {**COUNTS, "CF": 1}}, r"gid \d+ has spikes, but the network has gids"),
        ({"network": None}, "do not specify the cells"),
    ],
)
def test_what_does_not_fit_is_refused(network_spikes, options, message):
    gids = np.append(network_spikes.gids, 629)
    times = np.append(network_spikes.times_ms, 3.0)
    spikes = SpikeTrains(times, gids, network_spikes.populations, 40.0)
    with pytest.raises(InputError, match=message):
        simulate_purkinje(spikes, **({"network": COUNTS} | options))


def test_the_folder_of_a_run_must_be_read_first():
    with pytest.raises(InputError, match="`spikes` is 'run', neither a run nor spike trains"):
        simulate_purkinje("run")


def test_a_run_specifies_its_cells_and_contradictions_are_refused(network_spikes):
    manifest = {"trial": 7, "network": {"cell_counts": COUNTS}}
    source = Run(manifest, spikes=network_spikes)
    with pytest.raises(InputError, match="with 20 MLI1, but the given network has 21"):
        simulate_purkinje(source, network={**COUNTS, "MLI1": 21})
    short = simulate_purkinje(source, duration_ms=0.1, record=("soma_v",))
    assert short.condition.trial == 7


def test_a_crash_is_an_error_that_names_a_log(network_spikes, monkeypatch, tmp_path):
    library = integrate.ensure_mechanisms(integrate.purkinje_mechanisms())
    damaged = dataclasses.replace(library, folder=tmp_path)
    monkeypatch.setattr(integrate, "ensure_mechanisms", lambda *_, **__: damaged)
    with pytest.raises(SimulationError, match=r"its log is (\S+log\.txt)"):
        simulate_small(network_spikes, duration_ms=1, engine="coreneuron")


def replay(traced_cell, published_networks, duration_ms, engine):
    (spikes,) = published_networks.glob("spk_*_cfsync_sync_8_w2_70_trial_11.csv")
    return simulate_purkinje(
        load_run(spikes),
        network=load_cell_counts(published_networks),
        morphology=traced_cell,
        pf_table=published_networks / "pf_syn_table.csv",
        replay_published=True,
        duration_ms=duration_ms,
        record=("soma_v",),
        engine=engine,
    )


@pytest.fixture
def recording(published_purkinje):
    """The published soma voltage of that trial (mV), every 0.02 ms."""
    (file,) = published_purkinje.glob("*_sync_8_trial_11_somav.npz")
    with np.load(file, allow_pickle=False) as arrays:
        return arrays["data"]


REPLAYING = ["coreneuron", "numba", pytest.param(Numba(precision="double"), id="double")]


@pytest.mark.published
@pytest.mark.parametrize("engine", REPLAYING)
def test_the_published_trial_is_replayed(traced_cell, published_networks, recording, engine):
    """The first 30 ms, with the first two spikes and 5000 events; the whole trial is slow."""
    run = replay(traced_cell, published_networks, 30, engine)
    voltage = run.traces["soma_v"].values[:, 0]
    np.testing.assert_allclose(voltage, recording[: len(voltage)], rtol=0, atol=0.005)
    between_spikes = voltage < -50
    np.testing.assert_allclose(
        voltage[between_spikes], recording[: len(voltage)][between_spikes], rtol=0, atol=1e-3
    )


@pytest.mark.slow
@pytest.mark.published
@pytest.mark.parametrize("engine", REPLAYING)
def test_the_whole_published_trial_is_replayed(traced_cell, published_networks, recording, engine):
    """All peaks at the same sample, and small differences, spikes included.

    Measured: 0.002 mV with CoreNEURON, 0.013 in doubles, 0.019 in mixed precision.
    """
    run = replay(traced_cell, published_networks, None, engine)
    voltage = run.traces["soma_v"].values[:, 0]
    assert len(voltage) == len(recording) == 14951
    peaks, published = (find_peaks(v, height=-30)[0] for v in (voltage, recording))
    np.testing.assert_array_equal(peaks, published)
    largest = {"coreneuron": 0.01, "numba": 0.03}.get(engine, 0.02)
    np.testing.assert_allclose(voltage, recording, rtol=0, atol=largest)


@pytest.mark.slow
@pytest.mark.published
def test_the_traced_cell_fires_by_itself_at_41_Hz(traced_cell):
    """Without any input it settles at 41 ± 1 Hz (measured on the published model)."""
    silent = PurkinjeParameters(
        connections=PurkinjeConnectionParameters(
            pf_rate_Hz=0, pf_scale=0, mli_weight_pS=0, cf_time_ms=None
        )
    )
    populations = (Population("MLI1", 0, 1), Population("PF", 1, 1))
    counts = {**dict.fromkeys(COUNTS, 0), "MLI1": 1, "PF_PC_MLI1": 1}
    one = SpikeTrains(np.array([1.0, 1.0]), np.array([0, 1]), populations, 400.0)
    run = simulate_purkinje(
        one, network=counts, morphology=traced_cell, parameters=silent, record=("soma_v",)
    )
    intervals = np.diff(run.spikes.of("PC").times_ms)
    assert 1000 / intervals[-4:].mean() == pytest.approx(41, abs=1)
    assert intervals[-4:].std() < 0.3


RECONSTRUCTIONS = (
    "10-2012-02-09-001",
    *(f"Purkinje-slice-ageP{number}" for number in ("35-3", "35-4", "37-5", "43-6")),
    *("e1cb4a1", "e4cb2a2"),
)


@pytest.mark.published
@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_reconstructions_by_others_run(network_spikes, published_folder, name):
    cell = prepare_morphology(published_folder("morphologies") / f"{name}.CNG.swc").morphology
    run = simulate_small(
        network_spikes, morphology=cell, duration_ms=3, cf_time_ms=1.0, record=("soma_v",)
    )
    soma_v = run.traces["soma_v"].values
    assert np.isfinite(soma_v).all()
    assert soma_v.max() > -40  # the climbing fiber depolarizes


@pytest.mark.published
@pytest.mark.slow
@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_reconstructions_by_others_fire_without_input(network_spikes, published_folder, name):
    """Regularly or in bursts (docs/morphologies.md)."""
    cell = prepare_morphology(published_folder("morphologies") / f"{name}.CNG.swc").morphology
    spikes = dataclasses.replace(network_spikes, duration_ms=400.0)
    silent = {"pf_scale": 0.0, "mli_weight_pS": 0.0, "cf_time_ms": None}
    run = simulate_small(
        spikes, morphology=cell, record=("soma_v",), parameters={"connections": silent}
    )
    assert 20 < len(run.spikes.of("PC").times_ms) / 0.4 < 100
