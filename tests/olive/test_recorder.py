"""The recorder stores all spikes on disk, and little in memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.weight_sample import sample_weights
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.recorder import Recorder
from cerebella.olive.recording_grammar import parse_recording
from cerebella.olive.simulate import simulate_olive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

ALL_WEIGHTS = ["weights=32768", "weights_every_ms=10"]  # 131 kB a sample, of 2 zones


@pytest.fixture
def recorder(make_loop, tmp_path):
    model, _ = make_loop()
    return Recorder(tmp_path, parse_recording(ALL_WEIGHTS), model.circuit, seed=1)


def test_snapshots_of_all_weights_are_not_held_in_memory(recorder):
    weights = np.full((32, 1024), 1 << 25, dtype=np.int32)
    sample = sample_weights(weights, 2, 50, recorder.synapses)
    tracemalloc.start()
    try:
        recorder.append_weights(0, sample)
        before, _ = tracemalloc.get_traced_memory()
        for step in range(1, 201):
            recorder.append_weights(step, sample)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 1.5e6  # a megabyte may wait to be written; all are 26


def test_a_checkpoint_does_not_grow_with_what_was_recorded(recorder):
    weights = np.full((32, 1024), 1 << 25, dtype=np.int32)
    sample = sample_weights(weights, 2, 50, recorder.synapses)
    sizes = []
    for step in range(3):
        recorder.append_weights(step, sample)
        sizes.append(sum(values.nbytes for values in recorder.saved_arrays().values()))
    assert sizes[0] == sizes[2] < 1000


def test_the_end_of_a_long_run_takes_no_more_memory_than_that_of_a_short_one(tmp_path):
    parameters = apply_settings(OliveParameters(), ["circuit.scale=0.25", "time_step_ms=1"])
    recording = parse_recording([*ALL_WEIGHTS, "IO.v=0-3", "PC.v=0-31", "v_every_ms=1"])
    peaks = []
    for seconds in (1, 4):  # a further second is 13 MB of weights
        tracemalloc.start()
        simulate_olive(
            parameters,
            out=tmp_path / str(seconds),
            duration_ms=1000.0 * seconds,
            record=recording,
            engine=Numba(threads=1),
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 5e6


def test_spikes_are_kept_with_their_own_times_and_not_counted_in_bins(make_loop, tmp_path):
    model, state = make_loop("time_step_ms=0.1")
    engine = Numba(threads=1)
    run = simulate_olive(model.parameters, duration_ms=200.0, seed=1, engine=engine)
    plan = Plan(2000, initial_drive(model.parameters))
    (block,) = integrator_of(engine, model, state).blocks([plan])
    for name in ("MF", "BC", "PC", "DCN", "IO"):
        spikes = block.spikes[name]
        steps = np.repeat(np.arange(2000), np.diff(spikes.offsets))
        assert run.of(name).times_ms.tolist() == (steps / 10).tolist()
        assert run.of(name).cells.tolist() == spikes.ids.tolist()
