"""`cerebella purkinje threshold`, and `purkinje run --cf-strength`."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cerebella.analysis.cf_threshold import DEFAULT_CELL_THRESHOLD, cf_scale_of_strength
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.load import load_network

COARSE = ("--trials", "1", "--scale-range", "20:60", "--tolerance", "40")
"""Two strengths of the CF, so that each threshold is 40."""
EARLY = ("--set", "connections.cf_time_ms=20")


@pytest.fixture
def threshold(cerebella, small_network_path):
    return lambda *options: cerebella(
        "purkinje", "threshold", "--network", small_network_path, *options
    )


@pytest.fixture
def spikes(small_network_path, tmp_path):
    """A run of the network, of 20 ms, in the folder of the commands."""
    network = load_network(small_network_path)
    simulate_mli(network, duration_ms=20, out=tmp_path / "spikes", progress=False)


def test_table_csv_and_figure(threshold, tmp_path):
    done = threshold(*COARSE, *EARLY, "--csv", "t.csv", "--figure", "t.png")
    assert done.returncode == 0, done.stderr
    assert "Main threshold: 40.00" in done.stdout
    assert "a CF of scale 29 recruits it" in " ".join(done.stdout.split())
    table = pd.read_csv(tmp_path / "t.csv")
    assert set(table["threshold"]) == {40}
    assert 0.9 < table["spiny_share"].sum() <= 1
    assert (tmp_path / "t.png").stat().st_size > 10_000
    assert "t.csv" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["none.swc"], ["none.swc"]),
        (["--prepare"], ["--prepare"]),
        (["--trials", "5-1"], ["--trials"]),
        (["--trials", "1,1"], ["--trials"]),
        (["--scale-range", "30"], ["--scale-range '30'", "10:60"]),
        (["--scale-range", "30:20"], ["--scale-range is 30 to 20"]),
        (["--tolerance", "0"], ["--tolerance is 0"]),
        (["--figure", "t.bmp"], ["t.bmp", ".png"]),
        (["--csv", "."], ["folder"]),
        (["--set", "connections.cf_time_ms=null"], ["connections.cf_time_ms is null"]),
        (["--set", "connections.cf_tim_ms=1"], ["Did you mean"]),
        ([*EARLY, "--trials", "1", "--scale-range", "1:2"], ["--scale-range", "End at 4"]),
    ],
)
def test_wrong_input_is_one_message_and_exit_code_2(threshold, tmp_path, options, words):
    done = threshold(*options)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def run(cerebella, *options):
    return cerebella("purkinje", "run", "spikes", "out", "--record", "soma_v", *options)


def test_a_strength_is_relative_to_the_given_threshold(cerebella, spikes, tmp_path):
    done = run(
        cerebella, "--cf-strength", "1.5x", "--threshold", "26.3", "--cf-time", "5", *("--trial", 2)
    )
    assert done.returncode == 0, done.stderr
    scale = cf_scale_of_strength(1.5, 26.3)
    assert f"CF strength 1.5x: CF scale {scale:.4g}" in done.stderr
    assert "26.3 of the cell (given)" in done.stderr
    assert json.loads((tmp_path / "out" / "run.json").read_text())["cf_scale"] == scale


def test_the_threshold_of_the_default_cell_needs_no_search(cerebella, spikes, tmp_path):
    done = run(cerebella, "--cf-strength", "1x", "--trial", 2)
    assert done.returncode == 0, done.stderr
    assert "CF strength 1x: CF scale 28.15, from the threshold 26.6 of the cell" in done.stderr
    assert json.loads((tmp_path / "out" / "run.json").read_text())["cf_scale"] == (
        cf_scale_of_strength(1, DEFAULT_CELL_THRESHOLD)
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cf-strength", "1.0", "--threshold", "26"], ["--cf-strength '1.0'", "1.0x"]),
        (["--cf-strength", "0x", "--threshold", "26"], ["--cf-strength '0x'"]),
        (["--cf-strength", "1x", "--threshold", "-3"], ["--threshold is -3", "purkinje threshold"]),
        (["--cf-strength", "1x", "--threshold", "nan"], ["--threshold is nan"]),
        (["--cf-strength", "1x", "--cf-scale", "29"], ["--cf-scale", "Omit one"]),
        (["--cf-strength", "1x", "--threshold", "inf"], ["--threshold is inf"]),
        (["--cf-strength", "1x", "--set", "connections.cf_scale=3"], ["connections.cf_scale"]),
        (["--threshold", "26"], ["--threshold without --cf-strength"]),
    ],
)
def test_a_wrong_strength_is_refused(cerebella, spikes, tmp_path, options, words):
    done = run(cerebella, *options)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_without_a_threshold_it_is_computed(cerebella, spikes, tmp_path):
    done = run(cerebella, "--cf-strength", "1.0x", "--cf-time", "150")
    assert done.returncode == 0, done.stderr
    assert "computed with a generated network, trials 1-5" in done.stderr
    scale = json.loads((tmp_path / "out" / "run.json").read_text())["cf_scale"]
    assert 26 < scale < 31
