"""The command line as a user has it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cerebella.network.generate import generate_network
from cerebella.network.load import save_network

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]


@pytest.fixture(scope="session")
def small_network_path(tmp_path_factory) -> Path:
    """A network of 21 MLI1 and 6 MLI2, saved."""
    path = tmp_path_factory.mktemp("networks") / "small"
    save_network(generate_network(seed=3, scale=0.1), path)
    return path


@pytest.fixture
def cerebella(tmp_path):
    """Run `cerebella` with arguments in an empty folder; returns the finished process."""

    def run(*arguments, **environment) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CEREBELLA, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", "TERM": "dumb", **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run
