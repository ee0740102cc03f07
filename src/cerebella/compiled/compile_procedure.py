"""Compilation of procedures by numba to bytes that `object_code` loads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

from cerebella.compiled.arguments import ArrayKind, Kind, TupleKind

_ADDRESS = (types.intp,)


def compile_procedure(
    make: Callable[[Any], Callable[[int], None]], kinds: TupleKind
) -> tuple[str, bytes]:
    """Compile a function that takes the address of its packed arguments, and returns nothing.

    Parameters
    ----------
    make : callable
        Returns the function, which allocates no memory and raises no exception. Its argument is a
        function of compiled code that returns the arguments at an address.
    kinds : TupleKind
        The types of all arguments.

    Returns
    -------
    symbol : str
        Name of the function in the code.
    code : bytes
        An object file.
    """
    all_types = _type_of(kinds)
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}

    @intrinsic
    def arguments_at(typing_context: Any, address: Any) -> Any:
        def load(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            structure = context.get_value_type(signature.return_type)
            return builder.load(builder.inttoptr(args[0], structure.as_pointer()))

        return all_types(types.intp), load

    compiled: Any = njit(nogil=True, error_model="numpy", **options)(make(arguments_at))
    compiled.compile(_ADDRESS)
    result = compiled.overloads[_ADDRESS]
    code, _ = result.library.serialize_using_object_code()[2]
    return result.fndesc.llvm_func_name, code


def _type_of(kind: Kind) -> Any:
    """Return numba's type."""
    if isinstance(kind, TupleKind):
        items = tuple(map(_type_of, kind.items))
        return types.BaseTuple.from_types(items, None if kind.of is tuple else kind.of)
    if isinstance(kind, ArrayKind):
        return types.Array(from_dtype(np.dtype(kind.dtype)), kind.n_dimensions, "C")
    return types.int64 if kind is int else types.float64
