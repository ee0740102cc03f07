"""A simulation in a process of its own, or in several under MPI.

The caller writes a job into a folder, the worker writes how far it is and then its result, and
the caller reads that. A crash in a worker is an error message for the caller, no more.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cerebella.errors import SimulationError
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import find_mpiexec

Result = TypeVar("Result")

_PROGRESS_FILE = "progress"


def report_progress(folder: Path, fraction: float) -> None:
    """Say in a worker's folder how much of the simulation is done, from 0 to 1."""
    (folder / _PROGRESS_FILE).write_text(repr(fraction))


def run_worker(
    module: str,
    library: MechanismLibrary,
    *,
    write_job: Callable[[Path], None],
    read_result: Callable[[Path], Result | None],
    ranks: int = 1,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Result:
    """Run ``python -m module FOLDER LIBRARY`` and return its result.

    Parameters
    ----------
    write_job : writes what is to be done into the folder.
    read_result : reads the result from there; None if there is none.
    ranks : processes to start, under MPI if more than one.
    on_progress : called with the fraction done, from 0 to 1.

    Raises
    ------
    MachineError : no mpiexec although `ranks` > 1.
    SimulationError : the process ended without a result; the message names its log.
    """
    launcher = [find_mpiexec(), "-n", str(ranks)] if ranks > 1 else []
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        try:
            write_job(folder)
        except OSError as error:
            raise SimulationError(
                f"the temporary folder {folder.parent} cannot be used "
                f"({error.strerror or error}). Make room or set TMPDIR"
            ) from error
        log = folder / "log.txt"
        status = run_to_log(
            [*launcher, sys.executable, "-m", module, folder, library.folder],
            log,
            folder=folder,
            environment=_yield_when_waiting(ranks),
            while_running=lambda: _relay_progress(folder / _PROGRESS_FILE, on_progress),
        )
        # A launcher may kill a rank that ends a moment after another and call that a failure.
        result = read_result(folder)
        if result is None:
            raise SimulationError(_explain_failure(status, log))
        return result


def _yield_when_waiting(ranks: int) -> dict[str, str]:
    """Return variables that make MPICH's ranks free their core while they wait for others.

    They keep it busy by default, which delays the others where ranks share cores.
    """
    shared = ranks > (os.cpu_count() or 1)
    return {"MPIR_CVAR_ENABLE_HEAVY_YIELD": "1"} if shared else {}


def _relay_progress(file: Path, on_progress: Callable[[float], None]) -> None:
    try:
        on_progress(float(file.read_text()))
    except (OSError, ValueError):
        return  # nothing written yet, or just being written


def _explain_failure(status: int, log: Path) -> str:
    """Say how the process ended, and keep its log, which would go with its folder."""
    name = Path(tempfile.mkdtemp(prefix="cerebella-failed-")) / "log.txt"
    shutil.copyfile(log, name)
    by_signal = -status if status < 0 else status - 128
    how = (
        f"signal {by_signal} ({signal.Signals(by_signal).name})"
        if by_signal in set(signal.Signals)
        else f"status {status}"
    )
    return (
        f"the simulation process ended with {how}; its log is {name}; it says\n{error_lines(log)}"
    )
