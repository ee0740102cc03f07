"""The MPI launcher that started this process, and the environment of processes without one."""

from __future__ import annotations

import os
import re

from cerebella.errors import InputError

_VARIABLES = (
    ("PMI_SIZE", "PMI_RANK"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("MPI_LOCALNRANKS", "MPI_LOCALRANKID"),
    ("SLURM_STEP_NUM_TASKS", "PMIX_RANK"),
)
"""Variables for the number of ranks and the rank: Hydra and Slurm (PMI), Open MPI, MPICH, PMIx.

PMIx announces the rank only. Slurm announces the number of tasks also where they are not ranks.
"""

_OF_LAUNCHERS = re.compile(
    "PMI_|PMI2_|PMIX_|OMPI_|PRTE_|MPI_LOCAL|SLURM_|LSB_|PBS_NODEFILE|PE_HOSTFILE|"
    "HYDRA_(LAUNCHER|BOOTSTRAP|RMK|HOST_FILE)"
)
_OF_OTHER_NEURONS = re.compile("NRN_NMODL_PATH$|NEURONHOME$|NRNHOME|NMODLHOME$|CORENRNHOME$")


def ranks_of_launcher() -> int:
    """Return the number of ranks started by the MPI launcher; 1 without a launcher.

    Raises
    ------
    InputError
        The variables of the launcher are no numbers.
    """
    return _launch()[0]


def rank_of_launcher() -> int:
    """Return the rank of this process under the MPI launcher; 0 without a launcher.

    Raises
    ------
    InputError
        The variables of the launcher are no numbers.
    """
    return _launch()[1]


def _launch() -> tuple[int, int]:
    for names in _VARIABLES:
        size, rank = (os.environ.get(name) for name in names)
        if size is None or (rank is None and names[1] == "PMIX_RANK"):
            continue  # without both, these are left over from another program
        rank = rank or "0"
        if not (size.isdecimal() and rank.isdecimal() and int(rank) < int(size)):
            raise InputError(
                f"the environment has {names[0]}={size[:40]!r} and {names[1]}={rank[:40]!r}, which "
                "describe no launch by MPI",
                remedy=f"Unset both variables, or start with mpiexec: `unset {' '.join(names)}`",
            )
        return int(size), int(rank)
    return 1, 0


def leave_launcher() -> None:
    """Remove the variables of the launcher, so that this process runs as a single rank."""
    for names in _VARIABLES:
        os.environ.pop(names[1], None)
        if names[0] != "SLURM_STEP_NUM_TASKS":
            os.environ.pop(names[0], None)


def environment_of_own_processes() -> dict[str, str]:
    """Return the environment of processes that are started here, on this machine.

    It has no variables of the launcher, of the job, or of another installation of NEURON, which
    would be taken for instructions: MPICH, for example, starts ranks with ``srun`` if it finds
    variables of Slurm.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not (_OF_LAUNCHERS.match(name) or _OF_OTHER_NEURONS.match(name))
    }
    # Ranks exchange data through shared memory, and open no ports to other machines.
    here = {"HYDRA_LAUNCHER": "fork", "HYDRA_RMK": "user", "HYDRA_USE_LOCALHOST": "1"}
    return {"UCX_TLS": "self,sm"} | kept | here
