"""Functions for CUDA devices, and the engine that uses one.

The same plain functions are compiled by numba for the processor and for devices. With
``NUMBA_ENABLE_CUDASIM=1``, numba runs them as Python, one thread after the other, which tests use.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import FunctionType
from typing import Any, ClassVar, NamedTuple

from cerebella.errors import InputError, MachineError

LAUNCHES = ("phases", "cooperative")
"""How one large circuit advances on a card; see `Cuda`."""

_PACKAGE = "numba-cuda"


@dataclass(frozen=True)
class Cuda:
    """The engine of this package on an NVIDIA card, for the olivocerebellar loop.

    A card pays for ensembles of many circuits, and for circuits a hundred times as large as the
    default; see docs/gpu.md. Results are the same bytes as those of other engines.

    Parameters
    ----------
    device : int
        Number of the card, from 0.
    launches : {"phases", "cooperative"}
        How one large circuit advances: with a launch for each phase of a step, or with one launch
        for many steps, in which all blocks of threads wait for each other between phases.

    Raises
    ------
    InputError
        The number is negative, or there is no such kind of launches.

    Examples
    --------
    >>> cb.Cuda().settings()
    {'device': 0, 'launches': 'phases'}
    """

    device: int = 0
    launches: str = "phases"

    name: ClassVar[str] = "cuda"
    cite: ClassVar[tuple[str, ...]] = ("numba", "numpy2020")
    extra: ClassVar[str] = "gpu"

    def __post_init__(self) -> None:
        """Check the number of the card and the kind of launches."""
        if isinstance(self.device, bool) or not isinstance(self.device, int) or self.device < 0:
            raise InputError(f"`device` is {self.device!r}", remedy="Give the number of a card")
        if self.launches not in LAUNCHES:
            raise InputError(
                f"`launches` is {self.launches!r}", remedy=f"Give {' or '.join(LAUNCHES)}"
            )

    def versions(self) -> dict[str, str]:
        """Return the versions of numba, numba-cuda and numpy, and the name of the card."""
        found = {name: version(name) for name in ("numba", "numpy")}
        with suppress(PackageNotFoundError):
            found[_PACKAGE] = version(_PACKAGE)
        return found

    def is_available(self) -> bool:
        """Return whether this card can be used."""
        return not why_unavailable(self.device)

    def settings(self) -> dict[str, Any]:
        """Return the number of the card and the kind of launches."""
        return {"device": self.device, "launches": self.launches}

    def unavailable(self) -> str:
        """Return why this card cannot be used, with the remedy."""
        return why_unavailable(self.device)


def is_simulated() -> bool:
    """Return whether numba runs device functions as Python."""
    from numba.core import config

    return bool(config.ENABLE_CUDASIM)  # type: ignore[attr-defined]


@cache
def why_unavailable(device: int) -> str:
    """Return why a card cannot be used, with the remedy; empty if it can."""
    if find_spec("numba") is None:
        return "numba is not installed"
    if is_simulated():
        return ""
    try:
        version(_PACKAGE)
    except PackageNotFoundError:
        return (
            f"{_PACKAGE} is not installed. Install it with the libraries of CUDA: "
            "`pip install 'cerebella[gpu]' 'numba-cuda[cu13]'`, or [cu12] for older drivers"
        )
    cuda = _cuda()

    if not cuda.is_available():
        return (
            "no NVIDIA card with a driver was found. `nvidia-smi` must list a card; otherwise "
            "use engine numba"
        )
    n_cards = len(cuda.gpus)
    if device >= n_cards:
        return f"there is no card {device}: this machine has {n_cards}, counted from 0"
    return ""


def cards_of_driver() -> str:
    """Return the cards that the driver lists; empty if there is no driver."""
    tool = shutil.which("nvidia-smi")
    if not tool:
        return ""
    done = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False)
    return "; ".join(done.stdout.splitlines()) if done.returncode == 0 else ""


def describe_card(device: int = 0) -> str:
    """Return name, memory, compute capability and driver of a card.

    Raises
    ------
    MachineError
        There is none, or its libraries are missing.
    """
    reason = why_unavailable(device)
    if reason:
        raise MachineError(reason)
    if is_simulated():
        return "simulated by numba (NUMBA_ENABLE_CUDASIM), for tests only"
    cuda = _cuda()

    with cuda.gpus[device]:
        card, context = cuda.get_current_device(), cuda.current_context()
        major, minor = card.compute_capability
        memory_GB = context.get_memory_info()[1] / 1e9
        driver = ".".join(map(str, cuda.runtime.get_version()))
    name = card.name.decode() if isinstance(card.name, bytes) else card.name
    return f"{name}, {memory_GB:.0f} GB, compute capability {major}.{minor}, CUDA {driver}"


def free_memory_GB(device: int = 0) -> float:
    """Return the free memory of a card; infinite in the simulator."""
    if is_simulated():
        return float("inf")
    cuda = _cuda()

    with cuda.gpus[device]:
        return cuda.current_context().get_memory_info()[0] / 1e9


class Target(NamedTuple):
    """What compiles functions.

    Attributes
    ----------
    compile : callable
        Compiles a function as a part of those that call it.
    function : callable
        Compiles a plain function, and the functions of its module that it calls. A function named
        ``times`` is replaced by a product that is never fused with a sum.
    add : compiled function
        ``add(array, index, value)`` adds to an element, also from many threads at once, and returns
        what was there before.
    """

    compile: Callable[..., Any]
    function: Callable[..., Any]
    add: Any


@cache
def card_target() -> Target:
    """Return what compiles for devices."""
    from cerebella.compiled.cuda_module import add_at_once

    compile = _cuda().jit(device=True)
    return Target(compile, partial(_with_own, compile, _device_times), compile(add_at_once))


@cache
def processor_target() -> Target:
    """Return what compiles for the processor, with one thread; tests compare both.

    Functions are not inlined: they take all arrays of a circuit, and compilation would be twice as
    long.
    """
    from numba import njit

    from cerebella.compiled.jit import kernel_of

    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compile: Any = njit(error_model="numpy", **options)

    @compile
    def add(array, index, value):
        before = array[index]
        array[index] = before + value
        return before

    return Target(compile, kernel_of, add)


@cache
def _with_own(compile: Any, times: Callable[[], Any], function: Callable[..., Any]) -> Any:
    """Compile a plain function and the functions of its module that it calls."""
    if function.__name__ == "times":
        return times()
    code, scope = function.__code__, function.__globals__
    own = {
        name: _with_own(compile, times, value)
        for name in code.co_names
        if isinstance(value := scope.get(name), FunctionType)
        and value.__module__ == function.__module__
    }
    copy = FunctionType(
        code, scope | own, function.__name__, function.__defaults__, function.__closure__
    )
    return compile(copy)


@cache
def _device_times() -> Any:
    if is_simulated():
        return lambda a, b: a * b
    from numba.cuda import libdevice

    multiply: Any = libdevice.dmul_rn
    return card_target().compile(lambda a, b: multiply(a, b))


def as_kernel(function: Callable[..., Any], registers: int) -> Any:
    """Compile as a kernel whose threads take up to a number of registers."""
    if is_simulated():
        return _cuda().jit(function)
    return _cuda().jit(max_registers=registers)(function)


def most_blocks_at_once(kernel: Any, arguments: tuple[Any, ...], threads: int) -> int:
    """Return how many blocks of a kernel the card at hand holds at once, which may wait for others.

    Parameters
    ----------
    kernel : kernel
        A compiled kernel.
    arguments : tuple
        Its arguments.
    threads : int
        Threads of a block.
    """
    if is_simulated():
        return 1  # the simulator executes one block after the other
    compiled = kernel.compile(tuple(map(kernel.typeof_pyval, arguments)))
    return compiled.max_cooperative_grid_blocks(threads)


def _cuda() -> Any:
    from cerebella.compiled.cuda_module import cuda

    return cuda
