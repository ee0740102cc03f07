"""The command line, in this process for speed or in a separate process as for users."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from cerebella.cli import console
from cerebella.cli.main import main
from cerebella.network.generate import generate_network
from cerebella.network.load import save_network

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]
TERMINAL = {"COLUMNS": "200", "TERM": "dumb"}


@pytest.fixture(scope="session")
def small_network_path(tmp_path_factory) -> Path:
    """A network of 21 MLI1 and 6 MLI2, saved."""
    path = tmp_path_factory.mktemp("networks") / "small"
    save_network(generate_network(seed=3, scale=0.1), path)
    return path


@pytest.fixture
def cerebella(tmp_path, capfd):
    """Call `cerebella` with arguments in an empty folder; returns the result of a process.

    Nothing is replaced but the arguments: the entry point of the program parses them, prints to
    the file descriptors, and starts and ends its workers. It spares Python's start and the
    imports, several seconds for each call. Tests of the process itself use `cerebella_process`.
    """

    def run(*arguments) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        command = ["cerebella", *map(str, arguments)]
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", command)
            patch.chdir(tmp_path)
            for name, value in TERMINAL.items():
                patch.setenv(name, value)
            for stream in (console.out, console.err):
                patch.setattr(stream, "width", 200)
            try:
                main()
                code = 0
            except SystemExit as stop:
                code = int(stop.code or 0)
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)
        printed = capfd.readouterr()
        return subprocess.CompletedProcess(command, code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def cerebella_process_in():
    """Run `cerebella` in a folder with arguments, in a separate process.

    For what a process has of its own: environment, imports, exit status. Keywords set variables of
    the environment.
    """

    def run(folder, *arguments, **environment) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CEREBELLA, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **TERMINAL, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def cerebella_process(cerebella_process_in, tmp_path):
    """Run `cerebella` with arguments in an empty folder, in a separate process."""
    return partial(cerebella_process_in, tmp_path)
