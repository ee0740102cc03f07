"""How functions are compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

_OLIVE = Path(__file__).parent.parent
_FILES = [
    *sorted((_OLIVE / "engines").glob("*.py")),
    _OLIVE / "random_drive.py",
    _OLIVE / "rules" / "rule.py",
]
"""Files with compiled code, and with constants that it uses."""

_SOURCES = hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()[:12]


def jit(function: Callable[..., Any]) -> Any:
    """Compile without the GIL, and keep the result where a cache can be written.

    Numba's cache notices a change in the file of a function, but not in those of the functions
    that it calls. The name under which it is kept therefore stands for all of these files.
    """
    function.__qualname__ += f"_{_SOURCES}"
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        return njit(nogil=True, error_model="numpy")(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile as a part of the compiled functions that call it.

    A call passes seven numbers for each array, which takes as long as a loop over a few cells.
    """
    return njit(nogil=True, error_model="numpy", forceinline=True)(function)
