"""Children never outlive us, however we end, and their output is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cerebella.neuron_backend import processes
from cerebella.neuron_backend.guardian import descendants
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import find_mpiexec

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SLEEPING_FAMILY = (
    "import os, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(os.getpid(), child.pid, flush=True)\n"
)


def python(code):
    return [sys.executable, "-c", code]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


def test_output_and_status_are_kept(log, tmp_path):
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run_to_log(python(code), log, folder=tmp_path) == 3
    assert sorted(log.read_text().split()) == ["err", "out"]


def test_death_by_a_signal_is_a_negative_status(log, tmp_path):
    code = "import os; print('before', flush=True); os.abort()"
    assert run_to_log(python(code), log, folder=tmp_path) == -signal.SIGABRT
    assert "before" in log.read_text()


def test_environment_and_folder_are_given(log, tmp_path, monkeypatch):
    monkeypatch.setenv("TOAD", "brown")
    code = "import os; print(os.environ['FROG'], os.environ['TOAD'], os.getcwd())"
    run_to_log(python(code), log, folder=tmp_path, environment={**os.environ, "FROG": "green"})
    assert log.read_text().split() == ["green", "brown", str(tmp_path)]


def test_a_child_cannot_take_the_input_that_is_meant_for_us(log, tmp_path):
    reading, writing = os.pipe()
    os.write(writing, b"Kermit\n")
    ours = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert run_to_log(python("print(input('name? '))"), log, folder=tmp_path) == 1
    finally:
        os.dup2(ours, 0)
        for descriptor in (ours, reading, writing):
            os.close(descriptor)
    assert "EOFError" in log.read_text()


def test_progress_is_looked_at_while_running_and_once_at_the_end(log, tmp_path):
    seen = []
    code = "import time; print('a', flush=True); time.sleep(0.6); print('b')"
    run_to_log(
        python(code), log, folder=tmp_path, while_running=lambda: seen.append(log.read_text())
    )
    assert "a\n" in seen
    assert seen[-1] == "a\nb\n"


@linux_only
@pytest.mark.parametrize("deaf", [False, True])
def test_an_interrupt_ends_child_and_grandchild(
    log, tmp_path, monkeypatch, wait_until, is_running, deaf
):
    """Also a child that does not listen to SIGTERM."""
    monkeypatch.setattr(processes, "_TERMINATION_S", 0.3)
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else ""

    def interrupt():
        if log.read_text().endswith("\n"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_to_log(
            python(ignore + SLEEPING_FAMILY + "time.sleep(60)"),
            log,
            folder=tmp_path,
            while_running=interrupt,
        )
    child, grandchild = map(int, log.read_text().split())
    assert not is_running(child)
    wait_until(lambda: not is_running(grandchild))


@linux_only
def test_what_a_finished_child_leaves_behind_is_ended(log, tmp_path, wait_until, is_running):
    assert run_to_log(python(SLEEPING_FAMILY), log, folder=tmp_path) == 0
    _, grandchild = map(int, log.read_text().split())
    wait_until(lambda: not is_running(grandchild))


@linux_only
def test_a_child_dies_with_a_parent_that_was_killed(log, tmp_path, wait_until, is_running):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from cerebella.neuron_backend.processes import run_to_log\n"
        f"run_to_log([sys.executable, '-c', 'import time; time.sleep(60)'], Path({str(log)!r}), "
        f"folder=Path({str(tmp_path)!r}))"
    )
    parent = subprocess.Popen(python(code))
    wait_until(lambda: len(descendants(parent.pid)) == 2)
    family = descendants(parent.pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(is_running, family)))


SIMULATE = """
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
simulate_mli(
    generate_network(scale=0.1),
    engine=CoreNeuron(ranks=2),
    duration_ms=1e5,
    progress=lambda fraction: fraction and print("under way", flush=True),
)
"""


@linux_only
@pytest.mark.mpi
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_ranks_end_with_the_simulation_that_started_them(wait_until, is_running, number):
    parent = subprocess.Popen(
        python(SIMULATE),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Python inherits an ignored SIGINT from shells that run it in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert parent.stdout.readline() == "under way\n"
        family = descendants(parent.pid)
        # guardian, mpiexec, two ranks, and the proxy that launchers for several machines have
        assert len(family) == (4 if find_mpiexec().name == "mpiexec.gforker" else 5)
        os.kill(parent.pid, number)
        assert parent.wait(20) == -number
    finally:
        parent.kill()
        parent.communicate()
    wait_until(lambda: not any(map(is_running, family)))


def test_error_lines_prefer_what_speaks_of_an_error(log):
    log.write_text("start\nleak.mod: Error: bad\n\nmore\ncc1plus: fatal\nend\n")
    assert error_lines(log) == "leak.mod: Error: bad\ncc1plus: fatal"
    assert error_lines(log, 1) == "leak.mod: Error: bad"


def test_error_lines_are_the_last_where_none_speaks_of_an_error(log):
    log.write_bytes(b"one\ntwo \xff\n\nthree\n")
    assert error_lines(log, 2) == "two \ufffd\nthree"
    log.write_text("")
    assert error_lines(log) == ""
