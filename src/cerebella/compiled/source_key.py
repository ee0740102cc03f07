"""Names of compiled code, which represent everything that it depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any


def source_key(files: Iterable[Path], generated: str = "") -> str:
    """Return a text that differs for other code, another compiler or another processor.

    Parameters
    ----------
    files : iterable of Path
        Files with compiled code, and with constants that it uses. Those of this room are added.
    generated : str
        The text of code that is not in the files.
    """
    found = _digest_of(tuple(files)).copy()
    found.update(generated.encode())
    return found.hexdigest()


@cache
def _digest_of(files: tuple[Path, ...]) -> Any:
    found = hashlib.sha256(_machine().encode())
    for file in (*sorted(Path(__file__).parent.glob("*.py")), *files):
        found.update(file.read_bytes())
    return found


@cache
def _machine() -> str:
    """Return versions of the compiler, and name and instruction sets of the processor.

    Those for which numba compiles: this processor, or another one by numba's variables.
    """
    from llvmlite import binding

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return " ".join((version("numba"), version("llvmlite"), name, features))
