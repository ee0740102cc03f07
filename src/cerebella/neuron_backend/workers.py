"""Simulations in separate processes, one or several under MPI.

The caller writes a job to a folder; the worker writes its progress and then its result, which
the caller reads. A crash of a worker becomes an error message of the caller.
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
    """Write the completed fraction of the simulation, 0 to 1, to the folder of a worker."""
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
    module : str
        Module to run.
    library : MechanismLibrary
        Compiled mechanisms.
    write_job : callable
        Writes the job to a folder.
    read_result : callable
        Reads the result from the folder; returns None if there is none.
    ranks : int, default 1
        Number of processes; MPI is used if there are several.
    on_progress : callable, optional
        Called with the completed fraction, 0 to 1.

    Returns
    -------
    Result
        Return value of `read_result`.

    Raises
    ------
    MachineError
        If mpiexec is missing and `ranks` > 1.
    SimulationError
        If the process ends without a result; the message names its log.
    """
    launcher = [find_mpiexec(), "-n", str(ranks)] if ranks > 1 else []
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        try:
            write_job(folder)
        except OSError as error:
            raise SimulationError(
                f"the temporary folder {folder.parent} cannot be used "
                f"({error.strerror or error}). Free some disk space or set TMPDIR"
            ) from error
        log = folder / "log.txt"
        status = run_to_log(
            [*launcher, sys.executable, "-m", module, folder, library.folder],
            log,
            folder=folder,
            environment=_yield_when_waiting(ranks),
            while_running=lambda: _relay_progress(folder / _PROGRESS_FILE, on_progress),
        )
        # The status is not reliable: a launcher may kill a rank that ends after the others.
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
        return  # not yet written, or incomplete


def _explain_failure(status: int, log: Path) -> str:
    """Describe how the process ended, and keep its log, which is in the temporary folder."""
    name = Path(tempfile.mkdtemp(prefix="cerebella-failed-")) / "log.txt"
    shutil.copyfile(log, name)
    by_signal = -status if status < 0 else status - 128
    ending = (
        f"signal {by_signal} ({signal.Signals(by_signal).name})"
        if by_signal in set(signal.Signals)
        else f"status {status}"
    )
    return (
        f"the simulation process ended with {ending}; its log is {name}; relevant lines:\n"
        f"{error_lines(log)}"
    )
