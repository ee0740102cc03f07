"""Properties of the whole model in short runs, including known errors of other implementations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.olive.perturbations import initial_drive


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    return request.param


def intervals_of(spikes):
    steps = np.repeat(np.arange(len(spikes.offsets) - 1), np.diff(spikes.offsets))
    order = np.lexsort((steps, spikes.ids))
    return np.diff(steps[order])[np.diff(spikes.ids[order].astype(int)) == 0]


def test_parallel_fibers_flip_coins_after_their_refractory_period(make_loop, advance):
    model, state = make_loop("time_step_ms=0.5")
    block, _ = advance(model, state, 20_000, "numba")
    intervals = intervals_of(block.spikes["PF"]) * 0.5
    assert intervals.min() > 5.0
    rate = len(block.spikes["PF"].ids) / 10 / model.circuit.sizes["PF"]
    assert rate == pytest.approx(26.09, rel=0.01)
    flips = np.round((intervals - 5.0) / 0.5)  # geometric: sd² = (1 − p) / p²
    assert flips.mean() == pytest.approx(1 / 0.015, rel=0.01)
    assert flips.std() == pytest.approx(np.sqrt(1 - 0.015) / 0.015, rel=0.02)


def test_mossy_fibers_are_poisson_whatever_the_step(make_loop, advance):
    for dt in (0.1, 1.0):
        model, state = make_loop(f"time_step_ms={dt}", "circuit.scale=2", "drive.mf_rate_Hz=100")
        drive = replace(initial_drive(model.parameters), pf_rate_Hz=0.0)
        block, _ = advance(model, state, round(10_000 / dt), "numba", drive)
        counts = np.bincount(block.spikes["MF"].ids)
        assert counts.mean() == pytest.approx(1000, rel=0.03)
        intervals = intervals_of(block.spikes["MF"]) * dt
        assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.05)


def test_no_cell_fires_while_it_is_refractory(make_loop, advance, engine):
    model, state = make_loop("time_step_ms=0.5")
    strong = replace(initial_drive(model.parameters), pf_rate_Hz=150.0, io_bias_mV_per_ms=30.0)
    block, _ = advance(model, state, 1000, engine, strong)
    for name in ("BC", "PC", "DCN", "IO"):
        intervals = intervals_of(block.spikes[name])
        assert len(intervals)
        assert intervals.min() > model.coefficients.cells[name].hold_steps


def test_the_potential_is_held_at_reset(make_loop, advance, engine):
    cells = {"PC": np.arange(32, dtype=np.int32)}
    model, state = make_loop("time_step_ms=0.5", cells=cells)
    block, _ = advance(model, state, 400, engine)
    spikes = block.spikes["PC"]
    steps = np.repeat(np.arange(400), np.diff(spikes.offsets))
    for step, cell in zip(steps.tolist(), spikes.ids.tolist(), strict=True):
        held = block.voltages["PC"][step : step + 5, cell]
        assert (held == -72).all()


def test_gap_current_is_conserved_and_pulls_cells_together(make_quiet_loop, advance, engine):
    cells = {"IO": np.array([0, 1], np.int32)}
    settings = ["circuit.gap_coupling=zone"]
    model, state = make_quiet_loop(*settings, cells=cells)
    drive = replace(initial_drive(model.parameters), gap_per_ms=0.05)
    state.cells["IO"].v[:2] = [-50.0, -70.0]
    block, _ = advance(model, state, 1, engine, drive)
    # The mean of −60 is the leak reversal: gap currents are equal and opposite, once per junction.
    first, second = block.voltages["IO"][0].astype(float) + 60
    assert first == pytest.approx(-second, abs=1e-5)
    h, leak = 0.05, 0.03
    expected = ((1 - h * leak) * 10 + 0.1 * 0.05 * -20) / (1 + h * leak)
    assert first == pytest.approx(expected, abs=1e-5)


def test_an_isolated_cell_relaxes_with_its_own_time_constant(make_quiet_loop, advance, engine):
    for dt in (0.1, 1.0):
        cells = {"PC": np.array([0], np.int32)}
        model, state = make_quiet_loop(f"time_step_ms={dt}", cells=cells)
        state.cells["PC"].v[0] = -70.0
        block, _ = advance(model, state, round(25 / dt), engine)
        left = (block.voltages["PC"][-1, 0] + 60) / -10
        assert left == pytest.approx(np.exp(-1), rel=2e-3)


@pytest.mark.parametrize(("name", "tau_ms"), [("BC", 10), ("PC", 6), ("DCN", 5), ("IO", 200)])
def test_a_raised_threshold_falls_with_its_own_time_constant(
    make_quiet_loop, advance, engine, name, tau_ms
):
    for dt in (0.1, 1.0):
        model, state = make_quiet_loop(f"time_step_ms={dt}")
        state.cells[name].theta[0] = 110.0  # at rest it is 100
        _, runner = advance(model, state, round(tau_ms / dt), engine)
        left = (runner.state().cells[name].theta[0] - 100) / 10
        assert left == pytest.approx(np.exp(-1), rel=1e-6)


def test_noise_gives_a_passive_cell_the_sd_it_is_named_for(make_quiet_loop, advance):
    for dt in (0.1, 1.0):
        cells = {"IO": np.arange(4, dtype=np.int32)}
        model, state = make_quiet_loop("io.noise_mV=1", f"time_step_ms={dt}", cells=cells)
        block, _ = advance(model, state, round(20_000 / dt), "numba")
        later = block.voltages["IO"][len(block.voltages["IO"]) // 20 :]
        assert later.std(axis=0).mean() == pytest.approx(1.0, rel=0.1)


def test_weights_stay_in_bounds_when_everything_fires(make_loop, advance, engine):
    model, state = make_loop("time_step_ms=1", "plasticity.ltp=0.1", "plasticity.ltd=0.3")
    drive = replace(initial_drive(model.parameters), io_bias_mV_per_ms=4.0)
    _, runner = advance(model, state, 500, engine, drive)
    weights = runner.weights() / 2**26
    assert weights.min() >= 0
    assert weights.max() == 1


def test_charge_per_spike_keeps_basket_cells_at_30_hz_at_either_step(make_loop, advance):
    rates = []
    for dt in (0.1, 1.0):
        model, state = make_loop("circuit.scale=1", f"time_step_ms={dt}")
        block, _ = advance(model, state, round(3000 / dt), "numba")
        rates.append(len(block.spikes["BC"].ids) / 3 / 512)
    assert rates == pytest.approx([30.1, 29.6], rel=0.06)  # measured with a prototype


def test_cutting_inhibition_of_the_olive_frees_it(make_loop, advance):
    model, state = make_loop("time_step_ms=1")
    drive = initial_drive(model.parameters)
    block, _ = advance(model, state, 3000, "numba", drive)
    freed, _ = advance(model, state, 3000, "numba", replace(drive, cut=frozenset({"dcn_io"})))
    assert len(freed.spikes["IO"].ids) > 2 * len(block.spikes["IO"].ids)
