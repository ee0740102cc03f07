"""HDF5 files that another process has open, and file systems without locks."""

from __future__ import annotations

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from cerebella.results.sonata_spikes import read_spikes, write_spikes
from cerebella.results.spikes import Population, SpikeTrains

NO_LOCKS = """\
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
int flock(int file, int operation) { errno = ENOLCK; return -1; }
"""
"""A library that takes locks away, as NFS and Lustre do where they are mounted without."""

WRITE_AND_READ = """\
import cerebella as cb
network = cb.load_network(cb.save_network(cb.generate_network(seed=1, scale=0.1), "network"))
cb.simulate_olive(duration_ms=1000.0, progress=False).save("run")
run = cb.load_run("run")
print(len(run.spikes.times_ms) > 0, len(run.weights.times_ms) > 0)
"""


def test_a_file_that_another_process_writes_is_read(tmp_path):
    spikes = SpikeTrains(np.array([1.0, 2.0]), np.array([0, 0]), (Population("PC", 0, 1),), 10.0)
    write_spikes(spikes, tmp_path / "spikes.h5")
    with h5py.File(tmp_path / "spikes.h5", "r+"):
        read = subprocess.run(
            [
                sys.executable,
                "-c",
                "import cerebella as cb; print(cb.load_spikes('spikes.h5').times_ms)",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert read.stdout.strip() == "[1. 2.]", read.stderr
    assert read_spikes(tmp_path / "spikes.h5") == spikes


@pytest.mark.skipif(sys.platform != "linux", reason="replaces flock by LD_PRELOAD")
def test_a_file_system_without_locks_is_written_and_read(tmp_path):
    (tmp_path / "no_locks.c").write_text(NO_LOCKS)
    library = tmp_path / "no_locks.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, tmp_path / "no_locks.c"], check=True)
    made = subprocess.run(
        [sys.executable, "-c", WRITE_AND_READ],
        cwd=tmp_path,
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout.strip() == "True True", made.stderr
