"""What a spike of an olivary cell gives to its partners through gap junctions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

GAP, AREA, LEAK, REST, RESET = 0.05, 80.0, 0.03, -60.0, -70.0
COUPLED = (f"drive.gap_per_ms={GAP}", f"drive.gap_spike_area_mV_ms={AREA}")


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    return request.param


@pytest.fixture
def potentials_after_spike(make_quiet_loop, advance, put_spike, engine):
    """Potentials of all IO cells at rest after a spike of cell 0, (n_steps, n), with the start."""

    def run(n_steps, *settings):
        n = make_quiet_loop(*settings)[0].circuit.sizes["IO"]
        model, state = make_quiet_loop(*settings, cells={"IO": np.arange(n, dtype=np.int32)})
        put_spike(state, "IO", 0)
        state.cells["IO"].v[0] = RESET
        block, _ = advance(model, state, n_steps, engine)
        start = np.full((1, n), REST)
        start[0, 0] = RESET
        return np.concatenate([start, block.voltages["IO"].astype(float)])

    return run


def test_a_partner_rises_with_the_spike_and_falls_toward_the_reset(potentials_after_spike):
    v = potentials_after_spike(20, *COUPLED, "time_step_ms=0.1")  # the refractory period
    t = 0.1 * np.arange(1, 21)
    steady = (LEAK * REST + GAP * RESET) / (LEAK + GAP)
    expected = steady + (REST + GAP * AREA - steady) * np.exp(-(LEAK + GAP) * t)
    assert v[1:, 1] == pytest.approx(expected, abs=0.03)
    assert v[1, 1] - REST == pytest.approx(GAP * AREA, rel=0.03)  # 4 mV
    assert (v[:, 2:] == REST).all()  # cells of another zone


@pytest.mark.parametrize("step_ms", [0.1, 0.5, 1.0])
def test_each_partner_receives_coupling_times_area_at_any_step(potentials_after_spike, step_ms):
    steps = (f"time_step_ms={step_ms}", "circuit.io_per_zone=4")
    jumps = potentials_after_spike(1, *COUPLED, *steps)[1, 1:4]
    without = potentials_after_spike(1, COUPLED[0], *steps)[1, 1:4]
    received = (jumps - without) * (1 + step_ms / 2 * LEAK)
    assert received == pytest.approx([GAP * AREA] * 3, rel=1e-5)


@pytest.mark.parametrize("step_ms", [0.5, 1.0])
def test_the_charge_leaves_through_leaks_and_the_cell_at_reset(potentials_after_spike, step_ms):
    n_steps = round(400 / step_ms)
    step = f"time_step_ms={step_ms}"
    with_spike = potentials_after_spike(n_steps, *COUPLED, step)
    change = with_spike - potentials_after_spike(n_steps, COUPLED[0], step)
    leaked = LEAK * step_ms * (0.5 * (change[1:] + change[:-1])).sum()
    hold = round(2.0 / step_ms)
    to_reset = GAP * step_ms * change[:hold, 1].sum()
    assert leaked + to_reset == pytest.approx(GAP * AREA, rel=1e-3)
    assert abs(change[-1]).max() < 1e-4


def test_without_junctions_or_area_a_spike_raises_nothing(potentials_after_spike):
    assert (potentials_after_spike(5, "drive.gap_per_ms=0", COUPLED[1])[:, 1:] == REST).all()
    assert (potentials_after_spike(5, COUPLED[0])[1:, 1] < REST).all()


def test_a_perturbation_of_the_coupling_scales_spikes_too(make_quiet_loop, advance, put_spike):
    cells = {"IO": np.array([1], np.int32)}
    rises = []
    for gap in (0.05, 0.1):
        model, state = make_quiet_loop(*COUPLED, "time_step_ms=1", cells=cells)
        put_spike(state, "IO", 0)
        drive = replace(initial_drive(model.parameters), gap_per_ms=gap)
        rises.append(advance(model, state, 1, "numba", drive)[0].voltages["IO"][0, 0] - REST)
    assert rises[1] == pytest.approx(2 * rises[0], rel=1e-6)


@pytest.mark.parametrize("engine", [Numpy(), Numba(threads=1), Numba(threads=2)], ids=str)
def test_where_blocks_end_changes_nothing(make_loop, engine):
    busy = ("drive.io_bias_mV_per_ms=6", "io.threshold_max_mV=-40", "time_step_ms=1")
    model, state = make_loop(*COUPLED, *busy)
    drive, found = initial_drive(model.parameters), []
    for ends in ([200], range(1, 201)):
        integrator = integrator_of(engine, model, state)
        blocks = list(integrator.blocks([Plan(end, drive) for end in ends]))
        found.append(integrator.state().to_arrays())
    assert sum(len(block.spikes["IO"].ids) for block in blocks) > 10
    for name, values in found[0].items():
        assert np.array_equal(values, found[1][name]), name


def test_spikes_through_junctions_require_a_refractory_period():
    with pytest.raises(InputError, match=r"requires an io\.refractory_ms of one time step or more"):
        apply_settings(OliveParameters(), [COUPLED[1], "io.refractory_ms=0"])
