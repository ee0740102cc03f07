"""Programs required by NEURON on this machine, with advice on their installation."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from cerebella.errors import MachineError

NEURON_VERSION = "9.0.2"
"""The release for which mechanisms are compiled, as pinned in pyproject.toml."""

INSTALL = "Install it: `pip install 'cerebella[neuron]'`"
"""Advice where NEURON is missing, which is optional."""

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
    if os.environ.get("CXX", "").strip():
        return _compiler_in_cxx(os.environ["CXX"])
    candidates = COMPILERS
    return _find(
        candidates,
        f"no C++ compiler found (searched for {', '.join(candidates)})",
        "Install one: `sudo apt install g++ make` (Debian, Ubuntu), "
        "`sudo dnf install gcc-c++ make` (Fedora), `xcode-select --install` (macOS), "
        "`module load gcc` (many clusters)",
    )


def _compiler_in_cxx(text: str) -> Path:
    remedy = "Unset the variable (`unset CXX`), or let it name a compiler that is on PATH"
    try:
        name = shlex.split(text)[0]  # the rest are options
    except ValueError as error:
        raise MachineError(
            f"the variable CXX={text} is not a command ({error}). {remedy}"
        ) from error
    return _find(
        (name,),
        f"the variable CXX={text} names the C++ compiler {name}, which was not found",
        f"{remedy}; a Conda environment that is no longer active can leave it behind",
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
    """Return the path of NEURON's mechanism compiler, preferring this Python environment.

    Raises
    ------
    MachineError
        There is none, or the path contains characters at which its scripts fail.
    """
    found = _find(
        ("nrnivmodl",),
        "NEURON's nrnivmodl not found",
        f"Reinstall NEURON: `pip install --force-reinstall neuron=={NEURON_VERSION}`",
        first_look_in=Path(sys.prefix) / "bin",
    )
    neuron = check_neuron()
    if re.search(r"""[\s'"$&();#|<>*?{}`:\\]""", str(neuron)):
        raise MachineError(
            f"NEURON is installed in {neuron}; its compiler of mechanisms fails for paths with "
            "spaces, quotes and similar characters. Create the Python environment in a folder "
            "without them, for example `python -m venv ~/cerebella`"
        )
    return found


def find_nmodl() -> Path:
    """Return the path of CoreNEURON's translator of NMODL; raise MachineError if missing."""
    return _find_translator(Path(sys.prefix) / "bin", "nmodl")


def find_nocmodl() -> Path:
    """Return the path of NEURON's translator of NMODL; raise MachineError if missing."""
    return _find_translator(check_neuron() / ".data" / "bin", "nocmodl")


def _find_translator(folder: Path, name: str) -> Path:
    return _find(
        (name,),
        f"NEURON's {name} not found",
        f"Reinstall NEURON: `pip install --force-reinstall neuron=={NEURON_VERSION}`",
        first_look_in=folder,
    )


def environment_of_translators() -> dict[str, str]:
    """Return variables that NEURON's translators of NMODL need."""
    from find_libpython import find_libpython  # comes with NEURON, which is optional

    return {
        "NRNHOME": str(check_neuron() / ".data"),
        # nmodl uses Python only to solve equations symbolically, but requires a path; some Pythons
        # have no shared library.
        "NMODL_PYLIB": find_libpython() or "/dev/null",
    }


def check_neuron() -> Path:
    """Return the folder of the package NEURON that Python imports, without importing it.

    Raises
    ------
    MachineError
        There is none, or it is not the version that is required.
    """
    reinstall = f"Reinstall it: `pip install --force-reinstall neuron=={NEURON_VERSION}`"
    try:
        found = find_spec("neuron")
    except ValueError:  # a module without specification
        found = None
    if found is None or found.origin is None:
        raise MachineError(f"NEURON is not installed. {INSTALL}")
    folder = Path(found.origin).resolve().parent
    record = next(iter(distributions(name="neuron", path=[str(folder.parent)])), None)
    if record is not None and record.version == NEURON_VERSION:
        return folder
    version = "of unknown version" if record is None else record.version
    on_path = [Path(part).resolve() for part in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    remedy = (
        "The variable PYTHONPATH names its folder: unset it, or remove that folder from it"
        if folder.parent in on_path
        else reinstall
    )
    raise MachineError(
        f"Python imports NEURON {version} from {folder}, but cerebella requires {NEURON_VERSION}. "
        f"{remedy}"
    )


def find_mpiexec() -> Path:
    """Return the path of mpiexec, preferring this Python environment.

    Its launcher for one machine is preferred too: that of MPICH for several (Hydra) listens on a
    port of all interfaces.
    """
    of_one_machine = Path(sys.prefix) / "bin" / "mpiexec.gforker"
    if of_one_machine.is_file():
        return of_one_machine
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
