"""Short hash of the content of a value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """Hash the content of a value.

    Fields of a dataclass that do not take part in comparisons do not take part here.

    Parameters
    ----------
    value : object
        Dataclass, container, array or plain value; may be nested.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    found = hashlib.sha256()
    _add(found, value)
    return found.hexdigest()[:16]


def _add(found: Any, value: Any) -> None:
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        value = [part for item in value.items() for part in item]
    if isinstance(value, list | tuple):
        found.update(f"{len(value)} parts\n".encode())
        for part in value:
            _add(found, part)
    elif isinstance(value, np.ndarray):
        found.update(f"{value.dtype.str} {value.shape}\n".encode())
        found.update(np.ascontiguousarray(value).tobytes())
    else:
        found.update(f"{value!r}\n".encode())
