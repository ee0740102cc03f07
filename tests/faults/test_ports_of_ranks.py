"""Ranks of a run, and the launcher that starts them, listen on no port."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.neuron_backend.guardian import descendants
from cerebella.neuron_backend.toolchain import find_mpiexec


@pytest.mark.mpi
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_on_two_ranks_listens_on_no_port():
    if find_mpiexec().name != "mpiexec.gforker":
        pytest.skip("mpiexec is a launcher for several machines, which needs a port")
    listening, watched, over = set(), set(), Event()

    def watch():
        while not over.is_set():
            for process in descendants(os.getpid()):
                watched.add(process)
                listening.update(ports_of(process))
            time.sleep(0.02)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        network = generate_network(seed=3, scale=0.1)
        simulate_mli(network, duration_ms=20.0, engine=CoreNeuron(ranks=2), progress=False)
    finally:
        over.set()
        watcher.join()
    assert len(watched) >= 4  # guardian, launcher and two ranks
    assert listening == set()


def ports_of(process):
    """Return the addresses and ports, in hexadecimal, on which a process listens."""
    opened = set()
    with contextlib.suppress(OSError):
        for file in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                opened.add(str(file.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened}
