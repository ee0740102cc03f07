"""The programs that the NEURON side needs on this machine, and what to do without them."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from cerebella.errors import MachineError

COMPILERS = ("g++", "clang++", "c++")


def find_compiler() -> Path:
    """Path of the C++ compiler: that of ``$CXX`` if set, else the first of `COMPILERS` on PATH.

    Raises
    ------
    MachineError : there is none; the message says how to install one.
    """
    chosen = shlex.split(os.environ.get("CXX", ""))[:1]  # what follows are its options
    candidates = tuple(chosen) or COMPILERS
    return _find(
        candidates,
        f"no C++ compiler found (looked for {', '.join(candidates)})",
        "Install one: `sudo apt install g++ make` (Debian, Ubuntu), "
        "`sudo dnf install gcc-c++ make` (Fedora), `xcode-select --install` (macOS), "
        "`module load gcc` (many clusters)",
    )


def find_make() -> Path:
    """Path of make; MachineError if there is none."""
    return _find(
        ("make",),
        "make not found",
        "Install it: `sudo apt install make` (Debian, Ubuntu), `sudo dnf install make` (Fedora), "
        "`xcode-select --install` (macOS)",
    )


def find_perl() -> Path:
    """Path of perl, which CoreNEURON's part of the build needs; MachineError if there is none."""
    return _find(
        ("perl",),
        "perl not found",
        "Install it: `sudo apt install perl` (Debian, Ubuntu), `sudo dnf install perl` (Fedora)",
    )


def find_nrnivmodl() -> Path:
    """Path of NEURON's mechanism compiler, of this Python environment if it has one."""
    return _find(
        ("nrnivmodl",),
        "NEURON's nrnivmodl not found",
        "Reinstall NEURON: `pip install --force-reinstall neuron==9.0.2`",
        first_look_in=Path(sys.prefix) / "bin",
    )


def find_mpiexec() -> Path:
    """Path of mpiexec, of this Python environment if it has one."""
    return _find(
        ("mpiexec",),
        "mpiexec not found, so only one rank can run",
        "Install it: `pip install mpich`; or leave --ranks at 1",
        first_look_in=Path(sys.prefix) / "bin",
    )


def find_mpi_library() -> Path | None:
    """MPI library of the `mpich` wheel, if it is installed; NEURON finds a system one itself.

    The wheel's ``libmpi.so`` is a linker script that cannot be loaded, hence the full name.
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
