"""Calls of compiled functions through their addresses.

A function that takes addresses is compiled once for all functions that it may call. Numba's own
function objects do the same, but numba then determines the types of all arguments anew in each
call from Python, which takes 0.1 ms.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def address_of(compiled: Any, signature: Any) -> int:
    """Return the address of a compiled function, as called from C.

    Parameters
    ----------
    compiled : compiled function
        The function, compiled for the signature. It must be kept while its address is in use.
    signature : numba signature
        The signature.
    """
    result = compiled.get_compile_result(signature)
    return result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name)


def caller_of(signature: Any) -> Any:
    """Return a function that calls a function, given its address and its arguments, a tuple.

    Parameters
    ----------
    signature : numba signature
        The signature of functions that it calls.
    """
    arguments = types.Tuple(signature.args)

    @intrinsic
    def call(typing_context: Any, address: Any, values: Any) -> Any:
        def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
            kinds = [context.get_value_type(kind) for kind in arguments]
            function = ir.FunctionType(context.get_value_type(signature.return_type), kinds)
            pointer = builder.inttoptr(args[0], function.as_pointer())
            passed = [builder.extract_value(args[1], k) for k in range(len(kinds))]
            return builder.call(pointer, passed)

        return signature.return_type(types.intp, arguments), generate

    return call
