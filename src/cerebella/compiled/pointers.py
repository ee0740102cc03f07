"""Calls of compiled procedures from compiled code, through their addresses.

Code that takes addresses is compiled once for all procedures that it may call.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from cerebella.compiled.arguments import TupleKind
from cerebella.compiled.compile_procedure import type_of

_INT32, _INT64, _POINTER = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()


def caller_of(kinds: TupleKind) -> Any:
    """Return a function that calls a procedure and returns its result.

    Parameters
    ----------
    kinds : TupleKind
        Types of the arguments of the procedure.

    Returns
    -------
    function of compiled code
        Its arguments are the address of the procedure (`Procedure.address_for`), and a tuple.
    """
    arguments = type_of(kinds)

    @intrinsic
    def call(typing_context: Any, address: Any, values: Any) -> Any:
        def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
            result = cgutils.alloca_once(builder, _INT64)
            exception = cgutils.alloca_once(builder, _POINTER)
            packed = cgutils.alloca_once_value(builder, args[1])
            kinds = (result.type, exception.type, _INT64)
            function = ir.FunctionType(_INT32, kinds).as_pointer()
            place = builder.ptrtoint(packed, _INT64)
            builder.call(builder.inttoptr(args[0], function), (result, exception, place))
            return builder.load(result)

        return types.int64(types.intp, arguments), generate

    return call
