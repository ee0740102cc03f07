"""`cerebella experiment cf-rate`, with cases of seconds."""

from __future__ import annotations

import json

import pytest

ONE = ("--seeds", "0", "--duration", "4s")


def test_requested_cases_are_simulated_once_and_tabulated(cerebella, cerebella_process, tmp_path):
    asked = ("--ratios", "0.25", "--windows", "50,100", "--perturb", "1s:gap=0", "--starts", "none")
    done = cerebella_process("experiment", "cf-rate", "out", *ONE, *asked)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "cf_rate.json").read_text())
    assert [row["case"] for row in rows] == ["4_Hz_50_ms", "2_Hz", "at_1s_gap=0"]
    assert rows[1]["ltp"] / rows[1]["ltd"] == pytest.approx(0.25)
    assert (tmp_path / "out" / "cf_rate.csv").read_text().count("\n") == 4
    assert (tmp_path / "out" / "cf_rate.png").stat().st_size > 10_000
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/runs/*/run.json")}
    assert cerebella("experiment", "cf-rate", "out", *ONE, *asked).returncode == 0
    assert made == {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/runs/*/run.json")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rates", "1,x"], "--rates: 'x' is not a nonnegative number"),
        (["--rates", "20"], "Give a rate above 0 and up to 9.973 Hz"),
        (["--ratios", "0"], "a ratio LTP/LTD must be positive"),
        (["--windows", "0"], "1 ms or longer"),
        (["--starts", "1.5", "--perturb", "none"], "Give weights from 0 to 1"),
        (["--perturb", "frog"], "TIME:CHANGE"),
        (["--perturb", "5s:gap=0"], "not before the end at 4 s"),
        (["--rates", "none", "--perturb", "none", "--starts", "none"], "no cases to simulate"),
        (["--duration", "0"], "of 1 s or more"),
        (["--seeds", "1-", "--perturb", "none"], "--seeds: '1-' is not an integer or a range"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, tmp_path, arguments, message):
    done = cerebella("experiment", "cf-rate", "bad", *ONE, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "bad").exists()


def test_parameters_of_every_case_can_be_set(cerebella, tmp_path):
    asked = ("--rates", "1", "--perturb", "none", "--starts", "none")
    weak = ("--set", "olive.drive.gap_per_ms=0")
    done = cerebella("experiment", "cf-rate", "weak", *ONE, *asked, *weak)
    assert done.returncode == 0, done.stderr
    (run,) = tmp_path.glob("weak/runs/*/run.json")
    assert json.loads(run.read_text())["parameters"]["drive"]["gap_per_ms"] == 0
    assert cerebella("experiment", "cf-rate", "weak", *ONE, *asked).returncode == 0
    assert len(list(tmp_path.glob("weak/runs/*/run.json"))) == 2  # the run with gap=0 is kept


def test_parameters_are_shown_without_a_simulation(cerebella, tmp_path):
    done = cerebella(
        "experiment", "cf-rate", "shown", "--set", "olive.drive.gap_per_ms=0", "--show-config"
    )
    assert done.returncode == 0, done.stderr
    assert "gap_per_ms: 0" in done.stdout
    assert not (tmp_path / "shown").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("olive.plasticity.ltp=0.1", "olive.plasticity.ltp is determined by the cases"),
        ("olive.drive.gap=1", "olive.drive.gap"),
    ],
)
def test_plasticity_and_unknown_parameters_are_refused(cerebella, tmp_path, setting, message):
    done = cerebella("experiment", "cf-rate", "bad", "--set", setting)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "bad").exists()
