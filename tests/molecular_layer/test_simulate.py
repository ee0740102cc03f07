"""`simulate_mli`: equal spikes with all engines, and clear refusals."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from cerebella.errors import InputError, MachineError, SimulationError
from cerebella.molecular_layer import integrate
from cerebella.molecular_layer.engines import ENGINES
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.generate import generate_network
from cerebella.network.network import Network
from cerebella.neuron_backend import workers
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.toolchain import find_mpiexec
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.spikes import SpikeTrains

NO_GAPS = GapJunctions(*[np.empty(0)] * 6)


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=5, scale=0.1)


def early_cf_spikes(network):
    """All CFs at 20 ms: they need no long run."""
    cf = network.population("CF")
    return SpikeTrains(np.full(cf.n_cells, 20.0), np.array(cf.gids))


@pytest.fixture(scope="module")
def reference(network):
    return simulate_mli(
        network, cf_spikes=early_cf_spikes(network), duration_ms=90, engine="coreneuron"
    ).spikes


@pytest.mark.parametrize("engine", [CoreNeuron, Neuron])
@pytest.mark.parametrize(
    "ranks", [1, pytest.param(2, marks=pytest.mark.mpi), pytest.param(5, marks=pytest.mark.mpi)]
)
def test_same_bytes_on_any_ranks_with_either_engine(network, reference, engine, ranks):
    spikes = simulate_mli(
        network, cf_spikes=early_cf_spikes(network), duration_ms=90, engine=engine(ranks=ranks)
    ).spikes
    assert len(reference.of("MLI1")) > 50
    assert spikes.times_ms.tobytes() == reference.times_ms.tobytes()
    assert spikes.gids.tobytes() == reference.gids.tobytes()


LAUNCHED = """
import json, pathlib
import numpy as np
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.launcher import rank_of_launcher
from cerebella.results.spikes import SpikeTrains
network = generate_network(seed=5, scale=0.1)
cf = network.population("CF")
cf_spikes = SpikeTrains(np.full(cf.n_cells, 20.0), np.array(cf.gids))
results = [
    simulate_mli(network, cf_spikes=cf_spikes, duration_ms=40, engine=engine)
    for engine in ("coreneuron", "neuron", "coreneuron")
]
from neuron import h
h.finitialize(-65)
spikes = [r.spikes for r in results]
report = [(r.manifest["ranks"], r.spikes.times_ms.tolist(), r.spikes.gids.tolist())
          for r in results]
pathlib.Path(f"rank{rank_of_launcher()}.json").write_text(json.dumps(report))
"""


def launch(n_ranks, code, folder):
    script = folder / "script.py"
    script.write_text(code)
    return subprocess.run(
        [find_mpiexec(), "-n", str(n_ranks), sys.executable, script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.mpi
def test_a_script_under_a_launcher_simulates_several_times_with_all_its_ranks(
    network, reference, tmp_path
):
    done = launch(3, LAUNCHED, tmp_path)
    assert done.returncode == 0, done.stderr
    expected = reference.between(0, 40)
    assert len(expected.of("MLI1")) > 0
    one = [3, expected.times_ms.tolist(), expected.gids.tolist()]
    for rank in range(3):
        assert json.loads((tmp_path / f"rank{rank}.json").read_text()) == [one] * 3


@pytest.mark.mpi
def test_a_rank_that_fails_ends_the_others(tmp_path):
    code = """
import os
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
network = generate_network(seed=5, scale=0.1)
simulate_mli(network, duration_ms=10)
if os.environ["PMI_RANK"] == "1":
    raise RuntimeError("this rank fails")
