"""Plasticity of MF→DCN, gated by the activity of Purkinje cells."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import cerebella as cb
from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import state_from_arrays
from cerebella.olive.wiring import UNITS_PER_WEIGHT

GATED = "mf_plasticity.rule=purkinje-gated"
LTP, LTD = 0.0045, 0.0005
ONE = UNITS_PER_WEIGHT
QUICK = (GATED, "mf_plasticity.ltp=0.02", "mf_plasticity.ltd=0.01", "drive.mf_rate_Hz=200")


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    return request.param


@pytest.fixture
def weight_after_spike(make_quiet_loop, advance, put_spike, engine):
    """Weight and conductance of DCN 0 after one MF spike, given its weight and rate of PCs."""

    def run(pc_rate_Hz, *settings, weight=1.0, drive=None, n_steps=10):
        model, state = make_quiet_loop(GATED, *settings)
        state.mf_weights[:] = round(weight * ONE)
        state.pc_rate_Hz[:] = pc_rate_Hz
        put_spike(state, "MF", int(model.circuit.mf_of_dcn[0]))
        if drive is not None:
            drive = replace(initial_drive(model.parameters), **drive)
        after = advance(model, state, n_steps, engine, drive)[1].state()
        changed = (after.mf_weights / ONE).tolist()
        assert changed[1] == pytest.approx(weight, abs=1e-7)  # no spike arrived at DCN 1
        return changed[0], after.conductances["mf_dcn"][0]

    return run


def test_an_mf_spike_potentiates_while_purkinje_cells_pause(weight_after_spike):
    assert weight_after_spike(20.0)[0] == pytest.approx(1 + LTP, abs=1e-7)


def test_an_mf_spike_depresses_while_purkinje_cells_fire(weight_after_spike):
    assert weight_after_spike(80.0)[0] == pytest.approx(1 - LTD, abs=1e-7)


def test_weights_stay_between_0_and_2(weight_after_spike):
    assert weight_after_spike(0.0, weight=1.999)[0] == 2
    assert weight_after_spike(90.0, weight=0.0002)[0] == 0


def test_a_spike_has_the_weight_before_its_change(weight_after_spike):
    for weight in (0.0, 0.5, 2.0):
        conductance = weight_after_spike(0.0, "mf_plasticity.ltp=0.3", weight=weight)[1]
        k = 6 / 0.1 * (1 - math.exp(-0.1 / 6))
        assert conductance == pytest.approx(0.022 * weight * k * math.exp(-0.1 / 6), rel=1e-9)


def test_without_plasticity_weights_are_used_but_do_not_change(weight_after_spike):
    weight, conductance = weight_after_spike(0.0, weight=0.5, drive={"plasticity": False})
    assert weight == 0.5
    assert conductance == weight_after_spike(0.0, weight=0.5)[1]


def test_a_spike_that_is_cut_changes_nothing(weight_after_spike):
    assert weight_after_spike(0.0, drive={"cut": frozenset({"mf_dcn"})})[0] == 1


@pytest.mark.parametrize("step_ms", [0.1, 1.0])
def test_the_rate_of_purkinje_cells_is_averaged_over_its_time_constant(
    make_quiet_loop, advance, put_spike, engine, step_ms
):
    model, state = make_quiet_loop(GATED, f"time_step_ms={step_ms}")
    put_spike(state, "PC", 3)
    n_steps = round(12 / step_ms)  # it arrives after 2 ms
    rate_Hz = advance(model, state, n_steps, engine)[1].state().pc_rate_Hz
    area = 1000 / 16  # the share of one spike of 16 cells, in Hz ms
    expected = area * (1 - math.exp(-step_ms / 20)) / step_ms * math.exp(-(10 + step_ms) / 20)
    assert rate_Hz.tolist() == pytest.approx([expected, 0.0])


def test_weights_are_the_sum_of_potentiations_and_depressions(make_loop, advance, engine):
    model, state = make_loop(*QUICK, "mf_plasticity.pause_rate_Hz=25", "time_step_ms=1")
    n_steps = 400
    block, runner = advance(model, state, n_steps, engine)
    spikes = block.spikes
    pcs, mfs = (np.split(spikes[k].ids, spikes[k].offsets[1:-1]) for k in ("PC", "MF"))
    circuit, expected, kinds = model.circuit, [], set()
    for dcn in range(circuit.sizes["DCN"]):
        weight, rate_Hz = 1.0, 0.0
        for step in range(n_steps):
            rate_Hz *= math.exp(-1 / 20)
            if step >= 2:
                n = np.isin(pcs[step - 2], circuit.purkinje_of_dcn[dcn]).sum()
                rate_Hz += n * 1000 / 16 * (1 - math.exp(-1 / 20))
            if step >= 1:
                n = (mfs[step - 1] == circuit.mf_of_dcn[dcn]).sum()
                weight = min(max(weight + n * (0.02 if rate_Hz < 25 else -0.01), 0), 2)
                kinds |= {rate_Hz < 25} if n else set()
        expected.append(weight)
    assert (runner.state().mf_weights / ONE).tolist() == pytest.approx(expected, abs=1e-5)
    assert kinds == {True, False}


def test_where_blocks_end_and_which_engine_goes_on_changes_nothing(make_loop):
    model, state = make_loop(*QUICK, "time_step_ms=1")
    drive, found = initial_drive(model.parameters), []
    one, other = Numba(threads=1), Numpy()
    for engines in ((one, one), (one, other), (other, one)):
        for ends in (([], [240]), ([100], [101, 240])):
            runner = None
            for engine, own in zip(engines, ends, strict=True):
                start = state if runner is None else runner.state()
                runner = integrator_of(engine, model, state_from_arrays(start.to_arrays()))
                list(runner.blocks([Plan(end, drive) for end in own]))
            assert runner is not None
            found.append(runner.state().to_arrays())
    assert (found[0]["mf_weights"] != ONE).all()
    for name, values in found[0].items():
        assert all(np.array_equal(values, arrays[name]) for arrays in found[1:]), name


def test_weights_of_one_give_the_bits_of_constant_weights(make_loop, advance):
    settings = ("drive.mf_rate_Hz=900", "time_step_ms=1")
    constant, plastic = (
        advance(*make_loop(*settings, *more), 300, "numba")[1].state()
        for more in ((), (GATED, "mf_plasticity.ltp=0", "mf_plasticity.ltd=0"))
    )
    for name in ("mf_dcn", "dcn_io"):
        assert np.array_equal(constant.conductances[name], plastic.conductances[name])
    assert np.array_equal(constant.cells["DCN"].v, plastic.cells["DCN"].v)


def test_checkpoints_of_older_versions_start_with_constant_weights(make_loop):
    arrays = make_loop()[1].to_arrays()
    del arrays["mf_weights"], arrays["pc_rate_Hz"]
    state = state_from_arrays(arrays)
    assert (state.mf_weights == ONE).all()
    assert not state.pc_rate_Hz.any()


@pytest.mark.parametrize("rule", ["off", "purkinje-gated"])
def test_the_weights_of_plastic_mossy_fibers_are_recorded(rule):
    run = cb.simulate_olive(
        {
            "circuit": {"scale": 0.25},
            "mf_plasticity": {"rule": rule, "ltp": 0.02, "pause_rate_Hz": 500},
        },
        dt_ms=1.0, duration_ms=2000.0, engine=cb.Numba(threads=1), progress=False,
    )  # fmt: skip
    assert run.weights is not None
    weights = run.weights.mf_dcn
    if rule == "off":
        assert weights.shape == (3, 0)
        return
    assert weights[0].tolist() == [1, 1]
    n_spikes = np.bincount(run.of("MF").cells[run.of("MF").times_ms < 1999], minlength=2)
    assert weights[-1] == pytest.approx(np.minimum(1 + 0.02 * n_spikes, 2), abs=1e-4)
