"""Sweeps in scripts: without a main guard, from standard input, and with runs that all fail."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.errors import InputError, SimulationError
from cerebella.sweeps.main_guard import is_below_guard
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task

SCRIPT = """\
from cerebella.sweeps.sweep import run_sweep

def sweep():
    print("started")
    print(run_sweep("out", [], experiment="one", settings={}))

"""
GUARDED = ["if __name__ == '__main__':\n    sweep()", "if '__main__' == __name__: sweep()"]
UNGUARDED = ["sweep()", "if True:\n    sweep()", "for _ in range(1):\n    sweep()"]


def run(folder, call, *, by_input=False):
    path = folder / "script.py"
    path.write_text(SCRIPT + call)
    return subprocess.run(
        [sys.executable, "-" if by_input else path],
        input=path.read_text() if by_input else None,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_script_without_a_main_guard_is_told_so_before_anything_starts(tmp_path):
    ended = run(tmp_path, UNGUARDED[1])
    last = ended.stderr.strip().splitlines()[-1]
    assert (ended.returncode, ended.stdout) == (1, "started\n")
    assert "script.py, row 8: starts worker processes whenever it is imported" in last
    assert 'below the line `if __name__ == "__main__":`' in last
    assert not (tmp_path / "out").exists()


def test_a_script_from_standard_input_is_told_to_be_a_file(tmp_path):
    ended = run(tmp_path, UNGUARDED[0], by_input=True)
    assert ended.returncode == 1
    assert "read from standard input" in ended.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_script_with_a_main_guard_runs(tmp_path):
    assert run(tmp_path, GUARDED[0]).stdout == "started\n{}\n"


def test_the_guard_is_found_in_whatever_form():
    for calls, guarded in ((GUARDED, True), (UNGUARDED, False)):
        for call in calls:
            source = SCRIPT + call
            assert is_below_guard(source.encode(), source.count("\n") + 1) is guarded, call


def fail(path, settings, needed):
    raise InputError(f"number {settings['number']} is refused", remedy="Give another")


def test_a_sweep_of_which_all_runs_failed_raises_with_the_first_error(tmp_path):
    tasks = [
        Task("network", "refused", fail, {"number": 1}),
        Task("cell", "refused", fail, {"number": 2}, after=("network",)),
    ]
    with (
        ThreadPoolExecutor(2) as threads,
        pytest.raises(SimulationError, match="all 1 runs failed, for example network: number 1"),
    ):
        run_sweep(tmp_path / "out", tasks, experiment="one", settings={}, executor=threads)
    assert (tmp_path / "out" / "failed.json").is_file()
