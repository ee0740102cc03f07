"""Slurm that is absent, options that cannot be used, and files that jobs left."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from cerebella.errors import InputError, MachineError
from cerebella.sweeps import slurm
from cerebella.sweeps.folder import remove_abandoned
from cerebella.sweeps.slurm_options import (
    SlurmOptions,
    parse_slurm_options,
    read_slurm_options,
    time_limit_min,
)
from cerebella.sweeps.sweep import run_sweep


def test_without_slurm_a_sweep_on_slurm_stops_and_says_so(tmp_path, monkeypatch):
    pytest.importorskip("submitit")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MachineError, match=r"no sbatch on PATH.*give `executor` processes"):
        run_sweep(tmp_path / "out", [], experiment="one", settings={}, executor="slurm")
    command = "experiment cf-rate out --rates 1 --starts none --perturb none --executor slurm"
    ended = subprocess.run(
        [sys.executable, "-m", "cerebella.cli.main", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "error: Slurm is not on this machine" in ended.stderr
    assert "give --executor processes" in ended.stderr
    assert not (tmp_path / "out").exists()


def test_options_of_sbatch_are_read_from_one_text():
    texts = ["partition=short,account=lab,nodelist=a1,a2", "time=1-12,mem_GB=1.5,exclusive="]
    assert read_slurm_options(parse_slurm_options([*texts, "array_size=50"])) == SlurmOptions(
        {
            "partition": "short",
            "account": "lab",
            "nodelist": "a1,a2",
            "time": "1-12",
            "mem": "1536M",
            "exclusive": "",
        },
        array_size=50,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("short", "'short' has no value"),
        ("time=soon", "time 'soon' is not a time of Slurm"),
        ("mem_GB=lots", "mem_GB 'lots' is not a positive number"),
        ("array_size=2.5", "array_size '2.5' is not a positive integer"),
        ("cpus_per_task=4", "cpus_per_task cannot be given. .* `ranks` determines it"),
        ("output=/etc/passwd", "output cannot be given"),
        ("comment=a\nrm -r .", "is no option of sbatch"),
        ("--partition=short", "is no option of sbatch"),
        ("time=5,time=6", "time is given twice"),
    ],
)
def test_options_that_cannot_be_used_are_refused_before_anything_is_submitted(text, message):
    with pytest.raises(InputError, match=message):
        read_slurm_options(parse_slurm_options([text]))


def test_the_time_limit_follows_from_the_longest_run_with_a_margin():
    assert time_limit_min([12.0, 45.0]) == 20
    assert time_limit_min([7200.0]) == 610
    assert time_limit_min([12.0, 0.0]) == 120  # without an estimate


@pytest.mark.parametrize("given", [{"slurm": {"time": "5"}}, {"detach": True}])
def test_options_of_slurm_are_refused_for_other_executors(tmp_path, given):
    with pytest.raises(InputError, match=r"is for Slurm only\. Give `executor` slurm"):
        run_sweep(tmp_path / "out", [], experiment="one", settings={}, **given)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": "1; rm -r ."}', "[" * 100_000])
def test_a_damaged_list_of_jobs_is_named(tmp_path, content):
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm" / "jobs.json").write_text(content)
    with pytest.raises(InputError, match=r"jobs\.json: is not a list of Slurm jobs. Remove it"):
        slurm.load_jobs(tmp_path)


class Harm:
    def __reduce__(self):
        return (pytest.fail, ("a pickle of the folder was loaded",))


def test_results_of_jobs_are_never_unpickled_by_the_driver(tmp_path):
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm" / "12_0_0_result.pkl").write_bytes(pickle.dumps(("success", Harm())))
    (tmp_path / "slurm" / "12_0_0_log.err").write_text("loading\n\nKilled: out of memory\n")
    error = slurm.why_ended(tmp_path, tmp_path / "runs" / "net-1a2b3c4d", "12_0")
    assert "Slurm job 12_0 ended without a run" in error
    assert "its log ends: loading / Killed: out of memory" in error


def test_runs_that_jobs_still_write_are_not_taken_for_abandoned_ones(tmp_path):
    for name in (".net-1a2b3c4d-tmpx", ".pc-5e6f7a8b-tmpy"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    remove_abandoned(tmp_path, except_of=["pc-5e6f7a8b"])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [".pc-5e6f7a8b-tmpy"]
