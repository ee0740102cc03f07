"""Times as text: a number with a unit, ``"120s"``, ``"300ms"``, ``"2min"``; without one, in ms."""

from __future__ import annotations

import math
import re

from cerebella.errors import InputError

UNITS_MS = {"us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "min": 6e4, "h": 3.6e6}
"""Length of each unit in ms."""

TIME_FORMS = "Write 300 or 300ms for milliseconds, 120s for seconds, 2min for minutes"

_TIME = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zµ]*)\s*")


def parse_time_ms(text: str) -> float:
    """Parse a time in text, and return it in ms.

    Parameters
    ----------
    text : str
        A number followed by a unit of `UNITS_MS`; a bare number is in ms.

    Returns
    -------
    float
        The time in ms.

    Raises
    ------
    InputError
        The text is not a finite number with a known unit.

    Examples
    --------
    >>> parse_time_ms("2min")
    120000.0
    >>> parse_time_ms("0.5")
    0.5
    """
    match = _TIME.fullmatch(text)
    unit = (match[2] or "ms") if match else ""
    if match is None or unit not in UNITS_MS or not math.isfinite(float(match[1])):
        raise InputError(f"{text!r} is not a time", remedy=TIME_FORMS)
    # Twelve digits: 1.1 s is 1100 ms, not 1100.0000000000002.
    return float(f"{float(match[1]) * UNITS_MS[unit]:.12g}")


def format_time(time_ms: float) -> str:
    """Format a time with the largest suitable unit, such as ``"120 s"`` or ``"0.5 ms"``.

    Parameters
    ----------
    time_ms : float
        The time in ms.

    Returns
    -------
    str
        The number and its unit, s from 1 s on, else ms.

    Examples
    --------
    >>> format_time(120_000.0)
    '120 s'
    >>> format_time(300.0)
    '300 ms'
    """
    return f"{time_ms / 1000:g} s" if abs(time_ms) >= 1000 else f"{time_ms:g} ms"
