"""Runs that are simulated at once on a card, in numba's simulator: those of one run each."""

from __future__ import annotations

import errno
import json
import threading

import numpy as np
import pytest

from cerebella.errors import MachineError
from cerebella.olive import integrate
from cerebella.olive.checkpoints import read_last_checkpoint
from cerebella.olive.engines.cuda import integrator as cuda_integrator
from cerebella.olive.engines.cuda import memory
from cerebella.olive.engines.cuda.integrator import CudaBatch
from cerebella.olive.partial_run import PARTIAL, is_interrupted
from cerebella.olive.recorder import Recorder
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.olive.simulate_batch import simulate_olive_batch
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.results.atomic import CerebellaOSError
from cerebella.runs.run import read_run
from tests.olive.engines.cuda.conftest import TINY

ARGUMENTS = {"duration_ms": 24.0, "record": ["weights_every_ms=8", "IO.v=0,1", "PF=4"]}
CHANGED = ((), ("plasticity.ltp=0.01",), ("drive.io_bias_mV_per_ms=5",))


def _parameters(settings=()):
    return apply_settings(OliveParameters(), [*TINY, *settings])


@pytest.fixture
def batch_in(tmp_path):
    """Return (run directory, request) of three runs, of which two share their circuit."""

    def batch(name):
        return [
            (
                tmp_path / name / str(number),
                request_of(_parameters(settings), seed=1 + number % 2, **ARGUMENTS),
            )
            for number, settings in enumerate(CHANGED)
        ]

    return batch


@pytest.fixture
def batches(monkeypatch):
    """The numbers of runs that advanced together, as a list that grows."""
    sizes, start = [], CudaBatch.__init__

    def counted(self, models, states, **options):
        sizes.append((len(models), len({id(model.circuit) for model in models})))
        start(self, models, states, **options)

    monkeypatch.setattr(CudaBatch, "__init__", counted)
    return sizes


def assert_same_runs(one, other):
    for name in ("spikes.h5", "voltage.h5", "weights.h5"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    one, other = read_run(one), read_run(other)
    assert np.array_equal(one.spikes.times_ms, other.spikes.times_ms)
    assert np.array_equal(one.spikes.gids, other.spikes.gids)
    assert np.array_equal(one.weights.final, other.weights.final)
    assert np.array_equal(one.weights.mean, other.weights.mean)
    assert np.array_equal(one.traces["voltage"].values, other.traces["voltage"].values)


def test_runs_of_a_batch_are_those_of_one_run_each(batch_in, batches, tmp_path):
    runs = batch_in("together")
    simulate_olive_batch(runs)
    assert batches == [(3, 2)]
    for number, settings in enumerate(CHANGED):
        alone = tmp_path / f"alone{number}"
        simulate_olive(
            _parameters(settings), seed=1 + number % 2, out=alone, engine="numpy", **ARGUMENTS
        )
        assert_same_runs(runs[number][0], alone)
    manifest = json.loads((runs[0][0] / "run.json").read_text())
    assert (manifest["engine"], manifest["runs_together"]) == ("cuda", 3)


def test_an_interrupted_batch_is_resumed_also_if_some_runs_have_a_checkpoint_less(
    batch_in, batches, monkeypatch
):
    written = []

    def write(folder, arrays):
        if len(written) == 4:  # the first of the second checkpoints is there
            raise KeyboardInterrupt
        integrate_write(folder, arrays)
        written.append(int(arrays["step"]))

    integrate_write = integrate.write_checkpoint
    monkeypatch.setattr(integrate, "write_checkpoint", write)
    with pytest.raises(KeyboardInterrupt):
        simulate_olive_batch(batch_in("resumed"), checkpoint_every_s=0.0)
    assert written == [8, 8, 8, 16]
    monkeypatch.setattr(integrate, "write_checkpoint", integrate_write)
    simulate_olive_batch(batch_in("resumed"))
    simulate_olive_batch(batch_in("whole"))
    assert batches == [(3, 2), (1, 1), (2, 2), (3, 2)]
    for (one, _), (other, _) in zip(batch_in("resumed"), batch_in("whole"), strict=True):
        assert_same_runs(one, other)


def test_blocks_are_recorded_while_a_card_computes_the_next_ones(batch_in, monkeypatch):
    launched, recorded = [], []
    second_launch = threading.Event()
    launch, blocks_of = cuda_integrator.launch_resident, cuda_integrator.blocks_of

    def counted(kernels, arrays, first, stop, threads):
        launched.append(first)
        if first:
            second_launch.set()
        launch(kernels, arrays, first, stop, threads)

    def late(output, first, stop, *rest, **fetched):
        recorded.append(second_launch.wait(20.0))
        return blocks_of(output, first, stop, *rest, **fetched)

    monkeypatch.setattr(cuda_integrator, "launch_resident", counted)
    monkeypatch.setattr(cuda_integrator, "blocks_of", late)
    simulate_olive_batch(batch_in("overlapping"))
    assert launched == [0, 8, 16]
    assert recorded == [True, True, True]


def test_errors_of_recording_in_the_background_end_a_batch_that_can_be_resumed(
    batch_in, monkeypatch
):
    def full(recorder, step, sample):
        if step == 16:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(recorder, step, sample)

    append = Recorder.append_sample
    monkeypatch.setattr(Recorder, "append_sample", full)
    with pytest.raises(CerebellaOSError, match="resume the run with `resume`"):
        simulate_olive_batch(batch_in("full"), checkpoint_every_s=0.0)
    for folder, _ in batch_in("full"):
        assert is_interrupted(folder)
        saved = read_last_checkpoint(folder / PARTIAL)
        assert saved is not None
        assert saved["step"] == 8


def test_runs_of_other_sizes_or_times_follow_in_a_batch_of_their_own(batches, tmp_path):
    longer = request_of(_parameters(), duration_ms=6.0)
    shorter = request_of(_parameters(), duration_ms=4.0)
    larger = request_of(_parameters(["circuit.scale=0.5"]), duration_ms=4.0)
    requests = [shorter, longer, shorter, larger]
    runs = [(tmp_path / str(number), one) for number, one in enumerate(requests)]
    simulate_olive_batch(runs)
    assert [n for n, _ in batches] == [2, 1, 1]
    assert [read_run(folder).duration_ms for folder, _ in runs] == [4.0, 6.0, 4.0, 4.0]


def test_a_batch_that_exceeds_the_memory_is_refused_before_circuits_are_drawn(
    batch_in, monkeypatch
):
    monkeypatch.setattr(memory, "free_memory_GB", lambda device: 1e-5)
    monkeypatch.setattr(integrate, "wire", None)
    with pytest.raises(MachineError, match=r"3 circuits take 0\.000\d+ GB .* Give fewer circuits"):
        simulate_olive_batch(batch_in("refused"))
