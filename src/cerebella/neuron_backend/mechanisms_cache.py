"""Compiled mechanisms, kept in a cache: built once for each text, NEURON and machine.

A library is a folder named by its key. It is built beside that place and renamed into it,
so that a folder with the right name is always complete. A lock makes a second process wait
for the first and then use what it built.
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
    folder : holds both libraries.
    key : hash of the mechanisms' text, NEURON's version and the machine.
    build_s : seconds that the build took, None if the library came from the cache.
    """

    folder: Path
    key: str
    build_s: float | None = None

    @property
    def neuron(self) -> Path:
        """The library that NEURON loads."""
        return self.folder / f"libnrnmech{_SUFFIX}"

    @property
    def coreneuron(self) -> Path:
        """The library that CoreNEURON loads, if there is one."""
        return self.folder / f"libcorenrnmech{_SUFFIX}"


def cache_folder() -> Path:
    """Where compiled mechanisms are kept: ``$CEREBELLA_CACHE``, else the user's cache folder."""
    chosen = os.environ.get("CEREBELLA_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("cerebella")


def mechanism_key(mechanisms: MechanismSet) -> str:
    """Key of a set of mechanisms on this machine with the NEURON that is installed."""
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
    """Return the compiled mechanisms, building them if the cache does not have them.

    Parameters
    ----------
    mechanisms : what to compile; those of the molecular layer by default.
    announce : called with one line before a build or a wait, so that nobody wonders.

    Raises
    ------
    MachineError : no compiler, no make, no perl, or a cache folder that cannot be written.
    MechanismBuildError : the compilation failed; the message names the log.
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
            "Make room or set CEREBELLA_CACHE to a folder that you may write to"
        ) from error


@contextmanager
def _locked(folder: Path, announce: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of one library; say so if somebody else has it."""
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
    """Compile into a folder beside `folder` and rename; the caller holds the lock."""
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
                # Left alone, nrnivmodl takes the compiler that Python was built with.
                "CXX": " ".join([compiler, *mechanisms.options]),
                # nmodl needs Python only to solve equations, which our mechanisms do themselves,
                # but it insists on a name; some Pythons have no library to give it.
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
            # The log itself may not have found room to say so.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if status:
            kept = folder.with_name(f"{folder.name}.log")
            shutil.copy2(log, kept)
            raise MechanismBuildError(
                f"the mechanisms did not compile (status {status}); the log is {kept}; it says"
                f"\n{error_lines(log)}"
            )
        shutil.copy2(log, product)
        product.rename(folder)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def clean_cache() -> list[Path]:
    """Delete all compiled mechanisms and what builds left behind; return what was removed."""
    ours = re.compile(rf"({re.escape(_BUILDING)})?[0-9a-f]{{16}}(-.*|\.log|\.lock)?")
    removed = [path for path in sorted(cache_folder().glob("*")) if ours.fullmatch(path.name)]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return removed
