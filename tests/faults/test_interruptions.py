"""Ctrl-C at any time after the start of the command is a status, not a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

WHILE_IMPORTING = """
import os, signal, sys
from cerebella.cli import entry

module, number = sys.argv.pop(1), int(sys.argv.pop(1))

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), number)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
entry.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["typer", "cerebella.cli.mli", "pydantic", "h5py"])
def test_an_interruption_while_modules_are_imported_is_only_a_status(number, module, tmp_path):
    command = ["mli", "run", "absent", "out"]
    done = subprocess.run(
        [sys.executable, "-c", WHILE_IMPORTING, module, str(int(number)), *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert done.stdout + done.stderr == ""


REPEATED = """
import os, signal, sys, time
from cerebella.cli import main
try:
    os.kill(os.getpid(), signal.SIGINT)
except SystemExit:
    pass
{pause}
os.kill(os.getpid(), signal.SIGINT)
print("still here")
sys.exit(7)
"""


@pytest.mark.parametrize(("pause", "status"), [("", 7), ("time.sleep(1.1)", 130)])
def test_a_second_interruption_ends_at_once_but_not_a_repeated_one(pause, status):
    """Launchers send the same signal twice, while the first one is being handled."""
    code = REPEATED.format(pause=pause).replace(
        "try:", "signal.signal(signal.SIGINT, main._stop)\ntry:", 1
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
