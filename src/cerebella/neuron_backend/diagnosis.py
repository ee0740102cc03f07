"""Diagnosis of the tools required by NEURON on this machine; each tool is tested by use."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from cerebella.errors import CerebellaError, MachineError
from cerebella.files.cache_folder import cache_folder, make_private
from cerebella.machine import count_cores
from cerebella.neuron_backend.launch_watch import LaunchWatch
from cerebella.neuron_backend.launcher import environment_of_own_processes
from cerebella.neuron_backend.mechanism_sets import MechanismSet
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import (
    INSTALL,
    NEURON_VERSION,
    check_neuron,
    find_compiler,
    find_make,
    find_mpi_library,
    find_mpiexec,
)

_PURPOSE = "for engines coreneuron and neuron, and for several ranks"

_START = """
import sys
from pathlib import Path
from cerebella.neuron_backend.launch_watch import JOINED, JOINING, STARTED, report_stage
report_stage(Path.cwd(), STARTED)
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import end_process, start_neuron
neuron = start_neuron(
    MechanismLibrary(Path(sys.argv[1]), key=""),
    before_joining=lambda: report_stage(Path.cwd(), JOINING),
)
report_stage(Path.cwd(), JOINED)
neuron.pc.barrier()
print("NEURON started", flush=True)
end_process(neuron)
"""


@dataclass(frozen=True)
class Check:
    """One line of the diagnosis.

    Attributes
    ----------
    name : str
        Tool or component.
    found : str
        Version, path or problem.
    ok : bool
        Whether it works.
    needed : bool
        Whether simulations require it.
    remedy : str
        Advice if it does not work.
    """

    name: str
    found: str
    ok: bool = True
    needed: bool = True
    remedy: str = ""


def diagnose_neuron(
    mechanisms: Mapping[str, MechanismSet],
    announce: Callable[[str], None] = lambda message: None,
) -> Iterator[Check]:
    """Run all checks of NEURON; compiling the mechanisms can take half a minute.

    Without NEURON, only that is said.

    Parameters
    ----------
    mechanisms : mapping of str to MechanismSet
        Mechanisms of each level.
    announce : callable, optional
        Called with a line of text before a long step.

    Yields
    ------
    Check
        As soon as it is complete.
    """
    if find_spec("neuron") is None:
        yield Check("NEURON", f"not installed; needed only {_PURPOSE}. {INSTALL}", needed=False)
        return
    yield tried("NEURON", lambda: f"{check_neuron()}, version {NEURON_VERSION}")
    yield tried("compiler", lambda: f"{find_compiler()} ({_first_line([find_compiler()])})")
    yield tried("make", lambda: str(find_make()))
    yield tried("cache folder", _check_cache_folder)
    for level, own in mechanisms.items():
        yield tried(f"{level} mechanisms", partial(_check_mechanisms, own, announce))
    yield tried("MPI", partial(_check_mpi, *list(mechanisms.values())[:1]), needed=False)


def diagnose_machine() -> Iterator[Check]:
    """Describe Python and the processors."""
    yield Check("Python", f"{platform.python_version()} ({sys.executable})")
    yield Check("cores", str(count_cores()))


def tried(name: str, check: Callable[[], str], *, needed: bool = True) -> Check:
    """Return the line of a check that returns what it found, or raises a CerebellaError."""
    try:
        return Check(name, check(), needed=needed)
    except CerebellaError as error:
        problem, _, remedy = str(error).partition(". ")
        return Check(name, problem, ok=False, needed=needed, remedy=remedy)


def _first_line(command: list[Path]) -> str:
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]


def _check_cache_folder() -> str:
    folder = cache_folder()
    try:
        make_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError as error:
        raise MachineError(
            f"{folder} is not writable ({error.strerror or error}). "
            "Set CEREBELLA_CACHE to a writable folder"
        ) from error


def _check_mechanisms(mechanisms: MechanismSet, announce: Callable[[str], None]) -> str:
    library = ensure_mechanisms(mechanisms, announce=announce)
    _start_neuron_in(library.folder)
    state = "ready" if library.build_s is None else f"compiled in {library.build_s:.1f} s"
    options = f", {' '.join(mechanisms.options)}" if mechanisms.options else ""
    return f"{state} ({library.folder}{options})"


def _check_mpi(mechanisms: MechanismSet) -> str:
    mpiexec = find_mpiexec()
    _start_neuron_in(ensure_mechanisms(mechanisms).folder, [mpiexec, "-n", "2"], ranks=2)
    return f"{mpiexec}, library {find_mpi_library() or 'of the system'}: two ranks connected"


def _start_neuron_in(library: Path, launcher: Sequence[Path | str] = (), ranks: int = 1) -> None:
    """Start NEURON with the mechanisms in a separate process, or in several under MPI."""
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        log = folder / "log.txt"
        run_to_log(
            [*launcher, sys.executable, "-c", _START, library],
            log,
            folder=folder,
            environment=environment_of_own_processes(),
            launcher=bool(launcher),
            while_running=LaunchWatch(folder, log, ranks).check,
        )
        # The exit status is not reliable: mpiexec may kill ranks that end slightly later.
        if "NEURON started" not in log.read_text(errors="replace"):
            raise MachineError(
                f"NEURON does not start: {error_lines(log)}. Reinstall it in a fresh environment: "
                f"`pip install --force-reinstall neuron=={NEURON_VERSION} mpich`"
            )
