"""Damaged files and random command lines: values or one message, never another exception.

By default, some files for each reader; `pytest -m slow tests/faults/test_fuzz.py` reads 10 000, in
processes with limited memory, and prints how many were tried and held.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.fuzz.readers import READERS
from tests.faults.fuzz.run import count_problems, prepare

HELD = {"accepted", "refused", "exit 0", "exit 1", "exit 2"}
NAMES = [*READERS, "command line"]
N_FILES, N_FILES_SLOW = 4, 330


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    prepare(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_some_damaged_files_are_read_or_refused(name, prepared):
    found = count_problems(name, N_FILES, prepared)
    assert set(found) <= HELD, dict(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_ten_thousand_damaged_files_are_read_or_refused(name, tmp_path, capsys):
    command = [sys.executable, "-W", "error", "-m", "tests.faults.fuzz.run"]
    done = subprocess.run(
        [*command, name, str(N_FILES_SLOW), str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    # The kernel ends a process that does not return: the file read last is in tmp_path/damaged.
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr[-2000:]}"
    found = Counter(json.loads(done.stdout.splitlines()[-1]))
    held = sum(number for what, number in found.items() if what in HELD)
    with capsys.disabled():
        print(f"\n{name}: {found.total()} tried, {held} held")
    assert set(found) <= HELD, dict(found)
