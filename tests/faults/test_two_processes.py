"""Only one process writes a folder that is written over time; the kernel frees its lock."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cerebella as cb
from cerebella.results.locks import locked_folder
from cerebella.sweeps.folder import Identity, open_sweep_folder

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}
COMMAND = ["--dt", "1", "--scale", "0.25", "--threads", "1"]


def olive(path: Path, *options: str, **more) -> subprocess.Popen:
    command = [sys.executable, "-m", "cerebella.cli.main", "olive", "run", str(path), *COMMAND]
    return subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, **more)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_process_of_a_run_is_refused_and_the_first_is_unharmed(tmp_path):
    path, long_ms = tmp_path / "run", 10_000_000.0
    first = olive(path, "--duration", "10000s")
    try:
        wait_for(path / "partial" / "configuration.json")
        for option in ("resume", "force"):
            with pytest.raises(cb.InputError, match="run: is in use by another process") as caught:
                cb.simulate_olive(SMALL, duration_ms=long_ms, out=path, **{option: True})
            assert caught.value.exit_code == 2
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    # The lock died with the process.
    cb.simulate_olive(SMALL, duration_ms=100.0, out=path, force=True, progress=False)


def test_a_second_driver_of_a_sweep_is_refused(tmp_path):
    identity = Identity("numbers", {})
    with open_sweep_folder(tmp_path / "sweep", identity):
        script = (
            "import sys, pathlib; from cerebella.sweeps.folder import *\n"
            "with open_sweep_folder(pathlib.Path(sys.argv[1]), Identity('numbers', {})): pass"
        )
        second = subprocess.run(
            [sys.executable, "-c", script, tmp_path / "sweep"], capture_output=True, check=False
        )
    assert b"is in use by another process" in second.stderr
    with open_sweep_folder(tmp_path / "sweep", identity):
        pass


def test_a_file_system_without_locks_is_named_and_used(tmp_path, monkeypatch):
    def without_locks(handle, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with (
        pytest.warns(RuntimeWarning, match="a file system without locks"),
        locked_folder(tmp_path, tmp_path / "lock"),
    ):
        pass


def test_a_lock_whose_file_was_removed_meanwhile_is_not_taken(tmp_path):
    with locked_folder(tmp_path, tmp_path / "lock"):
        (tmp_path / "lock").unlink()
        with locked_folder(tmp_path, tmp_path / "lock"):
            assert (tmp_path / "lock").exists()


def test_a_sweep_killed_before_its_first_file_was_complete_starts(tmp_path):
    (tmp_path / "sweep" / "runs").mkdir(parents=True)
    (tmp_path / "sweep" / "sweep.lock").touch()
    (tmp_path / "sweep" / ".sweep-abcd_123.json").write_text('{"schema"')
    with open_sweep_folder(tmp_path / "sweep", Identity("numbers", {})) as folder:
        assert sorted(file.name for file in folder.iterdir()) == [
            "runs",
            "sweep.json",
            "sweep.lock",
        ]
        assert json.loads((folder / "sweep.json").read_text())["experiment"] == "numbers"
