"""Reading of JSON files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from cerebella.errors import InputError
from cerebella.files.text import read_text

_MOST_BYTES = 16_000_000
_DEEPEST = 60
"""Depth of nested lists and objects, well below the limit of recursion."""


def read_json(file: Path, *, remedy: str = "Copy it again") -> dict[str, Any]:
    """Read a file with one JSON object.

    Parameters
    ----------
    file : Path
        The file.
    remedy : str
        Remedy if it is damaged.

    Returns
    -------
    dict
        The object; its numbers are finite.

    Raises
    ------
    InputError
        The file cannot be read, is larger than 16 MB, is not JSON, is nested too deeply, or is
        not an object.
    """
    text = read_text(file, kind="JSON file", most_bytes=_MOST_BYTES)
    try:
        content = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError as error:
        raise InputError(
            f"is not valid JSON ({error.msg})", file=file, row=error.lineno, remedy=remedy
        ) from error
    except (ValueError, RecursionError) as error:  # thousands of digits, or of brackets
        raise InputError(f"is not valid JSON ({error})", file=file, remedy=remedy) from error
    if not isinstance(content, dict):
        raise InputError("is not a JSON object", file=file, remedy=remedy)
    if not is_shallow(content):
        raise InputError("is nested too deeply", file=file, remedy=remedy)
    return content


def is_shallow(content: object, deepest: int = _DEEPEST) -> bool:
    """Return whether lists and mappings are nested at most `deepest` times; no recursion."""
    level = [content]
    for _ in range(deepest):
        level = [
            part
            for one in level
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is not finite")
    return number
