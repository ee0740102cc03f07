"""Compiled code from bytes, made callable by LLVM alone.

Numba, its types and its registries take half a second to import and 80 MB of memory. Neither is
needed to run code that numba has compiled.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

_ENGINES: list[Any] = []
"""Owners of loaded code, which is used until the process ends."""


def loaded(symbol: str, code: bytes) -> Callable[[int], None]:
    """Return a procedure of compiled code.

    Parameters
    ----------
    symbol : str
        Name of a function that takes an address, by numba's convention of calls. It cannot fail.
    code : bytes
        An object file.

    Returns
    -------
    callable
        Releases the GIL while it runs.
    """
    from llvmlite import binding

    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _this_machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _ENGINES.append(engine)
    # Addresses of the result, which is none, of the exception, and of the arguments.
    convention = ctypes.CFUNCTYPE(ctypes.c_int32, *(3 * [ctypes.c_void_p]))
    function = convention(engine.get_function_address(symbol))

    def call(address: int) -> None:
        result, exception = ctypes.c_void_p(), ctypes.c_void_p()
        function(ctypes.addressof(result), ctypes.addressof(exception), address)

    return call


@cache
def _this_machine() -> Any:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(codemodel="jitdefault", jit=True)
