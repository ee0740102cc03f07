"""Names of compiled code, which represent everything that it depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cerebella.compiled.processor import target_processor


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
    compiler = (version("numba"), version("llvmlite"))
    found = hashlib.sha256(" ".join((*compiler, *target_processor())).encode())
    for file in (*sorted(Path(__file__).parent.glob("*.py")), *files):
        found.update(file.read_bytes())
    return found
