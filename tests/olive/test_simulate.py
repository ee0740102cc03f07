"""Runs: results, interruptions and refusals."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError, OutputExistsError
from cerebella.olive import plans, write_run
from cerebella.olive.recording import OliveRecording
from cerebella.olive.recording_grammar import parse_recording
from cerebella.olive.simulate import simulate_olive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.results import filled_hdf5, sonata_traces, spike_columns
from cerebella.results.append_only_column import Column
from cerebella.runs.progress import Reporter

SMALL = apply_settings(OliveParameters(), ["circuit.scale=0.25", "time_step_ms=1"])
FILES = ("spikes.h5", "weights.h5", "voltage.h5")


def run(path=None, duration_ms=3000.0, **options):
    options = {"parameters": SMALL, "engine": Numba(threads=1)} | options
    return simulate_olive(out=path, duration_ms=duration_ms, **options)


def bytes_of(folder):
    return [(folder / name).read_bytes() for name in FILES]


def test_a_run_holds_spikes_potentials_and_weights(tmp_path):
    result = run(tmp_path / "run")
    assert result.manifest["kind"] == "olive"
    assert not (tmp_path / "run" / "partial").exists()
    assert len(result.of("PC").times_ms) > 1000
    assert len(result.of("PF").recorded) == 100
    assert set(result.of("PF").cells.tolist()) <= set(result.of("PF").recorded.tolist())
    assert result.traces["voltage"].values.shape == (3000, 2)
    assert result.weights.times_ms.tolist() == [0, 1000, 2000, 3000]
    assert result.weights.histogram.sum(axis=1).tolist() == [32 * 1024] * 4
    assert result.weights.mean[-1] == pytest.approx(result.weights.final.mean(), rel=1e-6)
    assert result.weights.by_zone.mean(axis=1) == pytest.approx(result.weights.mean, rel=1e-5)


def test_trials_of_a_seed_share_the_circuit_and_differ_in_the_drive():
    first, again, second = (
        run(duration_ms=200.0, trial=trial, record=["PF=8", "weights=4"]) for trial in (1, 1, 2)
    )
    assert second.manifest["trial"] == 2
    for name in ("PF", "MF", "PC", "IO"):
        assert np.array_equal(first.of(name).times_ms, again.of(name).times_ms)
        assert not np.array_equal(first.of(name).times_ms, second.of(name).times_ms)
    assert np.array_equal(first.of("PF").recorded, second.of("PF").recorded)
    assert np.array_equal(first.weights.synapses, second.weights.synapses)


def test_without_a_path_the_run_lives_as_long_as_the_result():
    result = run(duration_ms=100.0)
    assert len(result.of("BC").times_ms)


def test_spike_times_are_multiples_of_the_step_to_the_last_digit():
    parameters = apply_settings(SMALL, ["time_step_ms=0.1"])
    times = run(duration_ms=100.0, parameters=parameters).of("PC").times_ms
    assert np.array_equal(times, np.round(times, 1))


def test_engines_threads_and_block_ends_give_the_same_bytes(tmp_path, monkeypatch):
    run(tmp_path / "a", 1500.0)
    run(tmp_path / "b", 1500.0, engine=Numba(threads=2))
    run(tmp_path / "c", 1500.0, engine="numpy")
    monkeypatch.setattr(plans, "_BLOCK_MS", 170.0)
    run(tmp_path / "d", 1500.0)
    for other in "bcd":
        assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / other)


def test_requested_values_are_recorded(tmp_path):
    record = ["BC=none", "PF=0-3,7", "PC=5", "PC.v=0,1", "IO.v=none", "v_every_ms=10", "weights=3"]
    result = run(tmp_path / "run", record=record)
    assert len(result.of("BC").times_ms) == 0
    assert result.of("PF").recorded.tolist() == [0, 1, 2, 3, 7]
    assert len(result.of("PC").recorded) == 5
    assert result.traces["voltage"].values.shape == (300, 2)
    assert result.weights.synapses.shape == (4, 3)


@pytest.mark.parametrize("text", ["frog=1", "PF", "PF.v=0", "PF=x", "weights=-1", "v_every_ms=0"])
def test_recordings_that_make_no_sense_are_refused(text):
    with pytest.raises(InputError, match="PF=64"):
        parse_recording([text])


class _KilledError(Exception):
    pass


def kill_after(n_blocks):
    """A progress call that ends the run as a kill would."""
    count = 0

    def stop(progress):
        nonlocal count
        count += 1
        if count == n_blocks:
            raise _KilledError

    return stop


@pytest.mark.parametrize("every_s", [0.0, 1e9])  # a checkpoint after each block, or none
def test_an_interrupted_run_resumes_with_identical_bytes(tmp_path, every_s):
    options = {"duration_ms": 5000.0, "perturbations": ["2.5s:io_bias+1"]}
    run(tmp_path / "whole", **options)
    with pytest.raises(_KilledError):
        run(tmp_path / "cut", checkpoint_every_s=every_s, progress=kill_after(4), **options)
    assert not (tmp_path / "cut" / "run.json").exists()
    run(tmp_path / "cut", resume=True, **options)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "cut")


def test_a_kill_during_a_checkpoint_leaves_the_one_before(tmp_path, monkeypatch):
    run(tmp_path / "whole", 5000.0)
    real, count = np.savez, 0

    def half(file, **arrays):
        nonlocal count
        count += 1
        if count == 3:
            file.write(b"PK half a checkpoint")
            raise _KilledError
        real(file, **arrays)

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(_KilledError):
        run(tmp_path / "cut", 5000.0, checkpoint_every_s=0.0)
    run(tmp_path / "cut", 5000.0, resume=True)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "cut")


def test_a_process_that_is_killed_again_and_again_ends_in_the_same_bytes(tmp_path):
    # A checkpoint after each block, so that most of the time is spent on checkpoints.
    arguments = ["--dt", "1", "--duration", "200s", "--set", "circuit.scale=0.25", "--threads", "1"]
    script = (
        "import cerebella.olive.simulate as s, cerebella.cli.main as m;"
        "s.simulate_olive.__kwdefaults__['checkpoint_every_s'] = 0.0; m.main()"
    )
    command = [sys.executable, "-c", script, "olive", "run", tmp_path / "cut", *arguments]

    def checkpoints():
        return {file.name for file in (tmp_path / "cut").glob("partial/checkpoint-*.npz")}

    rng = np.random.default_rng(1)
    for attempt in range(4):
        before = checkpoints()
        process = subprocess.Popen([*command, *(["--resume"] if attempt else [])])
        deadline = time.monotonic() + 120
        while checkpoints() <= before:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "cut" / "run.json").exists()
    simulate_olive(SMALL, out=tmp_path / "cut", duration_ms=200_000.0, resume=True)
    simulate_olive(SMALL, out=tmp_path / "whole", duration_ms=200_000.0)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "cut")


def test_an_interrupted_run_is_neither_replaced_nor_loaded(tmp_path):
    with pytest.raises(_KilledError):
        run(tmp_path / "cut", progress=kill_after(1))
    with pytest.raises(InputError, match="`resume`"):
        run(tmp_path / "cut")
    run(tmp_path / "cut", force=True)


def test_resuming_with_other_settings_shows_the_difference(tmp_path):
    with pytest.raises(_KilledError):
        run(tmp_path / "cut", progress=kill_after(1))
    other = apply_settings(SMALL, ["plasticity.ltp=0.001"])
    with pytest.raises(InputError, match=r"parameters.plasticity.ltp was 0.00030556, now 0.001"):
        run(tmp_path / "cut", parameters=other, resume=True)
    with pytest.raises(InputError, match="seed was 0, now 3"):
        run(tmp_path / "cut", seed=3, resume=True)


def test_resuming_a_finished_run_returns_it_and_nothing_is_not_a_run(tmp_path):
    run(tmp_path / "run", 100.0)
    assert run(tmp_path / "run", 100.0, resume=True).duration_ms == 100
    with pytest.raises(InputError, match="no interrupted run"):
        run(tmp_path / "nothing", resume=True)


def test_a_finished_run_is_replaced_with_force_only(tmp_path):
    run(tmp_path / "run", 100.0)
    with pytest.raises(OutputExistsError):
        run(tmp_path / "run", 100.0)
    run(tmp_path / "run", 200.0, force=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "precious.txt").write_text("keep")
    with pytest.raises(InputError, match="not a run"):
        run(tmp_path / "other", force=True)
    assert (tmp_path / "other" / "precious.txt").read_text() == "keep"


def test_a_full_disk_is_one_message_and_the_run_can_be_resumed(tmp_path, monkeypatch):
    real, count = Column.append, 0

    def full(self, values):
        nonlocal count
        count += 1
        if count > 30:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(self, values)

    with monkeypatch.context() as patch:
        patch.setattr(Column, "append", full)
        with pytest.raises(InputError, match=r"No space left on device.*the run with `resume`"):
            run(tmp_path / "run", 5000.0, checkpoint_every_s=0.0)
    assert not (tmp_path / "run" / "run.json").exists()
    run(tmp_path / "run", 5000.0, resume=True)
    run(tmp_path / "whole", 5000.0)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "run")


@pytest.mark.parametrize("name", FILES)
def test_a_disk_that_fills_up_at_the_end_leaves_no_half_a_file(tmp_path, monkeypatch, name):
    def full(self, *arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run(tmp_path / "whole")
    with monkeypatch.context() as patch:
        real = filled_hdf5.write_filled
        for module in (write_run, spike_columns, sonata_traces):
            patch.setattr(
                module,
                "write_filled",
                lambda path, lay_out: (full if name.split(".")[0] in path.name else real)(
                    path, lay_out
                ),
            )
        with pytest.raises(InputError, match=f"{name}.*No space left.*`resume`"):
            run(tmp_path / "run")
    assert not (tmp_path / "run" / name).exists()
    assert not (tmp_path / "run" / "run.json").exists()
    run(tmp_path / "run", resume=True)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "run")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duration_ms": "300s"}, "duration_ms"),
        ({"seed": 1.5}, "seed"),
        ({"duration_ms": 0.0}, "duration"),
        ({"duration_ms": -5.0}, "duration"),
        ({"duration_ms": 10.5}, "whole number of time steps"),
        ({"seed": -1}, "seed"),
        ({"engine": "frog"}, "Choose from auto, numba, numpy"),
        ({"perturbations": ["5s:gap=0"]}, "not before the end at 3 s"),
        ({"perturbations": ["1s:frog"]}, "TIME:CHANGE"),
        ({"record": OliveRecording(voltages={"IO": (99,)})}, "IO 0 to 3"),
        ({"record": OliveRecording(v_every_ms=0.1)}, "shorter than the time step"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        run(tmp_path / "run", **options)
    assert not (tmp_path / "run" / "run.json").exists()


def test_progress_tells_time_rate_and_weight(tmp_path):
    fractions, texts = [], []
    run(tmp_path / "run", progress=Reporter(fractions.append, describe=texts.append))
    assert fractions == [1 / 3, 2 / 3, 1]
    for second, text in enumerate(texts, start=1):
        pattern = rf"{second} of 3 s, IO (\d\.\d\d) Hz, weight (0\.[45]\d\d)"
        found = re.fullmatch(pattern, text)
        assert found
        assert float(found[1]) > 0


def test_the_manifest_contains_rule_and_request(tmp_path):
    run(tmp_path / "run", 100.0, perturbations=["50:gap=0"])
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    assert manifest["rule"] == "conjunctive"
    change = {"time_ms": 50.0, "quantity": "gap", "operator": "=", "value": 0.0}
    assert manifest["perturbations"] == [change]
    assert manifest["recorded"]["PF"] == 100
