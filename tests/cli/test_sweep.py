"""`cerebella sweep` as a user meets it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from cerebella.cli.sweep import _with_strengths
from cerebella.errors import InputError
from cerebella.experiments.configuration import CortexParameters
from cerebella.experiments.parameter_sweep import sweep, tasks
from cerebella.olive.simulate import simulate_olive
from cerebella.sweeps.sweep import run_sweep

SMALL = ("--duration", "60ms")


def test_a_sweep_from_options_to_table_and_figure(
    cerebella, cerebella_process, small_network_path, tmp_path
):
    varied = ("--vary", "connections.pf_rate_Hz=log:2:8:3", "--vary", "seed=1-2")
    asked = ("--network", small_network_path, "--measure", "MLI1_rate_Hz,MLI2_rate_Hz", *SMALL)
    done = cerebella_process("sweep", "out", "mli", *varied, *asked, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "MLI1 (Hz)" in done.stdout
    table = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert sorted(set(table["connections.pf_rate_Hz"])) == [2, 4, 8]
    assert len(table) == 3 * 2 * 2
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 10_000
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/runs/*/run.json")}
    paired = ("--vary", "connections.pf_rate_Hz=2,8", "--vary", "seed=1,2", "--zip")
    done = cerebella("sweep", "out", "mli", *paired, *asked)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "out" / "sweep.csv")) == 2 * 2
    assert made == {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/runs/*/run.json")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frog", "--vary", "seed=1"), "'frog' cannot be swept. Choose from mli, purkinje"),
        (("mli",), "--vary names no parameter. Use the form NAME=2,4,8"),
        (("mli", "--vary", "seed"), "--vary 'seed' names no values"),
        (("mli", "--vary", "pf_rate_Hz=1"), "Did you mean connections.pf_rate_Hz?"),
        (("mli", "--vary", "connections.pf_rate_Hz=2,-1"), "--vary: connections.pf_rate_Hz is -1"),
        (("mli", "--vary", "seed=1", "--vary", "seed=2"), "seed twice. Give --vary seed=1,2"),
        (("mli", "--vary", "seed=5-1"), "--vary seed: the range 5-1 is reversed"),
        (("mli", "--vary", "seed=1", "--measure", "rate"), "--measure: mli has no measure 'rate'"),
        (("mli", "--vary", "seed=1", "--prepare"), "--prepare without a morphology"),
        (("mli", "--vary", "cf-sync=0,9"), "no synchrony level 9"),
        (("mli", "--vary", "seed=1-3", "--vary", "trial=1-2", "--zip"), "--zip pairs the values"),
        (("olive", "--vary", "seed=1", "--perturb", "frog"), "TIME:CHANGE"),
        (("purkinje", "--vary", "cf_scale=1", "--set", "cf=2"), "unknown parameter 'cf'"),
        (("mli", "--vary", "seed=1", "--slurm", "time=3"), "--slurm"),
        (("mli", "--vary", "seed=1", "--cf-strength", "1x"), "--cf-strength is of a Purkinje cell"),
        (("purkinje", "--vary", "cf-scale=20", "--cf-strength", "1x"), "both set the CF"),
        (
            ("purkinje", "--vary", "seed=1", "--threshold", "26"),
            "--threshold without --cf-strength",
        ),
        (("purkinje", "--cf-strength", "1x,2"), "--cf-strength '2' is not a positive number"),
        (("purkinje", "--vary", "seed=1", "--stimulus", "step tail 1nA"), "tail"),
        (("mli", "--vary", "seed=1", "--stimulus", "block mli"), "mli takes no --stimulus"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    cerebella, tmp_path, small_network_path, arguments, message
):
    what, *others = arguments
    network = () if what == "olive" else ("--network", small_network_path)
    done = cerebella("sweep", "out", what, *others, *network)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_parameters_are_shown_without_a_simulation(cerebella):
    shown = cerebella("sweep", "out", "purkinje", "--set", "mli.time_step_ms=0.05", "--show-config")
    assert "time_step_ms: 0.05" in shown.stdout


def test_failed_runs_end_with_status_1_and_are_counted(cerebella, monkeypatch):
    def refuse_seed_2(parameters, **options):
        if options["seed"] == 2:
            raise InputError("seed 2 is refused")
        return simulate_olive(parameters, **options)

    def in_threads(*arguments, executor, **options):
        with ThreadPoolExecutor(1) as threads:
            return run_sweep(*arguments, executor=threads, **options)

    monkeypatch.setattr(tasks, "simulate_olive", refuse_seed_2)
    monkeypatch.setattr(sweep, "run_sweep", in_threads)
    loop = ("--set", "time_step_ms=1", "--set", "circuit.scale=0.25", "--duration", "100ms")
    done = cerebella("sweep", "out", "olive", "--vary", "seed=1-2", *loop)
    assert done.returncode == 1
    assert "1 of 2 failed, for example olive_seed=2" in done.stderr
    assert "seed 2 is refused" in done.stderr


def test_one_strength_is_set_and_several_are_varied():
    varied = {"seed": "1-2"}
    one = _with_strengths(CortexParameters(), varied, [1.0], 27.4, None, 0)
    assert one.purkinje.connections.cf_scale == pytest.approx(29)
    assert varied == {"seed": "1-2"}
    same = _with_strengths(CortexParameters(), varied, [1.0, 2.0], 13.7, None, 0)
    assert same == CortexParameters()
    scales = [float(text) for text in varied["purkinje.connections.cf_scale"].split(",")]
    assert scales == pytest.approx([14.5, 29])
