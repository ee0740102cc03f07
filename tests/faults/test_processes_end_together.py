"""Whoever ends, by whatever signal, no process of a simulation is left after 5 s."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cerebella.neuron_backend.guardian import descendants
from cerebella.neuron_backend.toolchain import find_mpiexec

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

LEFT_AFTER_S = 5.0

SIMULATE = """
import cerebella as cb
if __name__ == "__main__":
    cb.simulate_mli(
        cb.generate_network(scale=0.1),
        engine=cb.CoreNeuron(ranks=2),
        duration_ms=3e4,
        progress=lambda fraction: fraction and print("under way", flush=True),
    )
"""

SWEEP = """
import sys
import cerebella as cb
from cerebella.experiments.cf_synchrony.tasks import SyncModel, network_task

if __name__ == "__main__":
    model = SyncModel(cb.generate_network(seed=3, scale=0.1), duration_ms=1000.0)
    tasks = [network_task(model, 8, trial) for trial in range(1, 7)]
    cb.run_sweep(sys.argv[1], tasks, experiment="e", settings={}, workers=2, prepare=model.save)
"""

COMPILE = """
from pathlib import Path
from cerebella.neuron_backend import mechanisms_cache
from cerebella.neuron_backend.mechanism_sets import MechanismSet
script = Path("nrnivmodl")
script.write_text("#!/bin/sh\\nsh -c 'sleep 60 & sleep 60' & setsid sleep 60 & sleep 60\\n")
script.chmod(0o755)
mechanisms_cache.find_nrnivmodl = script.absolute
mechanisms_cache.ensure_mechanisms(MechanismSet({"tiny.mod": "NEURON { SUFFIX tiny }"}))
"""


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def assert_gone(family: list[int]) -> None:
    deadline = time.monotonic() + LEFT_AFTER_S
    while any(map(is_running, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = {pid: name_of(pid) for pid in family if is_running(pid)}
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == {}


@pytest.fixture
def script(tmp_path):
    """Start Python with a script and arguments; it is killed at the end of the test."""
    started = []

    def start(text, *arguments, **environment):
        (tmp_path / "script.py").write_text(text)
        process = subprocess.Popen(
            [sys.executable, tmp_path / "script.py", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.mpi
@pytest.mark.parametrize("victim", ["driver", "guardian", "launcher", "proxy", "rank"])
def test_whichever_process_of_a_run_on_two_ranks_is_killed_all_end(script, victim):
    driver = script(SIMULATE)
    assert driver.stdout.readline() == "under way\n"
    family = [driver.pid, *descendants(driver.pid)]
    order = ["driver", "guardian", "launcher", "proxy", "rank"]
    if find_mpiexec().name == "mpiexec.gforker":
        order.remove("proxy")  # which only launchers for several machines have
        victim = victim.replace("proxy", "launcher")
    assert len(family) == len(order) + 1, [name_of(pid) for pid in family]
    os.kill(family[order.index(victim)], signal.SIGKILL)
    assert_gone(family[1:])
    if victim != "driver":
        assert "SimulationError" in driver.communicate(timeout=5)[1]
    assert driver.wait(5) == (-signal.SIGKILL if victim == "driver" else 1)


def test_a_driver_of_a_sweep_killed_as_its_workers_start_leaves_none(script, tmp_path, wait_until):
    driver = script(SWEEP, tmp_path / "sweep")
    wait_until(lambda: len(descendants(driver.pid)) >= 3)  # two workers and their tracker
    time.sleep(0.3)
    family = descendants(driver.pid)
    driver.kill()
    assert_gone(family)


def test_a_kill_during_compilation_leaves_no_child(script, tmp_path, wait_until):
    """Neither children of children, nor those that left the process group."""
    driver = script(COMPILE, CEREBELLA_CACHE=str(tmp_path / "cache"))
    wait_until(lambda: len(descendants(driver.pid)) == 7)
    family = descendants(driver.pid)
    driver.kill()
    assert_gone(family)