simulate_mli(network, duration_ms=10)
"""
    done = launch(2, code, tmp_path)
    assert done.returncode != 0
    assert "this rank fails" in done.stderr


@pytest.mark.mpi
def test_inside_a_launch_another_number_of_ranks_is_refused(network, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "2")
    with pytest.raises(InputError, match="3 ranks were requested inside a launch of 2"):
        simulate_mli(network, engine=CoreNeuron(ranks=3))


def test_engine_neuron_is_neuron_even_after_coreneuron(network, neuron):
    from neuron import coreneuron

    coreneuron.enable = True
    job = MLIRequest(duration_ms=1, engine="neuron")
    inputs = SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64))
    integrate.run_network(integrate.prepare_network(neuron, job, network), inputs)
    assert not coreneuron.enable


def tiny_network(n_mli1=3, n_mli2=0, synapses=((), (), (), ()), gap_junctions=NO_GAPS, n_pf=1):
    counts = {"MLI1": n_mli1, "MLI2": n_mli2, "PF_MLI1_MLI2": n_pf, "CF": 1}
    return Network(counts, Synapses(*map(np.array, synapses)), gap_junctions, {8: np.array([20.0])})


@pytest.mark.mpi
def test_more_ranks_than_gap_junction_cells_do_not_hang():
    """Two coupled cells of three on five ranks: three ranks hold no gap junction, two no cell."""
    network = tiny_network(gap_junctions=GapJunctions([0], [4], [0.8], [1], [7], [0.9]))
    alone = simulate_mli(network, duration_ms=60)
    assert len(alone.spikes.of("MLI1")) > 0
    for engine in (CoreNeuron, Neuron):
        many = simulate_mli(network, duration_ms=60, engine=engine(ranks=5))
        assert many.spikes == alone.spikes


@pytest.mark.mpi
def test_ranks_without_any_gap_junction_in_the_network_do_not_hang():
    network = tiny_network(n_mli1=2)
    alone = simulate_mli(network, duration_ms=50).spikes
    assert len(alone.of("MLI1")) > 0
    assert simulate_mli(network, duration_ms=50, engine=CoreNeuron(ranks=3)).spikes == alone


def test_legs_do_not_change_the_spikes(network, neuron, reference, monkeypatch):
    """Integrated in this process, in legs of 10 ms, on NEURON."""
    monkeypatch.setattr(integrate, "_FIRST_LEG_MS", 10.0)
    monkeypatch.setattr(integrate, "_LONGEST_LEG_MS", 10.0)
    job = MLIRequest(duration_ms=90, engine="neuron")
    inputs = reference.between(0, 90)
    external = inputs.gids >= network.population("PF").first_gid
    inputs = dataclasses.replace(
        inputs, times_ms=inputs.times_ms[external], gids=inputs.gids[external]
    )
    fractions = []
    result = integrate.run_network(
        integrate.prepare_network(neuron, job, network), inputs, fractions.append
    )
    assert len(fractions) == 9
    mli = reference.gids < network.population("PF").first_gid
    order = np.lexsort((result.gids, result.times_ms))
    np.testing.assert_array_equal(result.times_ms[order], reference.times_ms[mli])
    np.testing.assert_array_equal(result.gids[order], reference.gids[mli])


def quiet():
    """Parameters without bias, so that only synapses move the cells."""
    default = MLIParameters()
    off = {"bias_nA": 0.0, "bias_half_range_nA": 0.0}
    return default.model_copy(
        update={
            "mli1": default.mli1.model_copy(update=off),
            "mli2": default.mli2.model_copy(update=off),
        }
    )


def deflection(neuron, network, parameters, population, time_ms):
    """Change of each MLI's soma voltage (mV, largest either way) by a spike of the first cell."""
    n_mli = network.population("PF").first_gid
    job = MLIRequest(
        parameters=parameters, duration_ms=60, engine="neuron", record_v=tuple(range(n_mli))
    )
    gid = network.population(population).first_gid
    with_spike, without = (
        integrate.run_network(
            integrate.prepare_network(neuron, job, network),
            SpikeTrains(np.full(n, time_ms), np.full(n, gid)),
        ).voltage_mV
        for n in (1, 0)
    )
    change = with_spike - without
    return change[np.abs(change).argmax(axis=0), np.arange(n_mli)]


def test_one_pf_spike_depolarizes_a_little_and_one_cf_spike_a_lot(neuron):
    network = tiny_network(n_mli1=1, synapses=([1, 2], [0, 0], [4, 4], [0.5, 0.5]))
    (by_pf,) = deflection(neuron, network, quiet(), "PF", 30.0)
    (by_cf,) = deflection(neuron, network, quiet(), "CF", 30.0)
    assert 0.01 < by_pf < 1
    assert by_cf > 5 * by_pf


def test_mli2_pulls_mli1_toward_minus_65_mV_by_the_weight_w2(neuron):
    """A CF makes the MLI2 spike; below −65 mV that depolarizes the MLI1, and w2 scales it."""
    network = tiny_network(
        n_mli1=1, n_mli2=1, synapses=([3, 3, 3, 3, 1], [1, 1, 1, 1, 0], [0, 1, 2, 3, 4], [0.5] * 5)
    )
    hyperpolarized = quiet()
    hyperpolarized = hyperpolarized.model_copy(
        update={"mli1": hyperpolarized.mli1.model_copy(update={"bias_nA": -0.02})}
    )
    changes = []
    for w2_pS in (0.0, 70.0, 140.0):
        connections = hyperpolarized.connections.model_copy(
            update={"mli2_to_mli1_weight_pS": w2_pS}
        )
        parameters = hyperpolarized.model_copy(update={"connections": connections})
        changes.append(deflection(neuron, network, parameters, "CF", 30.0)[0])
    assert changes[0] == 0
    assert changes[1] > 0.01
    assert changes[2] == pytest.approx(2 * changes[1], rel=0.05)


@pytest.fixture(scope="module")
def recorded(network):
    """The same run on each engine, with the voltages of two cells."""
    return {
        engine: simulate_mli(network, duration_ms=80, record={"v": [0, 3]}, engine=engine)
        for engine in ENGINE_NAMES
    }


