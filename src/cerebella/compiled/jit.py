"""How functions are compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from numba import njit

Function = Callable[..., Any]


def cached_jit(files: Iterable[Path]) -> Callable[[Function], Any]:
    """Return a decorator that compiles without the GIL and caches the result where possible.

    Numba's cache notices a change in the file of a function, but not in those of the functions
    that it calls. The name under which the result is kept therefore represents all files.

    Parameters
    ----------
    files : iterable of Path
        Files with compiled code, and with constants that it uses. Those of this room are added.
    """
    everything = [*sorted(Path(__file__).parent.glob("*.py")), *files]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in everything)).hexdigest()[:12]

    def jit(function: Function) -> Any:
        function.__qualname__ += f"_{digest}"
        try:
            return njit(nogil=True, error_model="numpy", cache=True)(function)
        except RuntimeError:  # neither the package's folder nor the user's can be written to
            return njit(nogil=True, error_model="numpy")(function)

    return jit


def inlined(function: Function) -> Any:
    """Compile as a part of the compiled functions that call it.

    A call passes seven numbers for each array, which takes as long as a loop over a few cells.
    """
    return njit(nogil=True, error_model="numpy", forceinline=True)(function)
