"""Stimuli of the loop: their effect, the same bits on all engines, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.device import Cuda
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive import plans
from cerebella.olive.engines.engines import engine_with_stimuli
from cerebella.olive.simulate import simulate_olive
from cerebella.olive.stimulation.values import (
    IOCurrent,
    MFRate,
    PFBumps,
    PFRates,
    YokedInhibition,
)
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.runs.load import load_run

FILES = ("spikes.h5", "weights.h5", "voltage.h5")
RECORD = ["PF=0-1023", "pf_groups=8"]


def loop(*settings, step_ms=1.0):
    return apply_settings(
        OliveParameters(), ["circuit.scale=0.25", f"time_step_ms={step_ms}", *settings]
    )


def run(path=None, *, stimuli=(), duration_ms=1000.0, parameters=None, **options):
    options = {"engine": Numba(threads=1), "record": RECORD, "progress": False} | options
    parameters = parameters or loop()
    return simulate_olive(parameters, out=path, duration_ms=duration_ms, stimuli=stimuli, **options)


def bytes_of(folder):
    return [(folder / name).read_bytes() for name in FILES]


def everything(onset_ms=100.0):
    return [
        PFBumps(times_ms=[onset_ms, onset_ms + 250], duration_ms=200),
        PFRates(times_ms=onset_ms + 210, rates_Hz=[[10, 50], [90, 0]], bin_ms=10),
        MFRate(times_ms=onset_ms, duration_ms=200, rate_Hz=50),
        IOCurrent(times_ms=onset_ms + 150, amplitude_mV_per_ms=1.0, duration_ms=20, zones=[0]),
        IOCurrent(times_ms=onset_ms + 160, amplitude_mV_per_ms=2.0, duration_ms=20),
        YokedInhibition(times_ms=onset_ms, duration_ms=200, zones=[0], sources=[1]),
    ]


def rate_of(result, start_ms, stop_ms, cells=None):
    train = result.of("PF")
    inside = (train.times_ms >= start_ms) & (train.times_ms < stop_ms)
    if cells is not None:
        inside &= np.isin(train.cells, cells)
    n = 1024 if cells is None else len(cells)
    return inside.sum() / n / (stop_ms - start_ms) * 1000


@pytest.mark.parametrize("step_ms", [1.0, 0.5])
def test_engines_threads_and_block_ends_give_the_same_bytes(tmp_path, monkeypatch, step_ms):
    options = {"stimuli": everything(), "duration_ms": 600.0, "parameters": loop(step_ms=step_ms)}
    run(tmp_path / "a", **options)
    run(tmp_path / "b", engine=Numba(threads=2), **options)
    run(tmp_path / "c", engine="numpy", **options)
    monkeypatch.setattr(plans, "_BLOCK_MS", 70.0)
    run(tmp_path / "d", **options)
    for other in "bcd":
        assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / other)


class _KilledError(Exception):
    pass


@pytest.mark.parametrize("n_blocks", [1, 3, 4, 6, 9])
def test_a_session_killed_in_a_stimulus_or_at_a_shuffle_resumes_with_the_same_bytes(
    tmp_path, n_blocks
):
    options = {"stimuli": everything(400.0), "perturbations": ["500ms:weights=shuffled"]}
    run(tmp_path / "whole", **options)
    count = 0

    def stop(progress):
        nonlocal count
        count += 1
        if count == n_blocks:
            raise _KilledError

    with pytest.raises(_KilledError):
        run(tmp_path / "cut", **options | {"progress": stop, "checkpoint_every_s": 0.0})
    run(tmp_path / "cut", resume=True, **options)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "cut")


def test_before_a_stimulus_nothing_changes():
    with_stimuli, without = run(stimuli=everything(500.0)), run()
    for name in ("PF", "MF", "PC", "IO"):
        times = [one.of(name).times_ms for one in (with_stimuli, without)]
        before, other = (values[values < 500] for values in times)
        assert np.array_equal(before, other)


@pytest.mark.parametrize("step_ms", [1.0, 0.25])
def test_rates_of_parallel_fibers_follow_an_array(step_ms):
    rates_Hz = np.array([[20.0, 100.0], [60.0, 0.0]])
    stimulus = PFRates(times_ms=200, rates_Hz=rates_Hz, bin_ms=200)
    result = run(stimuli=stimulus, parameters=loop(step_ms=step_ms))
    for group in (0, 1):
        cells = np.arange(512) + 512 * group
        measured = [rate_of(result, t, t + 170, cells) for t in (230, 430)]
        assert measured == pytest.approx(rates_Hz[group], rel=0.1, abs=0.5)
    assert rate_of(result, 700, 1000) == pytest.approx(26.09, rel=0.03)


def test_bumps_move_through_the_fibers_and_keep_their_mean_rate():
    result = run(stimuli=PFBumps(times_ms=100, duration_ms=800))
    assert rate_of(result, 110, 900) == pytest.approx(26.09, rel=0.03)
    train = result.of("PF")
    at_400 = (train.times_ms >= 480) & (train.times_ms < 520)
    counts = np.bincount(train.cells[at_400], minlength=1024)
    center = 1024 * np.log(400 / 20) / np.log(75)
    near = np.abs(np.arange(1024) - center) < 30
    assert counts[near].mean() > 5 * counts[~near].mean()


def test_only_fibers_that_respond_change_their_rate():
    stimulus = PFBumps(times_ms=100, duration_ms=800, fibers=0.25)
    result = run(stimuli=stimulus)
    others = np.setdiff1d(np.arange(1024), np.arange(256) * 4)
    assert rate_of(result, 110, 900, others) == pytest.approx(26.09, rel=0.04)
    train = result.of("PF")
    responding = train.times_ms[(train.cells % 4 == 0) & (train.times_ms < 900)]
    assert len(responding)


def test_a_current_depolarizes_olivary_cells_of_its_zones():
    parameters = loop("io.noise_mV=0", "io.threshold_mV=100", "drive.gap_per_ms=0")
    stimulus = IOCurrent(times_ms=500, amplitude_mV_per_ms=0.8, duration_ms=20, zones=[0])
    options = {"parameters": parameters, "record": ["IO.v=0,2"], "duration_ms": 521.0}
    pairs = [run(stimuli=given, **options).traces["voltage"].values for given in ((), stimulus)]
    difference = pairs[1][519] - pairs[0][519]
    assert difference[1] == 0
    assert 5 < difference[0] < 8 * (1 - np.exp(-2.3)) / 0.3  # less than without inhibition


def test_a_train_of_climbing_fiber_spikes_is_a_train_of_strong_currents():
    times_ms = np.arange(200.0, 800.0, 100.0)
    stimulus = IOCurrent(times_ms=times_ms, amplitude_mV_per_ms=200, duration_ms=1)
    result = run(stimuli=stimulus)
    spikes = result.of("IO")
    for cell in range(4):
        assert set(times_ms) <= set(spikes.times_ms[spikes.cells == cell])


def test_yoked_cells_receive_the_inhibition_of_another_zone():
    """Without DCN spikes in its zone, a yoked cell of an unyoked loop would be free."""
    stimulus = YokedInhibition(times_ms=0, duration_ms=1000, zones=[0], sources=[1])
    changed, plain = run(stimuli=stimulus), run()
    of_zone_0 = [one.of("IO").times_ms[one.of("IO").cells < 2] for one in (changed, plain)]
    assert not np.array_equal(of_zone_0[0], of_zone_0[1])


def test_shuffled_weights_keep_their_values_within_each_cell():
    whole = run(perturbations=["900ms:weights=shuffled", "900ms:plasticity=off"])
    plain = run(perturbations=["900ms:plasticity=off"])
    final, other = whole.weights.final, plain.weights.final
    assert not np.array_equal(final, other)
    assert np.array_equal(np.sort(final, axis=1), np.sort(other, axis=1))


def test_mean_weights_of_groups_of_fibers_are_sampled():
    result = run(stimuli=PFBumps(times_ms=100, duration_ms=800))
    weights = result.weights
    assert weights.by_group.shape == (2, 2, 8)
    zone, group = np.arange(32) // 16, weights.pf_of_purkinje // 128
    expected = [[weights.final[zone == z][group[zone == z] == g].mean() for g in range(8)]
                for z in range(2)]  # fmt: skip
    assert weights.by_group[-1] == pytest.approx(np.array(expected), rel=1e-5)


def test_stimuli_are_in_the_manifest_and_can_be_given_as_mappings(tmp_path):
    run(tmp_path / "a", stimuli=everything())
    stored = load_run(tmp_path / "a").manifest["stimuli"]
    run(tmp_path / "b", stimuli=stored)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_engines_without_stimuli_are_refused_by_name_and_not_chosen():
    with pytest.raises(InputError, match="engine cuda cannot simulate them"):
        engine_with_stimuli(Cuda(), Cuda())
    assert engine_with_stimuli("auto", Cuda()) == Numba()


BUMPS = {"kind": "pf-bumps", "duration_ms": 100}


@pytest.mark.parametrize(
    ("stimuli", "problem"),
    [
        ([PFBumps(times_ms=[100, 150], duration_ms=100)], "parallel fibers overlap at 150 ms"),
        ([PFBumps(times_ms=950, duration_ms=100)], "ends at 1.05 s, after the end"),
        ([PFBumps(times_ms=0, duration_ms=0.1)], "shorter than the time step"),
        ([PFRates(times_ms=0, rates_Hz=[200])], "a PF cannot fire at 200 Hz"),
        ([PFRates(times_ms=0, rates_Hz=[20], bin_ms=1.5)], "not a whole number of time steps"),
        ([IOCurrent(times_ms=0, amplitude_mV_per_ms=1, duration_ms=1, zones=[2])], "no zone 2"),
        ([PFBumps(times_ms=0, duration_ms=9, fibers=(5000,))], "there is no PF 5000"),
        (["300s"], "'300s' is not a stimulus of the loop"),
        ([BUMPS | {"kind": "frog"}], "frog"),
        ([BUMPS], "pf-bumps: times_ms is missing"),
    ],
)
def test_stimuli_that_cannot_be_are_refused(stimuli, problem):
    with pytest.raises(InputError, match=problem):
        run(stimuli=stimuli)
