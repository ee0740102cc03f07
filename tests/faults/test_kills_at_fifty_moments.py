"""A driver that is killed at any moment leaves no process after 5 s."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

LEFT_AFTER_S = 5.0
MARK = "CEREBELLA_KILL_TEST"

RUN = """
import sys
import cerebella as cb
if __name__ == "__main__":
    cb.simulate_mli(
        cb.generate_network(seed=3, scale=0.1),
        engine=cb.CoreNeuron(ranks=2), duration_ms=300.0, out=sys.argv[1], progress=False,
    )
"""
SWEEP = """
import sys
import cerebella as cb
from cerebella.experiments.cf_synchrony.tasks import SyncModel, network_task

if __name__ == "__main__":
    model = SyncModel(cb.generate_network(seed=3, scale=0.1), duration_ms=50.0)
    tasks = [network_task(model, 8, trial) for trial in range(1, 3)]
    cb.run_sweep(sys.argv[1], tasks, experiment="e", settings={}, workers=2, prepare=model.save)
"""
COMPILE = """
import os, sys
os.environ["CEREBELLA_CACHE"] = sys.argv[1]
from cerebella.neuron_backend.mechanism_sets import MechanismSet
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
if __name__ == "__main__":
    tiny = "NEURON { SUFFIX tiny RANGE g }\\nPARAMETER { g = 1 }\\n"
    ensure_mechanisms(MechanismSet({"tiny.mod": tiny}))
"""


def marked(mark: str) -> dict[int, str]:
    """Return process ids and commands of living processes with this value of `MARK`."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, IndexError, ValueError):
            continue
    return found


@pytest.mark.parametrize(
    ("script", "n_moments"),
    [(RUN, 18), (SWEEP, 18), (COMPILE, 14)],
    ids=["run", "sweep", "compile"],
)
def test_a_driver_killed_at_any_moment_leaves_no_process(script, n_moments, tmp_path):
    (tmp_path / "script.py").write_text(script)
    out = tmp_path / "out"

    def start(mark: str) -> subprocess.Popen[bytes]:
        shutil.rmtree(out, ignore_errors=True)
        return subprocess.Popen(
            [sys.executable, tmp_path / "script.py", out],
            cwd=tmp_path,
            env={**os.environ, MARK: mark},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    begin = time.monotonic()
    assert start(f"{os.getpid()}-whole").wait() == 0
    whole_s = time.monotonic() - begin
    longest_s, killed = 0.0, 0
    for moment in range(n_moments):
        mark = f"{os.getpid()}-{moment}"
        driver = start(mark)
        time.sleep(whole_s * (moment + 0.5) / n_moments)
        driver.kill()
        killed += driver.wait() != 0
        begin = time.monotonic()
        while (left := marked(mark)) and time.monotonic() - begin < LEFT_AFTER_S:
            time.sleep(0.05)
        longest_s = max(longest_s, time.monotonic() - begin)
        assert left == {}, f"{moment} of {n_moments}"
    print(f"{killed} of {n_moments} killed within {whole_s:.1f} s; all ended in {longest_s:.2f} s")
    assert killed >= n_moments * 2 / 3
