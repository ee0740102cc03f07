"""Cache of compiled mechanisms, built once per source text, NEURON version and machine.

A library is a folder named by its key. It is built in a temporary folder and then renamed, so
that a folder with a valid name is always complete. Size and hash of its files are checked before
each use, and a damaged library is built again. A lock makes concurrent processes wait for the first
build and then use it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cerebella.errors import CerebellaError, InputError, MachineError, MechanismBuildError
from cerebella.files.cache_folder import (
    BUILDING,
    cache_folder,
    check_owner,
    make_private,
)
from cerebella.neuron_backend.launcher import environment_of_own_processes
from cerebella.neuron_backend.library_stamp import find_damage, write_stamp
from cerebella.neuron_backend.mechanism_sets import MechanismSet
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import (
    check_neuron,
    environment_of_translators,
    find_compiler,
    find_make,
    find_nrnivmodl,
    find_perl,
)
from cerebella.results.locks import locked_file

_LEAST_ROOM_BYTES = 1_000_000
_SUFFIX = ".dylib" if platform.system() == "Darwin" else ".so"


@dataclass(frozen=True)
class MechanismLibrary:
    """Compiled mechanisms for NEURON and CoreNEURON.

    Attributes
    ----------
    folder : Path
        Folder that contains both libraries.
    key : str
        Hash of the source text, the NEURON version and the machine.
    build_s : float or None
        Duration of the build in s; None if the library was in the cache.
    """

    folder: Path
    key: str
    build_s: float | None = None

    @property
    def neuron(self) -> Path:
        """Library for NEURON."""
        return self.folder / f"libnrnmech{_SUFFIX}"

    @property
    def coreneuron(self) -> Path:
        """Library for CoreNEURON; it may not exist."""
        return self.folder / f"libcorenrnmech{_SUFFIX}"


def mechanism_key(mechanisms: MechanismSet) -> str:
    """Return the key of a set of mechanisms for this machine and the installed NEURON."""
    digest = hashlib.sha256()
    for name, text in mechanisms.texts.items():
        digest.update(f"{name} {len(text)}\n{text}".encode())
    machine = (platform.system(), platform.machine(), *platform.libc_ver())
    only = () if mechanisms.coreneuron else ("NEURON only",)
    for part in (*mechanisms.options, version("neuron"), *machine, *only):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()[:16]


def ensure_mechanisms(
    mechanisms: MechanismSet,
    *,
    announce: Callable[[str], None] = lambda message: None,
) -> MechanismLibrary:
    """Return compiled mechanisms, building them if they are not in the cache.

    Parameters
    ----------
    mechanisms : MechanismSet
        Mechanisms to compile.
    announce : callable, optional
        Called with a line of text before a build or a wait.

    Returns
    -------
    MechanismLibrary

    Raises
    ------
    MachineError
        If a compiler, make or perl is missing, or the cache folder is not writable.
    MechanismBuildError
        If the compilation fails; the message names the log.
    InputError
        If it fails in a file of the user.
    """
    check_neuron()
    key = mechanism_key(mechanisms)
    folder = cache_folder() / key
    try:
        if _is_ready(folder, mechanisms, announce):
            return MechanismLibrary(folder, key)
        for find in (find_compiler, find_make, find_perl):
            find()
        make_private(folder.parent)
        with _locked(folder, announce) as alone:
            if _is_ready(folder, mechanisms):
                return MechanismLibrary(folder, key)
            announce(f"Compiling the mechanisms (once, about {mechanisms.compile_s} s)")
            start = time.perf_counter()
            _build(mechanisms, folder, alone=alone)
            return MechanismLibrary(folder, key, build_s=time.perf_counter() - start)
    except OSError as error:
        raise MachineError(
            f"the cache folder {folder.parent} cannot be used ({error.strerror or error}). "
            "Free some disk space or set CEREBELLA_CACHE to a writable folder"
        ) from error


def _is_ready(
    folder: Path,
    mechanisms: MechanismSet,
    announce: Callable[[str], None] = lambda message: None,
) -> bool:
    """Return whether an undamaged library is in the cache; announce a damaged one."""
    if not os.path.lexists(folder):
        return False
    check_owner(folder.parent)
    damage = find_damage(folder, _files(mechanisms))
    if damage:
        announce(f"The compiled mechanisms in {folder} are damaged: {damage}")
    return damage is None


def _files(mechanisms: MechanismSet) -> list[str]:
    names = ["nrnmech", *["corenrnmech"] * mechanisms.coreneuron]
    return [f"lib{name}{_SUFFIX}" for name in names]


@contextmanager
def _locked(folder: Path, announce: Callable[[str], None]) -> Iterator[bool]:
    """Hold the lock of one library; announce it if another process holds it.

    Yields
    ------
    bool
        False if the file system has no locks. Two processes may then compile the same mechanisms,
        of which the first to finish are used.
    """

    def announce_wait() -> None:
        announce("Waiting for another process that is compiling the mechanisms")

    with locked_file(folder.with_name(f"{folder.name}.lock"), announce_wait) as has_locks:
        if not has_locks:
            announce(f"{folder.parent} is on a file system without locks")
        yield has_locks


def _build(mechanisms: MechanismSet, folder: Path, *, alone: bool) -> None:
    """Compile in a temporary folder and rename it to `folder`.

    Parameters
    ----------
    mechanisms : MechanismSet
        Mechanisms to compile.
    folder : Path
        Folder to make; a damaged one is replaced.
    alone : bool
        Whether the caller holds the lock, so that other builds of this library are abandoned.
    """
    prefix = f"{BUILDING}{folder.name}-"
    for abandoned in folder.parent.glob(f"{prefix}*") if alone else ():
        shutil.rmtree(abandoned, ignore_errors=True)
    workshop = Path(tempfile.mkdtemp(dir=folder.parent, prefix=prefix))
    try:
        product = workshop / "product"
        product.mkdir(mode=0o700)
        log, status = _compile(mechanisms, workshop)
        try:
            for name in _files(mechanisms):
                (built,) = workshop.glob(f"*/{name}")
                shutil.copy2(built, product)
                (product / name).chmod(0o700)
        except ValueError:
            status = status or 1
        if status and shutil.disk_usage(workshop).free < _LEAST_ROOM_BYTES:
            # The log itself may be incomplete for lack of disk space.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if status:
            raise _explained_failure(mechanisms, folder, log, status)
        shutil.copy2(log, product)
        write_stamp(product)
        if damage := find_damage(product, _files(mechanisms)):
            raise MechanismBuildError(
                f"the mechanisms were compiled in {workshop}, but could not be read again: "
                f"{damage}. Set CEREBELLA_CACHE to a folder on another disk"
            )
        _put_in_place(product, folder, workshop, mechanisms)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _compile(mechanisms: MechanismSet, folder: Path) -> tuple[Path, int]:
    """Compile in `folder`; return the log and the exit status."""
    sources = folder / "mechanisms"
    sources.mkdir()
    for name, text in mechanisms.texts.items():
        (sources / name).write_text(text)
    log = folder / "build.log"
    compiler = os.environ.get("CXX") or str(find_compiler())
    status = run_to_log(
        [find_nrnivmodl(), *["-coreneuron"] * mechanisms.coreneuron, sources],
        log,
        folder=folder,
        environment={
            **environment_of_own_processes(),
            **environment_of_translators(),
            # By default, nrnivmodl uses the compiler with which Python was built.
            "CXX": " ".join([compiler, *mechanisms.options]),
        },
    )
    return log, status


def _put_in_place(product: Path, folder: Path, workshop: Path, mechanisms: MechanismSet) -> None:
    """Rename the product to `folder`, unless another process put an undamaged library there."""
    if folder.is_dir() and not folder.is_symlink():
        folder.chmod(0o700)  # needed to move it
    if os.path.lexists(folder):
        folder.rename(workshop / "damaged")
    try:
        product.rename(folder)
    except OSError:
        if find_damage(folder, _files(mechanisms)):
            raise


def _explained_failure(
    mechanisms: MechanismSet, folder: Path, log: Path, status: int
) -> CerebellaError:
    """Return the error of a failed compilation, and keep its log."""
    kept = folder.with_name(f"{folder.name}.log")
    shutil.copy2(log, kept)
    if found := _in_own_file(mechanisms, log):
        file, problem = found
        return InputError(
            f"its C++ does not compile: {problem}", file=file, remedy=f"The log is {kept}"
        )
    return MechanismBuildError(
        f"compilation of the mechanisms failed (status {status}); the log is {kept}; "
        f"relevant lines:\n{error_lines(log)}"
    )


def _in_own_file(mechanisms: MechanismSet, log: Path) -> tuple[str, str] | None:
    """Return a file of the user and the first error of the C++ compiler in it."""
    text = log.read_text(errors="replace")
    for file in mechanisms.own:
        error = rf"\b{Path(file).stem}\.cpp:\d+:\d+: (?:fatal )?error: (.*)\n[ \d]+\| *(.*)"
        if found := re.search(error, text):
            return file, f"{found[1]}, in {found[2]!r}"
    return None
