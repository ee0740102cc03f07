"""A disk that fills up at any moment of a run is one message; no crash, no half a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

SCRIPT = """
import shutil, subprocess, sys
from pathlib import Path
import cerebella as cb

disk, whole = map(Path, sys.argv[1:])
files = ("spikes.h5", "weights.h5", "voltage.h5")
n_failed = 0

def simulate(path, **options):
    small = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}
    cb.simulate_olive(small, duration_ms=50.0, out=path, progress=False, **options)

def refused(path, **options):
    try:
        simulate(path, **options)
    except cb.InputError as error:
        assert "No space left" in str(error), error
        return True
    return False

simulate(whole)
for size_kB in sys.stdin.read().split():
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kB}k", "tmpfs", disk], check=True)
    try:
        simulate(disk)
    except cb.InputError as error:
        assert "is the root of a file system" in str(error), error
    if refused(disk / "loop"):
        n_failed += 1
        assert not (disk / "loop" / "run.json").exists()
        assert not list(disk.glob(".*")), list(disk.iterdir())
        resume = (disk / "loop" / "partial").is_dir()
        subprocess.run(["mount", "-o", "remount,size=2m", disk], check=True)
        simulate(disk / "loop", resume=resume)
    assert [*map(lambda f: (disk / "loop" / f).read_bytes(), files)] == [
        *map(lambda f: (whole / f).read_bytes(), files)]
    subprocess.run(["mount", "-o", "remount,size=2m", disk], check=True)
    subprocess.run(["umount", disk], check=True)
print(n_failed)
"""

IN_NAMESPACE = ["unshare", "--map-root-user", "--mount"]
"""A command in its own mount namespace, so that the small disk exists for it alone."""


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    trial = [*IN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="mounting in an own namespace is not permitted here")
def test_a_full_disk_is_one_message_at_every_size_and_the_run_is_resumed(tmp_path):
    """8 kB ended in a segmentation fault of HDF5, 20 kB in a traceback."""
    disk = tmp_path / "disk"
    disk.mkdir()
    sizes = [4, 8, 12, 16, 20, 24, 32, 48, 64, 128, 200, 280, 320, 2000]
    done = subprocess.run(
        [*IN_NAMESPACE, sys.executable, "-c", SCRIPT, disk, tmp_path / "whole"],
        input=" ".join(map(str, sizes)),
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 8
