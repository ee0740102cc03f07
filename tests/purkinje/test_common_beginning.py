"""Runs that share their beginning are those of simulations from the start, to the last byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.purkinje.common_beginning import begin_cells
from cerebella.purkinje.own_engine import legs
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains

NETWORK = generate_network(seed=3, scale=0.1)
RECORDED = ("soma_v", "calcium", "v", "spiny[0].ik_kv3@0.1ms")


def layer(volley_ms=(), trial=2):
    """Return a run of the network in which all CFs fire at given times."""
    fibers = NETWORK.population("CF")
    gids = np.tile(np.arange(fibers.first_gid, fibers.first_gid + fibers.n_cells), len(volley_ms))
    spikes = SpikeTrains(np.repeat(np.array(volley_ms), fibers.n_cells), gids)
    return simulate_mli(NETWORK, cf_spikes=spikes, duration_ms=30, trial=trial, progress=False)


def assert_same_run(run, other):
    assert sorted(run.traces) == sorted(other.traces)
    for name, trace in other.traces.items():
        assert run.traces[name].values.tobytes() == trace.values.tobytes(), name
        assert run.traces[name].times_ms.tobytes() == trace.times_ms.tobytes()
    assert run.spikes == other.spikes
    ignored = ("timings_s", "peak_memory_MB", "created")
    manifests = [
        {key: value for key, value in one.manifest.items() if key not in ignored}
        for one in (run, other)
    ]
    assert manifests[0] == manifests[1]


@pytest.fixture
def options(spiny_cell):
    return {"morphology": spiny_cell, "seed": 4, "cf_time_ms": 26.0, "record": RECORDED}


@pytest.fixture
def steps(monkeypatch):
    """The first and last step of each leg that is integrated."""
    advanced = []

    def advance_to(stop, simulation, first, *others):
        advanced.append((first, stop))
        return advance(stop, simulation, first, *others)

    advance = legs.advance_to
    monkeypatch.setattr(legs, "advance_to", advance_to)
    return advanced


def assert_each_is_whole(networks, options):
    finish = begin_cells(networks, **options)
    for network, run in zip(networks, [one() for one in finish], strict=True):
        assert_same_run(run, simulate_purkinje(network, progress=False, **options))


@pytest.mark.parametrize("precision", ["mixed", "double"])
def test_runs_are_those_from_the_start(options, precision):
    options |= {"engine": Numba(precision=precision)}
    assert_each_is_whole([layer(), layer([20.0]), layer([18.1, 22.0])], options)


def test_stimuli_act_in_the_beginning_and_in_the_rest(options):
    stimuli = ["step soma 0.5nA 2ms-28ms", "clamp spiny[0] -60mV 5ms"]
    assert_each_is_whole([layer(), layer([20.0])], options | {"stimuli": stimuli})


def test_the_beginning_is_integrated_once(options, steps):
    networks = [layer(), layer([20.0])]
    finish = begin_cells(networks, **options)
    beginning = max(stop for _, stop in steps)
    assert 20.0 < 0.02 * beginning < 28.0
    for one in finish:
        steps.clear()
        one()
        assert (steps[0][0], steps[-1][1]) == (beginning, 1500)


def test_runs_of_other_trials_differ_from_their_first_spikes_on(options, steps):
    networks = [layer(), layer(trial=3)]
    finish = begin_cells(networks, **options)
    assert steps[-1][1] < 500
    for network, one in zip(networks, finish, strict=True):
        assert_same_run(one(), simulate_purkinje(network, progress=False, **options))


def test_equal_runs_and_a_single_one(options):
    network = layer()
    whole = simulate_purkinje(network, progress=False, **options)
    for networks in ([network], [network, network]):
        for one in begin_cells(networks, **options):
            assert_same_run(one(), whole)


def test_rests_can_be_simulated_in_threads_and_again(options):
    networks = [layer(), layer([20.0])]
    finish = begin_cells(networks, **options)
    with ThreadPoolExecutor(2) as threads:
        together = [future.result() for future in [threads.submit(one) for one in finish]]
    for run, one in zip(together, finish, strict=True):
        assert_same_run(run, one())
