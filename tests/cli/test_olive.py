"""`cerebella olive run`, and other commands applied to its runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cerebella.results.olive_npz import read_olive_npz
from cerebella.results.sonata_spikes import read_spikes
from cerebella.runs.load import load_run

QUICK = ("--dt", 1, "--duration", "3s", "--scale", 0.25, "--threads", 1)


@pytest.fixture(scope="module")
def finished_loop(cerebella_process_in, tmp_path_factory):
    """A run that a process made."""
    folder = tmp_path_factory.mktemp("olive")
    run = ("olive", "run", "loop", *QUICK, "--perturb", "2s:io_bias+0.5")
    done = cerebella_process_in(folder, *run)
    assert done.returncode == 0, done.stderr
    assert "Engine numba" in done.stderr
    return folder / "loop"


@pytest.fixture
def loop(finished_loop, tmp_path):
    """The run, copied to where commands run."""
    return Path(shutil.copytree(finished_loop, tmp_path / "loop"))


def test_a_run_can_be_analyzed_drawn_and_exported(cerebella, cerebella_process, loop, tmp_path):
    report = json.loads(cerebella_process("analyze", "loop", "--json").stdout)
    assert set(report) >= {
        "rates_Hz",
        "io_rate_Hz_by_10s",
        "weight_mean_by_10s",
        "predicted_cf_rate_Hz",
        "io_isi_cv",
        "io_pair_correlation",
    }
    assert report["predicted_cf_rate_Hz"] == pytest.approx(1, rel=1e-4)
    assert "IO" in cerebella("analyze", "loop").stdout
    assert cerebella_process("plot", "loop").returncode == 0
    assert cerebella("plot", "loop", "--figure", "io_rate").returncode == 0
    for name in ("loop.png", "loop_io_rate.png"):
        assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.parametrize("command", [("olive", "ensemble", "out"), ("sweep", "out", "olive")])
def test_measures_may_be_separated_by_commas_and_spaces(cerebella, command):
    vary = ("--vary", "drive.io_bias_mV_per_ms=1.5")
    done = cerebella(*command, *vary, "--measure", "IO_rate_Hz, PC_rate_Hz, frog,")
    assert done.returncode == 2
    assert "--measure: olive has no measure 'frog'" in done.stderr


def test_the_published_npz_is_read_back(cerebella_process, loop, tmp_path):
    cerebella_process("export", "loop", "out")
    counts = read_olive_npz(tmp_path / "out" / "loop.npz")
    run = load_run(loop)
    for name in run.populations:
        spikes = run.of(name)
        assert counts.counts[name].shape == (30, len(spikes.recorded))
        assert counts.counts[name].sum() == len(spikes.times_ms)
    assert np.array_equal(counts.weights, run.weights.synapses)
    assert counts.rates_Hz["PC"] == pytest.approx(len(run.of("PC").times_ms) / 3 / 32)


def test_the_published_npz_is_analyzed_as_far_as_it_goes(cerebella, loop, tmp_path):
    cerebella("export", "loop", "out")
    report = json.loads(cerebella("analyze", "out/loop.npz", "--json").stdout)
    of_run = json.loads(cerebella("analyze", "loop", "--json").stdout)
    assert report["rates_Hz"] == pytest.approx(of_run["rates_Hz"])
    assert "predicted_cf_rate_Hz" in report["left_out"]
    text = cerebella("analyze", "out/loop.npz", "--window", "0-1000").stdout
    assert "Not in this file" in text
    assert "PC" in text
    for command in ("plot", "export"):
        done = cerebella(command, "out/loop.npz")
        assert done.returncode == 2
        assert "holds no spike times" in done.stderr
    np.savez(tmp_path / "wrong.npz", t=np.arange(3))
    done = cerebella("analyze", "wrong.npz", "--json")
    assert done.returncode == 2
    assert "wrong.npz: contains t. Give a file with <POP>_spikes" in done.stderr


def test_exported_csv_and_sonata_hold_every_spike(cerebella, loop, tmp_path):
    cerebella("export", "loop", "out", "--to", "csv")
    cerebella("export", "loop", "out", "--to", "sonata")
    run = load_run(loop)
    rows = (tmp_path / "out" / "loop_DCN_spikes.csv").read_text().splitlines()
    assert rows[0] == "time_ms,cell"
    assert len(rows) - 1 == len(run.of("DCN").times_ms)
    spikes = read_spikes(tmp_path / "out" / "loop_spikes.h5")
    assert np.array_equal(spikes.of("PC").times_ms, run.of("PC").times_ms)


def test_the_sonata_file_opens_in_libsonata(cerebella, loop):
    libsonata = pytest.importorskip("libsonata")
    reader = libsonata.SpikeReader(str(loop / "spikes.h5"))
    run = load_run(loop)
    found = reader["pc"].get_dict()
    assert np.array_equal(found["node_ids"], run.of("PC").cells)
    assert np.array_equal(found["timestamps"], run.of("PC").times_ms)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dt", "0"], "greater than 0"),
        (["--dt", "-0.1"], "greater than 0"),
        (["--dt", "0.3"], "not a multiple of the time step"),
        (["--set", "synapses.dcn_io.delay_ms=2.55"], "DCN→IO of 2.55 ms is not a multiple"),
        (["--initial-weight", "2"], "less than or equal to 1"),
        (["--scale", "0.125"], "error: 512 PFs are too few for 1024"),
        (["--scale", "1e9"], "GB of memory, but this machine has"),
        (["--record", "PC=0-500"], "There are PC 0 to 127"),
        (["--record", "IO.v=99"], "There are IO 0 to 15"),
        (["--perturb", "100s:gap=0"], "not before the end at 60 s"),
        (["--scale", "0.01"], "a zone cannot be divided"),
        (["--perturb", "300s:frog"], "TIME:CHANGE"),
        (["--record", "frog"], "PF=64"),
        (["--resume"], "there is no interrupted run"),
        (["--duration", "0"], "duration"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, tmp_path, arguments, message):
    done = cerebella("olive", "run", "bad", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "bad").exists()


def test_resuming_with_another_configuration_shows_the_difference(cerebella, loop):
    done = cerebella("olive", "run", "loop", *QUICK, "--ltp", "0.001", "--resume")
    assert done.returncode == 2
    assert "parameters.plasticity.ltp was 0.00030556, now 0.001" in done.stderr
    assert "perturbations was ['2s:io_bias+0.5'], now []" in done.stderr
