"""Cache of compiled mechanisms, built once per source text, NEURON version and machine.

A library is a folder named by its key. It is built in a temporary folder and then renamed, so
that a folder with a valid name is always complete. A lock makes concurrent processes wait for
the first build and then use it.
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

import platformdirs
from filelock import FileLock, Timeout
from find_libpython import find_libpython

from cerebella.errors import MachineError, MechanismBuildError
from cerebella.neuron_backend.mechanism_sets import MechanismSet, molecular_layer_mechanisms
from cerebella.neuron_backend.processes import error_lines, run_to_log
from cerebella.neuron_backend.toolchain import (
    find_compiler,
    find_make,
    find_nrnivmodl,
    find_perl,
)

_BUILDING = ".building-"
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


def cache_folder() -> Path:
    """Return the folder of compiled mechanisms: ``$CEREBELLA_CACHE`` or the user's cache."""
    chosen = os.environ.get("CEREBELLA_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("cerebella")


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
    mechanisms: MechanismSet | None = None,
    *,
    announce: Callable[[str], None] = lambda message: None,
) -> MechanismLibrary:
    """Return compiled mechanisms, building them if they are not in the cache.

    Parameters
    ----------
    mechanisms : MechanismSet, optional
        Mechanisms to compile; by default those of the molecular layer.
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
    """
    mechanisms = mechanisms or molecular_layer_mechanisms()
    key = mechanism_key(mechanisms)
    folder = cache_folder() / key
    if folder.is_dir():
        return MechanismLibrary(folder, key)
    for find in (find_compiler, find_make, find_perl):
        find()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder, announce):
            if folder.is_dir():
                return MechanismLibrary(folder, key)
            announce(f"Compiling the mechanisms (once, about {mechanisms.compile_s} s)")
            start = time.perf_counter()
            _build(mechanisms, folder)
            return MechanismLibrary(folder, key, build_s=time.perf_counter() - start)
    except OSError as error:
        raise MachineError(
            f"the cache folder {folder.parent} cannot be used ({error.strerror or error}). "
            "Free some disk space or set CEREBELLA_CACHE to a writable folder"
        ) from error


@contextmanager
def _locked(folder: Path, announce: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of one library; announce it if another process holds it."""
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        announce("Waiting for another process that is compiling the mechanisms")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _build(mechanisms: MechanismSet, folder: Path) -> None:
    """Compile in a temporary folder and rename it to `folder`; the caller holds the lock."""
    prefix = f"{_BUILDING}{folder.name}-"
    for abandoned in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    workshop = Path(tempfile.mkdtemp(dir=folder.parent, prefix=prefix))
    try:
        sources = workshop / "mechanisms"
        sources.mkdir()
        for name, text in mechanisms.texts.items():
            (sources / name).write_text(text)
        log = workshop / "build.log"
        compiler = os.environ.get("CXX") or str(find_compiler())
        status = run_to_log(
            [find_nrnivmodl(), *["-coreneuron"] * mechanisms.coreneuron, sources],
            log,
            folder=workshop,
            environment={
                # By default, nrnivmodl uses the compiler with which Python was built.
                "CXX": " ".join([compiler, *mechanisms.options]),
                # nmodl needs Python only to solve equations symbolically, which these mechanisms
                # do not use, but it requires a path; some Pythons have no shared library.
                "NMODL_PYLIB": find_libpython() or "/dev/null",
            },
        )
        product = workshop / "product"
        product.mkdir()
        try:
            for name in ("nrnmech", *["corenrnmech"] * mechanisms.coreneuron):
                (built,) = workshop.glob(f"*/lib{name}{_SUFFIX}")
                shutil.copy2(built, product)
        except ValueError:
            status = status or 1
        if status and shutil.disk_usage(workshop).free < _LEAST_ROOM_BYTES:
            # The log itself may be incomplete for lack of disk space.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if status:
            kept = folder.with_name(f"{folder.name}.log")
            shutil.copy2(log, kept)
            raise MechanismBuildError(
                f"compilation of the mechanisms failed (status {status}); the log is {kept}; "
                f"relevant lines:\n{error_lines(log)}"
            )
        shutil.copy2(log, product)
        product.rename(folder)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def clean_cache() -> list[Path]:
    """Delete all compiled mechanisms and the remains of interrupted builds.

    Returns
    -------
    list of Path
        Deleted files and folders.
    """
    ours = re.compile(rf"({re.escape(_BUILDING)})?[0-9a-f]{{16}}(-.*|\.log|\.lock)?")
    removed = [path for path in sorted(cache_folder().glob("*")) if ours.fullmatch(path.name)]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return removed
