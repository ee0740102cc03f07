"""Compiled code from bytes, made callable without numba, and on most machines without LLVM.

Numba, its types and its registries take half a second to import and 80 MB of memory, LLVM 50 MB.
Neither is needed to run code that numba has compiled.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from cerebella.compiled.elf import UnknownCodeError
from cerebella.compiled.elf_loader import load_elf

_CONVENTION = ctypes.CFUNCTYPE(
    ctypes.c_int32,
    ctypes.POINTER(ctypes.c_int64),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_char_p,
)
"""Result, exception, and address of the arguments; returns a status."""
_ENGINES: list[Any] = []
"""Owners of loaded code, which is used until the process ends."""


class ObjectCode(NamedTuple):
    """A compiled function.

    Attributes
    ----------
    symbol : str
        Name of the function.
    needs : tuple of str
        Functions that it calls, other than those of its own code and of LLVM.
    code : bytes
        An object file.
    """

    symbol: str
    needs: tuple[str, ...]
    code: bytes


def load(compiled: ObjectCode) -> int:
    """Return the address of a function, which is in memory until the process ends.

    LLVM loads what `load_elf` does not know: code of other machines and systems, and calls of
    functions that numba brings.
    """
    if sys.platform == "linux":
        with suppress(UnknownCodeError):
            return load_elf(compiled.code, compiled.symbol)
    return _load_by_llvm(compiled)


def _load_by_llvm(compiled: ObjectCode) -> int:
    from llvmlite import binding

    if not all(map(binding.address_of_symbol, compiled.needs)):
        _add_functions_of_numba()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _this_machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(compiled.code))
    engine.finalize_object()
    _ENGINES.append(engine)
    return engine.get_function_address(compiled.symbol)


def caller_of_address(address: int) -> Callable[[bytes], int]:
    """Return a function that calls compiled code by numba's convention.

    Parameters
    ----------
    address : int
        Address of a function.

    Returns
    -------
    callable
        Its argument are packed arguments, and its result is that of the function, 0 if there is
        none. The GIL is released while it runs.
    """
    function = _CONVENTION(address)

    def call(arguments: bytes) -> int:
        result, exception = ctypes.c_int64(), ctypes.c_void_p()
        function(ctypes.byref(result), ctypes.byref(exception), arguments)
        return result.value

    return call


def _add_functions_of_numba() -> None:
    """Let compiled code call functions that numba brings, such as that of `math.frexp`."""
    from numba.core.registry import cpu_target

    context: Any = cpu_target.target_context
    context.refresh()


@cache
def _this_machine() -> Any:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(codemodel="jitdefault", jit=True)