ENGINE_NAMES = [engine.name for engine in ENGINES]


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_recorded_voltage_crosses_the_threshold_where_spikes_are(recorded, engine):
    simulation = recorded[engine]
    voltage = simulation.traces["voltage"]
    for column, gid in enumerate((0, 3)):
        v = voltage.values[:, column]
        crossings = voltage.times_ms[1:][(v[1:] > -30) & (v[:-1] <= -30)]
        spikes = simulation.spikes.train(gid)
        assert len(spikes) == len(crossings)
        # Spikes are detected at the soma's end, a fraction of a mV from its middle.
        np.testing.assert_allclose(spikes, crossings, atol=0.0251)


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_every_engine_records_the_same_voltage(recorded, engine):
    plain, values = (recorded[one].traces["voltage"].values for one in ("neuron", engine))
    assert plain.shape == values.shape == (3201, 2)
    np.testing.assert_allclose(values, plain, atol=1e-3)


def test_input_spikes_outside_the_run_do_not_count(network):
    pf = network.population("PF").first_gid
    times = np.array([-3.0, 5.0, 20.0, 21.0, 500.0])
    spikes = simulate_mli(
        network,
        duration_ms=20,
        pf_spikes=SpikeTrains(times, np.full(5, pf)),
        cf_spikes=SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64)),
    ).spikes
    assert spikes.of("PF").times_ms.tolist() == [5.0, 20.0]
    assert len(spikes.of("CF")) == 0


def test_trials_and_seeds_differ(network, reference):
    before_cfs = reference.of("MLI1").between(0, 21).times_ms.tolist()
    assert len(before_cfs) > 0
    for names in ({"trial": 2}, {"seed": 1}):
        spikes = simulate_mli(network, duration_ms=21, **names).spikes.of("MLI1")
        assert spikes.times_ms.tolist() != before_cfs


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ({"cf_sync": 11}, "level 11"),
        ({"duration_ms": -1}, "duration_ms"),
        ({"duration_ms": float("nan")}, "duration_ms"),
        ({"trial": -1}, "trial"),
        ({"replay_published": True, "published_ranks": 0}, "`published_ranks` is 0"),
        ({"published_ranks": 12}, "no published run is replayed"),
        ({"replay_published": True, "seed": 3}, "`seed` is 3"),
        ({"engine": "brian"}, "engine"),
        ({"record": {"v": [10**6]}}, "1000000"),
        ({"record": {"cai": [0]}}, "'cai'"),
        ({"w2_pS": -5}, "w2"),
        ({"w2_pS": float("inf")}, "w2"),
        ({"pf_spikes": SpikeTrains([5.0], [0])}, "gid 0 is not a PF"),
        ({"cf_spikes": SpikeTrains([5.0], [0])}, "gid 0 is not a CF"),
        ({"cf_spikes": SpikeTrains([], []), "cf_sync": 8}, "exclude each other"),
    ],
)
def test_what_cannot_be_is_refused(network, arguments, fragment):
    with pytest.raises(InputError, match=fragment):
        simulate_mli(network, **arguments)


def test_the_folder_of_a_network_must_be_read_first():
    with pytest.raises(
        InputError, match=r"`network` is 'net', not a network\. Use generate_network"
    ):
        simulate_mli("net")


def test_a_network_without_mlis_is_refused():
    with pytest.raises(InputError, match="has no MLI"):
        simulate_mli(tiny_network(n_mli1=0))


def test_without_mpiexec_the_remedy_is_named(network, monkeypatch):
    monkeypatch.setattr(workers.sys, "prefix", "/nowhere")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MachineError, match="pip install mpich"):
        simulate_mli(network, duration_ms=5, engine=CoreNeuron(ranks=2))


def test_a_temporary_folder_that_cannot_be_used_is_named(network, tmp_path, monkeypatch):
    def no_room(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(workers, "write_parcel", no_room)
    with pytest.raises(SimulationError, match=r"No space left.*set TMPDIR"):
        simulate_mli(network, duration_ms=5, engine="coreneuron")


def test_a_crash_in_a_mechanism_is_an_error_that_names_a_log(network, tmp_path, monkeypatch):
    """The caller survives an invalid library in the worker."""
    from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms

    library = ensure_mechanisms(molecular_layer_mechanisms())
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / library.neuron.name).write_bytes(library.neuron.read_bytes())
    (damaged / library.coreneuron.name).write_bytes(b"not a library")
    monkeypatch.setattr(
        integrate,
        "ensure_mechanisms",
        lambda mechanisms, announce: dataclasses.replace(library, folder=damaged),
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # the log outlives the simulation
    with pytest.raises(SimulationError, match=r"its log is (\S+log\.txt)") as caught:
        simulate_mli(network, duration_ms=20, engine="coreneuron")
    log = str(caught.value).partition("its log is ")[2].partition(";")[0]
    assert "libcorenrnmech" in Path(log).read_text()


def test_a_launcher_that_complains_after_the_end_does_not_cost_the_result(network, monkeypatch):
    """MPICH's mpiexec kills ranks that end a moment later than others, and reports status 9."""
    run_to_log = workers.run_to_log

    def complain(*arguments, **options):
        assert run_to_log(*arguments, **options) == 0
        return 9

    monkeypatch.setattr(workers, "run_to_log", complain)
    run = simulate_mli(network, duration_ms=20, engine="coreneuron")
    assert len(run.spikes.of("PF")) > 0
