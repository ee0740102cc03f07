"""How functions are compiled that are parts of a `Procedure`.

They use no memory of numba's own, whose counts of references to arrays take longer than a few
operations on lanes, and which code that is loaded without numba does not have. Without the wrappers
that would make them callable from Python and C, compilation is shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from numba import njit

Function = Callable[..., Any]
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}


def apart(function: Function) -> Any:
    """Compile as a function of its own, which has all registers available."""
    return njit(**_OPTIONS)(function)


def inlined(function: Function) -> Any:
    """Compile as a part of the compiled functions that call it.

    A call passes seven numbers for each array, which takes as long as a loop over a few cells.
    """
    return njit(**_OPTIONS, forceinline=True)(function)


@cache
def kernel_of(function: Function) -> Any:
    """Compile, as `inlined`, a plain function and the functions of its module that it calls."""
    own = {
        name: kernel_of(value)
        for name in function.__code__.co_names
        if isinstance(value := function.__globals__.get(name), FunctionType)
        and value.__module__ == function.__module__
    }
    code, scope = function.__code__, function.__globals__ | own
    copy = FunctionType(code, scope, function.__name__, function.__defaults__)
    return inlined(copy)
