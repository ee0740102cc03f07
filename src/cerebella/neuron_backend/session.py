"""Start NEURON once in this process, with compiled mechanisms and, if present, MPI."""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cerebella.errors import MachineError
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.neuron_backend.launcher import ranks_of_launcher
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.toolchain import find_mpi_library


class NeuronSession(NamedTuple):
    """NEURON as used by a simulation: the HOC interpreter and the parallel context."""

    h: Any
    pc: Any


def start_neuron(
    library: MechanismLibrary, before_joining: Callable[[], None] = lambda: None
) -> NeuronSession:
    """Import NEURON, connect to the other MPI ranks, if any, and load the mechanisms.

    Parameters
    ----------
    library : MechanismLibrary
        Compiled mechanisms.
    before_joining : callable
        Called after the import and before the connection.

    Returns
    -------
    NeuronSession

    Raises
    ------
    MachineError
        NEURON does not find the other ranks started by the launcher, or does not load the
        mechanisms.
    """
    os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"
    # CoreNEURON reads this variable when its library is loaded, at the first run.
    os.environ["CORENEURONLIB"] = str(library.coreneuron)
    n_ranks = ranks_of_launcher()
    mpi_library = find_mpi_library()
    if n_ranks > 1 and mpi_library:
        os.environ.setdefault("MPI_LIB_NRN_PATH", str(mpi_library))
        # MPICH's shared-memory barrier spins without yielding: with more ranks than cores
        # (five on two), a run took 70 times longer.
        os.environ.setdefault("MPIR_CVAR_DEVICE_COLLECTIVES", "none")
    # On import, NEURON loads mechanisms from x86_64/ in the current folder, if it exists.
    with chdir(library.folder):
        from neuron import h

    before_joining()
    if n_ranks > 1:
        _prepare_environment_of_mpi(n_ranks, mpi_library)
        _join_ranks()
    pc = h.ParallelContext()
    # Without this check, each rank would silently simulate the whole network.
    if int(pc.nhost()) != n_ranks:
        raise MachineError(_no_connection(n_ranks, f"NEURON found {int(pc.nhost())}"))
    _load_mechanisms(library.neuron)
    h.load_file("stdrun.hoc")
    return NeuronSession(h, pc)


def _prepare_environment_of_mpi(n_ranks: int, mpi_library: Path | None) -> None:
    """Remove variables of PMIx, which MPICH does not support and at which it aborts.

    Raises
    ------
    MachineError
        There is no other connection to the launcher.
    """
    if os.environ.get("MPI_LIB_NRN_PATH") != str(mpi_library):
        return  # an MPI of the user
    if "PMIX_RANK" in os.environ and "PMI_SIZE" not in os.environ:
        raise MachineError(
            _no_connection(n_ranks, "with PMIx, which the MPI library of NEURON does not support")
        )
    for name in [name for name in os.environ if name.startswith("PMIX_")]:
        del os.environ[name]


def _no_connection(n_ranks: int, problem: str) -> str:
    return (
        f"MPI started {n_ranks} ranks, but {problem}. Use the mpiexec of this Python environment "
        f"({shutil.which('mpiexec', path=Path(sys.prefix) / 'bin') or 'pip install mpich'}), or "
        "set MPI_LIB_NRN_PATH to the library of your MPI. For independent runs in a job step of "
        "Slurm, use srun --mpi=none"
    )


@cache
def _load_mechanisms(library: Path) -> None:
    """Load a library into NEURON, once per process."""
    from neuron import h

    # NEURON takes only ASCII letters in the name.
    with chdir(library.parent):
        loaded = h.nrn_load_dll(f"./{library.name}")
    if not loaded:
        raise MachineError(
            f"NEURON cannot load {library}. Delete the compiled mechanisms with "
            "`cerebella doctor --clean` and try again"
        )


@cache
def _join_ranks() -> None:
    """Initialize MPI, once per process and before the parallel context is used."""
    from neuron import h

    h.nrnmpi_init()
    atexit.register(_end_script, NeuronSession(h, h.ParallelContext()))


def initialize(
    neuron: NeuronSession,
    *,
    engine: str,
    time_step_ms: float,
    temperature_C: float,
    initial_v_mV: float,
) -> None:
    """Select the solver and initialize the model at t = 0.

    Parameters
    ----------
    neuron : NeuronSession
        NEURON with a complete model.
    engine : {"coreneuron", "neuron"}
        Solver.
    time_step_ms : float
        Time step in ms.
    temperature_C : float
        Temperature in °C.
    initial_v_mV : float
        Initial membrane potential in mV.
    """
    from neuron import coreneuron

    h, pc = neuron
    h.dt, h.celsius = time_step_ms, temperature_C
    h.cvode.active(0)  # the caller may use variable time steps
    h.cvode.cache_efficient(1)
    coreneuron.enable = engine == CoreNeuron.name  # pyright: ignore[reportAttributeAccessIssue]
    coreneuron.verbose = 0  # pyright: ignore[reportAttributeAccessIssue]
    pc.set_maxstep(10)
    h.finitialize(initial_v_mV)


def solve_until(neuron: NeuronSession, stop_ms: float) -> None:
    """Integrate up to and including the step that ends at `stop_ms`.

    Summed steps differ from their number times dt by rounding errors, for which CoreNEURON ends a
    step early. A quarter of a step added to the stopping time never adds a step.
    """
    neuron.pc.psolve(stop_ms + neuron.h.dt / 4)


@contextmanager
def restored(neuron: NeuronSession) -> Iterator[None]:
    """Restore the settings of NEURON after a simulation in the process of a caller.

    The caller may have cells of its own, which depend on the temperature, the time step, the
    solver and CoreNEURON.
    """
    from neuron import coreneuron

    h, pc = neuron
    of_h = {name: getattr(h, name) for name in ("celsius", "dt", "t")}
    of_cvode = {name: getattr(h.cvode, name)() for name in ("active", "cache_efficient")}
    of_coreneuron = {name: getattr(coreneuron, name) for name in ("enable", "verbose")}
    try:
        yield
    finally:
        pc.gid_clear()  # the next initialization would miss the junctions
        for name, value in of_cvode.items():
            getattr(h.cvode, name)(value)
        for name, value in of_h.items():
            setattr(h, name, value)
        for name, value in of_coreneuron.items():
            setattr(coreneuron, name, value)


def end_process(neuron: NeuronSession) -> NoReturn:
    """End this process successfully, together with the other ranks and without cleanup.

    Freeing a large network is slow. The launcher of MPICH kills the remaining ranks as soon as one
    has ended, even after MPI_Finalize; therefore all ranks end at the same time. That of Open MPI
    ends with status 1 without MPI_Finalize.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    neuron.pc.barrier()
    if ranks_of_launcher() > 1:
        ctypes.CDLL(None).MPI_Finalize()  # NEURON loads the library for the whole process
    os._exit(0)


def _end_script(neuron: NeuronSession) -> None:
    """End a script under a launcher, unless it failed; the other ranks may then never end."""
    if getattr(sys, "last_value", None) is None:
        end_process(neuron)
