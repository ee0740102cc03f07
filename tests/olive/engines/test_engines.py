"""The fast engine against the plain one: the same spikes, potentials and weights, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.randomness import seed_of_trial

VARIANTS = {
    "as published": (),
    "1 ms": ("time_step_ms=1",),
    "pairs": ("plasticity.rule=pair", "plasticity.ltp=0.0001", "time_step_ms=0.5"),
    "no plasticity": ("plasticity.rule=off", "time_step_ms=1"),
    "random wiring": ("circuit.wiring=random", "circuit.scale=0.5", "time_step_ms=1"),
    "weights by synapse": ("synapses.pf_bc_sd_per_synapse=true", "time_step_ms=1"),
    "listed synapses": (
        "circuit.pf_per_purkinje=40",
        "circuit.pf_per_bc=40",
        "synapses.pf_purkinje.weight_per_ms=0.01",
        "synapses.pf_bc.weight_per_ms=0.01",
        "time_step_ms=1",
    ),
    "noise everywhere": (
        "purkinje.noise_mV=1",
        "bc.noise_mV=1",
        "dcn.noise_mV=0.5",
        "drive.io_bias_sd_mV_per_ms=0.1",
        "time_step_ms=1",
    ),
    "weights at both bounds": ("plasticity.ltp=1", "plasticity.ltd=0.7", "time_step_ms=1"),
    "listed weights at both bounds": (
        "circuit.pf_per_purkinje=40",
        "synapses.pf_purkinje.weight_per_ms=0.01",
        "plasticity.ltp=1",
        "plasticity.ltd=0.7",
        "time_step_ms=1",
    ),
    "wide coupling": ("circuit.gap_coupling=random", "drive.gap_per_ms=0.2", "time_step_ms=1"),
    "spikes through gap junctions": (
        "circuit.io_per_zone=4",
        "circuit.purkinje_per_zone=16",
        "drive.gap_spike_area_mV_ms=80",
        "drive.io_bias_mV_per_ms=6",
        "io.threshold_max_mV=-40",
        "time_step_ms=0.5",
    ),
    "plastic mossy fibers": (
        "mf_plasticity.rule=purkinje-gated",
        "mf_plasticity.ltp=0.3",
        "mf_plasticity.ltd=0.1",
        "drive.mf_rate_Hz=300",
        "time_step_ms=1",
    ),
    "silent inputs": ("drive.pf_rate_Hz=0", "drive.mf_rate_Hz=0", "time_step_ms=1"),
    "more than 255 PFs in a step": (
        "drive.pf_rate_Hz=400",
        "drive.pf_refractory_ms=0",
        "time_step_ms=1",
    ),
    "other reversal potentials": (
        "synapses.mf_dcn.reversal_mV=-7.3",
        "synapses.pf_purkinje.reversal_mV=3.1",
        "synapses.cf_purkinje.reversal_mV=1.7",
        "synapses.pf_bc.reversal_mV=-2.9",
        "time_step_ms=1",
    ),
    "busy olive": ("drive.io_bias_mV_per_ms=6", "io.threshold_max_mV=-40", "time_step_ms=1"),
}


def _plans(model, n_steps):
    """Four blocks, with everything that can be perturbed perturbed."""
    drive = initial_drive(model.parameters)
    plastic = drive.plasticity
    changed = replace(
        drive, pf_rate_Hz=45.0, mf_rate_Hz=30.0, io_bias_mV_per_ms=2.5, gap_per_ms=0.1
    )
    cut = replace(drive, cut=frozenset({"dcn_io", "bc_purkinje"}), plasticity=False)
    return [
        Plan(n_steps // 4, drive),
        Plan(n_steps // 2, changed),
        Plan(3 * n_steps // 4, cut),
        Plan(n_steps, replace(drive, plasticity=plastic)),
    ]


def assert_same_state(one, other):
    before, after = one.state().to_arrays(), other.state().to_arrays()
    assert before.keys() == after.keys()
    for name, values in before.items():
        assert np.array_equal(values, after[name]), name


@pytest.fixture(scope="module")
def run_plain():
    """Return the numpy engine's blocks and integrator of each variant, which is run once."""
    finished = {}

    def run(variant, model, state, plans):
        if variant not in finished:
            integrator = integrator_of(Numpy(), model, state)
            finished[variant] = list(integrator.blocks(plans)), integrator
        return finished[variant]

    return run


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("threads", [1, 2])
def test_both_engines_give_the_same_bits(make_loop, run_plain, variant, threads):
    cells = {"BC": np.array([3], np.int32), "PC": np.array([0, 5], np.int32)}
    cells["IO"] = np.array([1], np.int32)
    model, state = make_loop(*VARIANTS[variant], cells=cells, every=3)
    plans = _plans(model, round(400 / model.parameters.time_step_ms))
    blocks, plain = run_plain(variant, model, state, plans)
    fast = integrator_of(Numba(threads=threads), model, state)
    for expected, block in zip(blocks, fast.blocks(plans), strict=True):
        assert (expected.first, expected.stop) == (block.first, block.stop)
        for name, spikes in expected.spikes.items():
            assert np.array_equal(spikes.ids, block.spikes[name].ids), name
            assert np.array_equal(spikes.offsets, block.spikes[name].offsets), name
        for name, values in expected.voltages.items():
            assert np.array_equal(values, block.voltages[name]), name
    assert_same_state(plain, fast)
    synapses = np.arange(0, state.weights.size, 1234)
    for mine, theirs in zip(
        plain.weight_sample(20, synapses), fast.weight_sample(20, synapses), strict=True
    ):
        assert np.array_equal(mine, theirs)
    if variant != "silent inputs":
        assert len(blocks[-1].spikes["PC"].ids)


