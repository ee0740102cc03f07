"""Compiled code is made and loaded by several threads at once."""

from __future__ import annotations

import subprocess
import sys

IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import cerebella as cb

network = cb.generate_network(seed=5, scale=0.1)
ready = Barrier(4)


def simulate(trial):
    ready.wait()
    return len(cb.simulate_mli(network, duration_ms=1, trial=trial, progress=False).spikes.times_ms)


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(simulate, range(4))))
"""


def test_threads_that_simulate_first_at_once_do_not_wait_for_each_other():
    for _ in range(2):
        command = [sys.executable, "-c", IN_THREADS]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
