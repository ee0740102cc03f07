"""Start NEURON once in this process, with compiled mechanisms and, if present, MPI."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import chdir
from functools import cache
from typing import Any, NamedTuple, NoReturn

from cerebella.errors import MachineError
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.toolchain import find_mpi_library

# Variables by which launchers announce ranks: Hydra and Slurm (PMI), Open MPI, PMIx.
_SIZE_VARIABLES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")
_RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")


class NeuronSession(NamedTuple):
    """NEURON as used by a simulation: the HOC interpreter and the parallel context."""

    h: Any
    pc: Any


def ranks_of_launcher() -> int:
    """Return the number of ranks started by the MPI launcher; 1 without a launcher."""
    return max(int(os.environ.get(name, 1)) for name in _SIZE_VARIABLES)


def rank_of_launcher() -> int:
    """Return the rank of this process under the MPI launcher; 0 without a launcher."""
    return max(int(os.environ.get(name, 0)) for name in _RANK_VARIABLES)


def leave_launcher() -> None:
    """Remove the variables of the launcher, so that this process runs as a single rank."""
    for name in (*_SIZE_VARIABLES, *_RANK_VARIABLES):
        os.environ.pop(name, None)


def start_neuron(library: MechanismLibrary) -> NeuronSession:
    """Import NEURON, connect to the other MPI ranks, if any, and load the mechanisms.

    Parameters
    ----------
    library : MechanismLibrary
        Compiled mechanisms.

    Returns
    -------
    NeuronSession

    Raises
    ------
    MachineError
        If NEURON does not find the other ranks started by the launcher.
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

    if n_ranks > 1:
        _join_ranks()
    pc = h.ParallelContext()
    # Without this check, each rank would silently simulate the whole network.
    if int(pc.nhost()) != n_ranks:
        raise MachineError(
            f"MPI started {n_ranks} ranks, but NEURON found {int(pc.nhost())}. Use the mpiexec "
            "of this Python environment, or set MPI_LIB_NRN_PATH to the library of your MPI"
        )
    _load_mechanisms(str(library.neuron))
    h.load_file("stdrun.hoc")
    return NeuronSession(h, pc)


@cache
def _load_mechanisms(library: str) -> None:
    """Load a library into NEURON, once per process."""
    from neuron import h

    h.nrn_load_dll(library)


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
    h.cvode.cache_efficient(1)
    coreneuron.enable = engine == CoreNeuron.name  # pyright: ignore[reportAttributeAccessIssue]
    coreneuron.verbose = 0  # pyright: ignore[reportAttributeAccessIssue]
    pc.set_maxstep(10)
    h.finitialize(initial_v_mV)


def end_process(neuron: NeuronSession) -> NoReturn:
    """End this process successfully, together with the other ranks and without cleanup.

    Freeing a large network is slow, and launchers kill the remaining ranks as soon as one has
    ended, even after MPI_Finalize; therefore all ranks end at the same time.
    """
    neuron.pc.barrier()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end_script(neuron: NeuronSession) -> None:
    """End a script under a launcher, unless it failed; the other ranks may then never end."""
    if getattr(sys, "last_value", None) is None:
        end_process(neuron)
