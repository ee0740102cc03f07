"""The engine of this package against CoreNEURON: the same spikes of whole networks."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.molecular_layer import engines, wiring
from cerebella.molecular_layer.engines import choose_engine
from cerebella.molecular_layer.own_engine import integrate
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.results.spikes import SpikeTrains

NO_GAPS = GapJunctions(*[np.empty(0)] * 6)


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=5, scale=0.1)


def simulate(network, engine, **options):
    """Simulate with all CFs at 20 ms, which need no long run."""
    cf = network.population("CF")
    cf_spikes = SpikeTrains(np.full(cf.n_cells, 20.0), np.array(cf.gids, dtype=int))
    options = {"duration_ms": 60, "cf_spikes": cf_spikes, "progress": False} | options
    return simulate_mli(network, engine=engine, **options)


def with_cf_on_mli1(network):
    """Return a network with climbing fibers also on the dendrites of MLI1s."""
    table, cf = network.synapses, network.population("CF")
    columns = {
        "source_gid": np.full(12, cf.first_gid),
        "target_gid": np.arange(12) % 5,
        "dendrite": np.arange(12),
        "x": np.linspace(0, 1, 12),
    }
    more = {name: np.append(getattr(table, name), values) for name, values in columns.items()}
    return replace(network, synapses=Synapses(**more))


VARIANTS = {
    "as published": (lambda network: network, {}),
    "climbing fibers on MLI1s": (with_cf_on_mli1, {}),
    "without gap junctions": (lambda network: replace(network, gap_junctions=NO_GAPS), {}),
    "other parameters": (
        lambda network: network,
        {
            "parameters": {
                "cell": {"kv_S_per_cm2": 0.4, "temperature_C": 30, "initial_v_mV": -60},
                "mli1": {"distal_compartments": 3},
                "mli2": {"bias_nA": 0.03},
                "connections": {"gap_conductance_nS": 1.5, "pf_rate_Hz": 20},
                "time_step_ms": 0.0125,
            }
        },
    ),
    "starting above threshold": (
        lambda network: network,
        {"parameters": {"cell": {"initial_v_mV": -20}}, "duration_ms": 10},
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_spikes_and_potentials_are_those_of_coreneuron(network, variant):
    change, options = VARIANTS[variant]
    changed = change(network)
    record = {"v": [0, 3, changed.population("MLI2").first_gid]}
    own, reference = (
        simulate(changed, engine, record=record, **options) for engine in (Numba(), "coreneuron")
    )
    assert len(reference.spikes.of("MLI1")) > 10
    assert own.spikes == reference.spikes
    expected = reference.traces["voltage"].values
    potentials = own.traces["voltage"].values
    np.testing.assert_allclose(potentials, expected, rtol=0, atol=1e-3)


def test_legs_do_not_change_a_byte(network, monkeypatch):
    whole = simulate(network, Numba(), record={"v": [1]})
    monkeypatch.setattr(integrate, "_LEG_MS", 0.7)
    parts = simulate(network, Numba(), record={"v": [1]})
    assert parts.spikes.times_ms.tobytes() == whole.spikes.times_ms.tobytes()
    potentials = (run.traces["voltage"].values.tobytes() for run in (parts, whole))
    assert len({*potentials}) == 1


def test_interruption_ends_the_run(network):
    class StopError(Exception):
        pass

    def interrupt(fraction):
        if fraction > 0.4:
            raise StopError

    with pytest.raises(StopError):
        simulate(network, Numba(), progress=interrupt)


def test_threads_are_refused(network):
    with pytest.raises(InputError, match="`threads` is 2"):
        simulate(network, Numba(threads=2))


@pytest.mark.slow
@pytest.mark.parametrize("level", range(9))
@pytest.mark.parametrize(("seed", "trials"), [(0, (1, 2, 3, 4, 5)), (1, (1,)), (2, (1,))])
def test_300_ms_of_whole_networks(seed, trials, level):
    network = generate_network(seed=seed)
    for trial in trials:
        options = {"cf_sync": level, "trial": trial, "record": {"v": [0, 250]}, "progress": False}
        own, reference = (
            simulate_mli(network, engine=engine, **options) for engine in ("numba", "coreneuron")
        )
        assert own.spikes == reference.spikes
        expected = reference.traces["voltage"].values
        difference = np.abs(own.traces["voltage"].values - expected)
        # Rounding grows to some 1e-3 mV on the flanks of the last spikes.
        assert difference[:10_000].max() < 1e-3
        assert np.median(difference) < 1e-7


@pytest.mark.slow
def test_300_ms_of_a_network_of_ten_times_the_size():
    network = generate_network(seed=0, scale=10)
    own, reference = (
        simulate_mli(network, cf_sync=8, engine=engine, progress=False).spikes
        for engine in ("numba", "coreneuron")
    )
    assert own == reference


BYTES = """
import hashlib
import cerebella as cb
network = cb.generate_network(seed=5, scale=0.1)
run = cb.simulate_mli(
    network, duration_ms=60, engine="numba", record={"v": [0, 25]}, progress=False
)
content = run.spikes.times_ms.tobytes() + run.traces["voltage"].values.tobytes()
print(hashlib.sha256(content).hexdigest())
"""


@pytest.mark.slow
def test_results_are_the_same_bytes_on_older_processors(tmp_path):
    """With all instructions of this one, with AVX2, and without fused products."""
    digests = set()
    for number, target in enumerate(
        ({}, {"NUMBA_CPU_NAME": "haswell"}, {"NUMBA_CPU_NAME": "nocona"})
    ):
        features = {"NUMBA_CPU_FEATURES": ""} if target else {}
        environment = (
            os.environ | target | features | {"CEREBELLA_CACHE": str(tmp_path / str(number))}
        )
        done = subprocess.run(
            [sys.executable, "-c", BYTES],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_without_ranks_it_is_the_default(monkeypatch):
    assert choose_engine("auto") == Numba()
    assert choose_engine("auto", ranks=2) == CoreNeuron(ranks=2)
    monkeypatch.setattr(engines, "ranks_of_launcher", lambda: 3)
    assert choose_engine("auto") == CoreNeuron()
    assert choose_engine("numba") == Numba()


def test_levels_of_one_trial_share_the_wiring_and_spikes_are_those_of_single_runs(
    network, monkeypatch
):
    runs = [
        {"cf_sync": 0, "cf_spikes": None},
        {"cf_sync": 8, "cf_spikes": None},
        {"trial": 2},
        {"trial": 2, "seed": 3},
        {"trial": 2, "seed": 3, "w2_pS": 20.0},
        {},
    ]
    alone = [simulate(replace(network), "numba", **options).spikes for options in runs]
    wired, wire_rank = [], wiring.wire_rank
    monkeypatch.setattr(
        wiring, "wire_rank", lambda *of, **names: wired.append(names) or wire_rank(*of, **names)
    )
    shared = replace(network)
    assert [simulate(shared, "numba", **options).spikes for options in runs] == alone
    assert [(one["trial"], one["seed"]) for one in wired] == [
        (1, 0),
        (2, 0),
        (2, 3),
        (2, 3),
        (1, 0),
    ]