@pytest.mark.parametrize("engine", [Numpy(), Numba(threads=1)])
def test_where_blocks_end_changes_nothing(make_loop, engine):
    model, state = make_loop("time_step_ms=1")
    drive = initial_drive(model.parameters)
    whole = integrator_of(engine, model, state)
    list(whole.blocks([Plan(300, drive)]))
    parts = integrator_of(engine, model, state)
    list(parts.blocks([Plan(1, drive), Plan(2, drive), Plan(117, drive), Plan(300, drive)]))
    assert_same_state(whole, parts)


@pytest.mark.parametrize("engine", [Numpy(), Numba(threads=1)])
def test_a_state_suffices_to_continue(make_loop, engine):
    model, state = make_loop("time_step_ms=1")
    drive = initial_drive(model.parameters)
    whole = integrator_of(engine, model, state)
    list(whole.blocks([Plan(250, drive), Plan(400, drive)]))
    half = integrator_of(engine, model, state)
    list(half.blocks([Plan(250, drive)]))
    other = Numpy() if engine == Numba(threads=1) else Numba(threads=1)
    rest = integrator_of(other, model, half.state())
    list(rest.blocks([Plan(400, drive)]))
    assert_same_state(whole, rest)


def test_a_sample_of_weights_is_one_of_all_weights(make_loop):
    model, state = make_loop("time_step_ms=1")
    engine = integrator_of(Numba(threads=1), model, state)
    list(engine.blocks([Plan(500, initial_drive(model.parameters))]))
    weights = engine.weights() / 2**26
    sample = engine.weight_sample(20, np.array([0, 77]))
    by_zone = weights.reshape(model.circuit.sizes["DCN"], -1)
    assert np.array_equal(sample.histogram, np.histogram(weights, 20, (0, 1))[0])
    assert sample.by_zone == pytest.approx(by_zone.mean(axis=1), rel=1e-12)
    assert sample.mean == pytest.approx(weights.mean(), rel=1e-12)
    assert sample.sd == pytest.approx(weights.std(), rel=1e-9)
    assert np.array_equal(sample.chosen, weights.ravel()[[0, 77]])


def test_another_seed_gives_other_spikes(make_loop):
    trains = []
    for seed in (1, 2):
        model, state = make_loop("time_step_ms=1", seed=seed)
        plan = Plan(200, initial_drive(model.parameters))
        (block,) = integrator_of(Numba(threads=1), model, state).blocks([plan])
        trains.append(block.spikes["PF"].ids)
    assert not np.array_equal(*trains)


def test_both_engines_draw_the_same_streams_for_a_trial(make_loop, advance):
    loops = [make_loop(seed=seed_of_trial(1, trial)) for trial in (1, 2)]
    plain, fast = (
        [advance(*loop, 500, engine)[0].spikes for loop in loops] for engine in ("numpy", "numba")
    )
    for name in ("PF", "MF", "PC"):
        assert not np.array_equal(plain[0][name].ids, plain[1][name].ids)
        assert np.array_equal(plain[1][name].ids, fast[1][name].ids)
