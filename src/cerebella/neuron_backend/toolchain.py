"""Programs required by NEURON on this machine, with advice on their installation."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from cerebella.errors import MachineError

COMPILERS = ("g++", "clang++", "c++")


def find_compiler() -> Path:
    """Return the path of the C++ compiler: ``$CXX`` if set, otherwise the first on PATH.

    Returns
    -------
    Path

    Raises
    ------
    MachineError
        If there is none; the message explains how to install one.
    """
    chosen = shlex.split(os.environ.get("CXX", ""))[:1]  # the rest are options
    candidates = tuple(chosen) or COMPILERS
    return _find(
        candidates,
        f"no C++ compiler found (searched for {', '.join(candidates)})",
        "Install one: `sudo apt install g++ make` (Debian, Ubuntu), "
        "`sudo dnf install gcc-c++ make` (Fedora), `xcode-select --install` (macOS), "
        "`module load gcc` (many clusters)",
    )


def find_make() -> Path:
    """Return the path of make; raise MachineError if there is none."""
    return _find(
        ("make",),
        "make not found",
        "Install it: `sudo apt install make` (Debian, Ubuntu), `sudo dnf install make` (Fedora), "
        "`xcode-select --install` (macOS)",
    )


def find_perl() -> Path:
    """Return the path of perl, needed to build CoreNEURON; raise MachineError if missing."""
    return _find(
        ("perl",),
        "perl not found",
        "Install it: `sudo apt install perl` (Debian, Ubuntu), `sudo dnf install perl` (Fedora)",
    )


def find_nrnivmodl() -> Path:
    """Return the path of NEURON's mechanism compiler, preferring this Python environment."""
    return _find(
        ("nrnivmodl",),
        "NEURON's nrnivmodl not found",
        "Reinstall NEURON: `pip install --force-reinstall neuron==9.0.2`",
        first_look_in=Path(sys.prefix) / "bin",
    )


def find_mpiexec() -> Path:
    """Return the path of mpiexec, preferring this Python environment."""
    return _find(
        ("mpiexec",),
        "mpiexec not found, so only one rank is available",
        "Install it: `pip install mpich`; or use a single rank",
        first_look_in=Path(sys.prefix) / "bin",
    )


def find_mpi_library() -> Path | None:
    """Return the MPI library of the `mpich` wheel, or None; NEURON finds a system MPI itself.

    ``libmpi.so`` of the wheel is a linker script that cannot be loaded, hence the full name.
    """
    candidates = (Path(sys.prefix) / "lib" / name for name in ("libmpi.so.12", "libmpi.12.dylib"))
    return next((path for path in candidates if path.exists()), None)


def _find(
    names: tuple[str, ...], problem: str, remedy: str, first_look_in: Path | None = None
) -> Path:
    for name in names:
        found = (shutil.which(name, path=first_look_in) if first_look_in else None) or shutil.which(
            name
        )
        if found:
            return Path(found)
    raise MachineError(f"{problem}. {remedy}")
