"""Start NEURON in this process, once, with our mechanisms; under MPI if there is any."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import chdir
from functools import cache
from typing import Any, NamedTuple, NoReturn

from cerebella.errors import MachineError
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.toolchain import find_mpi_library

# How launchers tell a process that it is one of many: Hydra and Slurm's PMI, Open MPI, PMIx.
_SIZE_VARIABLES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")
_RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")


class Neuron(NamedTuple):
    """What a simulation needs of NEURON: the interpreter and the parallel context."""

    h: Any
    pc: Any


def ranks_of_launcher() -> int:
    """Return the number of ranks that an MPI launcher started us with; 1 without a launcher."""
    return max(int(os.environ.get(name, 1)) for name in _SIZE_VARIABLES)


def rank_of_launcher() -> int:
    """Return our rank among those that a launcher started; 0 without a launcher."""
    return max(int(os.environ.get(name, 0)) for name in _RANK_VARIABLES)


def leave_launcher() -> None:
    """Forget, in this process, that a launcher started it: it works alone from now on."""
    for name in (*_SIZE_VARIABLES, *_RANK_VARIABLES):
        os.environ.pop(name, None)


def start_neuron(library: MechanismLibrary) -> Neuron:
    """Import NEURON, join the other ranks if there are any, and load the mechanisms.

    Raises
    ------
    MachineError : NEURON did not find the other ranks that the launcher started.
    """
    os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"
    # CoreNEURON reads this when its library is loaded, at the first run.
    os.environ["CORENEURONLIB"] = str(library.coreneuron)
    n_ranks = ranks_of_launcher()
    mpi_library = find_mpi_library()
    if n_ranks > 1 and mpi_library:
        os.environ.setdefault("MPI_LIB_NRN_PATH", str(mpi_library))
        # MPICH's shared-memory barrier spins without yielding: with more ranks than cores,
        # five on two, a run took 70 times as long.
        os.environ.setdefault("MPIR_CVAR_DEVICE_COLLECTIVES", "none")
    # NEURON loads an x86_64/ of the current folder by itself when it is imported.
    with chdir(library.folder):
        from neuron import h

    if n_ranks > 1:
        _join_ranks()
    pc = h.ParallelContext()
    # Without this check each rank would silently run the whole network alone.
    if int(pc.nhost()) != n_ranks:
        raise MachineError(
            f"MPI started {n_ranks} ranks but NEURON sees {int(pc.nhost())}. Start with the "
            "mpiexec of this Python environment, or set MPI_LIB_NRN_PATH to your MPI's library"
        )
    _load_mechanisms(str(library.neuron))
    h.load_file("stdrun.hoc")
    return Neuron(h, pc)


@cache
def _load_mechanisms(library: str) -> None:
    """Load a library into NEURON, once in a process."""
    from neuron import h

    h.nrn_load_dll(library)


@cache
def _join_ranks() -> None:
    """Enter MPI, once in a process and before anything else of NEURON's parallel context."""
    from neuron import h

    h.nrnmpi_init()
    atexit.register(_end_script, Neuron(h, h.ParallelContext()))


def initialize(
    neuron: Neuron, *, engine: str, time_step_ms: float, temperature_C: float, initial_v_mV: float
) -> None:
    """Choose who integrates, and take the model, which is built, to t = 0.

    Parameters
    ----------
    engine : ``"coreneuron"`` or ``"neuron"``.
    """
    from neuron import coreneuron

    h, pc = neuron
    h.dt, h.celsius = time_step_ms, temperature_C
    h.cvode.cache_efficient(1)
    coreneuron.enable = engine == "coreneuron"  # pyright: ignore[reportAttributeAccessIssue]
    coreneuron.verbose = 0  # pyright: ignore[reportAttributeAccessIssue]
    pc.set_maxstep(10)
    h.finitialize(initial_v_mV)


def end_process(neuron: Neuron) -> NoReturn:
    """End this process well, together with the other ranks and without taking anything apart.

    Taking a large network apart takes long, and launchers kill the ranks that still run when
    one has ended, MPI_Finalize or not: all end at once.
    """
    neuron.pc.barrier()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end_script(neuron: Neuron) -> None:
    """End a script under a launcher, unless it failed: then the others may never get here."""
    if getattr(sys, "last_value", None) is None:
        end_process(neuron)
