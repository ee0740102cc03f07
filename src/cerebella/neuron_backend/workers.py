"""Simulation in a separate process, or in several under MPI.

The caller writes a parcel into a folder, the worker (`cerebella.neuron_backend.worker`) reads it,
reports its progress and writes a parcel of results there, and the caller reads that. A crash of
a worker is an error message for the caller, no more.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError, SimulationError
from cerebella.machine import count_cores
from cerebella.neuron_backend.launch_watch import LaunchWatch
from cerebella.neuron_backend.launcher import environment_of_own_processes
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import find_mpiexec
from cerebella.results.atomic import atomic_file

REQUEST, RESULT = "request", "result"
"""Names of the parcels in the folder of a worker."""

_PROGRESS_FILE = "progress"


class Parcel(NamedTuple):
    """Content transferred to another process.

    Attributes
    ----------
    values : mapping
        Whatever JSON can hold.
    arrays : mapping of str to ndarray
        Arrays by name, of numbers or text.
    """

    values: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray]


def write_parcel(folder: Path, name: str, parcel: Parcel) -> None:
    """Write a parcel for `read_parcel` atomically."""
    arrays: dict[str, Any] = dict(parcel.arrays)
    np.savez(folder / f"{name}.npz", **arrays)
    with atomic_file(folder / f"{name}.json") as temporary:
        temporary.write_text(json.dumps(parcel.values))


def read_parcel(folder: Path, name: str) -> Parcel | None:
    """Return a parcel written by `write_parcel`; None if it is incomplete."""
    if not (folder / f"{name}.json").exists():
        return None
    values = json.loads((folder / f"{name}.json").read_text())
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        return Parcel(values, {key: archive[key] for key in archive.files})


def report_progress(folder: Path, fraction: float) -> None:
    """Write the completed fraction of the simulation, 0 to 1, for the caller of a worker."""
    (folder / _PROGRESS_FILE).write_text(repr(fraction))


def run_worker(
    module: str,
    library: MechanismLibrary,
    request: Parcel,
    *,
    ranks: int = 1,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Parcel:
    """Run the function `integrate_parcel` of a module in a worker and return its result.

    Parameters
    ----------
    module : str
        Dotted name of the module.
    library : MechanismLibrary
        Compiled mechanisms that the worker loads into NEURON.
    request : Parcel
        Argument of the function.
    ranks : int
        Processes to start, under MPI if more than one.
    on_progress : callable
        Called with the fraction done, 0 to 1.

    Returns
    -------
    Parcel
        Result of the function.

    Raises
    ------
    MachineError
        There is no mpiexec, and `ranks` is more than 1.
    SimulationError
        The process ended without a result; the message names its log.
    InputError
        A mechanism of the user has a name that NEURON uses.
    """
    launcher = [find_mpiexec(), "-n", str(ranks)] if ranks > 1 else []
    environment = environment_of_own_processes() | _yield_when_waiting(ranks)
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        try:
            write_parcel(folder, REQUEST, request)
        except OSError as error:
            raise SimulationError(
                f"the temporary folder {folder.parent} cannot be used "
                f"({error.strerror or error}). Free some disk space or set TMPDIR"
            ) from error
        log = folder / "log.txt"
        worker = [sys.executable, "-m", "cerebella.neuron_backend.worker", module]
        watch = LaunchWatch(folder, log, ranks)

        def while_running() -> None:
            watch.check()
            _relay_progress(folder / _PROGRESS_FILE, on_progress)

        status = run_to_log(
            [*launcher, *worker, folder, library.folder],
            log,
            folder=folder,
            environment=environment,
            launcher=ranks > 1,
            while_running=while_running,
        )
        # A launcher may kill a rank that ends a moment after another and call that a failure.
        result = read_parcel(folder, RESULT)
        if result is None:
            _refuse_taken_name(log)
            raise SimulationError(_explain_failure(status, log))
        return result


def _yield_when_waiting(ranks: int) -> dict[str, str]:
    """Return environment variables that make waiting ranks of MPICH yield their cores.

    They keep it busy by default, which delays the others where ranks share cores.
    """
    shared = ranks > count_cores()
    return {"MPIR_CVAR_ENABLE_HEAVY_YIELD": "1"} if shared else {}


def _relay_progress(file: Path, on_progress: Callable[[float], None]) -> None:
    try:
        on_progress(float(file.read_text()))
    except (OSError, ValueError):
        return  # not yet written, or incomplete


def _refuse_taken_name(log: Path) -> None:
    """Raise InputError if NEURON ended because a mechanism has the name of something of its own."""
    found = re.search(r"user defined name, (\w+), already exists", log.read_text(errors="replace"))
    if found:
        raise InputError(
            f"a mechanism cannot be called {found[1]}, which is a name of NEURON",
            remedy="Change its SUFFIX",
        )


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
