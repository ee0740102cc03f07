"""Values of a parameter as text: lists, ranges of integers, and evenly spaced numbers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

from cerebella.errors import InputError
from cerebella.parameters.times import parse_time_ms

FORMS = (
    "Use the form NAME=2,4,8, NAME=1-5 for integers, or NAME=0:10:5 or NAME=log:1:100:5 "
    "for five values from the first to the second"
)

_INTEGERS = re.compile(r"(\d+)-(\d+)")
_RANGE = re.compile(r"[-+.\deE]+:[-+.\deE]+:\d+")
_SPACING = {"linear": np.linspace, "log": np.geomspace}
_DIGITS = 12
"""Digits of evenly spaced values, so that 0.3 is not 0.30000000000000004."""

_OPEN, _CLOSE = "[{", "]}"


def parse_variation(text: str) -> tuple[str, str]:
    """Return name and values of text such as ``connections.pf_rate_Hz=2,4,8``.

    Raises
    ------
    InputError
        The text is not of this form.
    """
    name, equals, values = (part.strip() for part in text.partition("="))
    if not (name and equals and values):
        raise InputError(f"`vary` {text!r} names no values", remedy=FORMS)
    return name, values


def parse_values(text: str, name: str, *, is_time: bool = False) -> list[Any]:
    """Return the values in text such as ``2,4,8``, ``1-5`` or ``log:1:100:5``.

    Parameters
    ----------
    text : str
        Values, separated by commas. Each is JSON (``3``, ``0.5``, ``null``, ``[0, 1]``), a range
        of integers, evenly spaced numbers, or else text.
    name : str
        Name of the parameter, for messages.
    is_time : bool
        Values are times, such as ``200ms``.

    Returns
    -------
    list
        In the order given.

    Raises
    ------
    InputError
        A value is empty or not a time, or a range is reversed.

    Examples
    --------
    >>> parse_values("1-3,8", "seed")
    [1, 2, 3, 8]
    >>> parse_values("log:1:100:3", "connections.pf_rate_Hz")
    [1.0, 10.0, 100.0]
    >>> parse_values("1.5:2.5:3", "drive.io_bias_mV_per_ms")
    [1.5, 2.0, 2.5]
    """
    values: list[Any] = []
    for part in _split(text):
        if not part:
            raise InputError(f"`vary` {name}={text} has an empty value", remedy=FORMS)
        spacing, *ends = (f"linear:{part}" if _RANGE.fullmatch(part) else part).split(":")
        if spacing in _SPACING:
            values += _spaced(part, spacing, ends, name)
        elif match := _INTEGERS.fullmatch(part):
            values += _integers(int(match[1]), int(match[2]), name)
        else:
            values.append(_time(part, name) if is_time else _value(part))
    return values


def _split(text: str) -> list[str]:
    """Split text at commas that are not within brackets or quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == '"'
        if not quoted:
            depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # also for thousands of digits, or of brackets
        return text


def _time(text: str, name: str) -> float:
    try:
        return parse_time_ms(text)
    except InputError as error:
        raise InputError(f"`vary` {name}: {error.problem}", remedy=error.remedy) from None


def _integers(first: int, last: int, name: str) -> range:
    if last < first:
        raise InputError(
            f"`vary` {name}: the range {first}-{last} is reversed", remedy=f"Give {last}-{first}"
        )
    if last - first >= MOST_VALUES:
        raise InputError(
            f"`vary` {name}: the range {first}-{last} has more than {MOST_VALUES} values",
            remedy="Give a shorter range",
        )
    return range(first, last + 1)


MOST_VALUES = 100_000
"""Largest number of values of a parameter, and of combinations of values."""


def _spaced(text: str, spacing: str, ends: list[str], name: str) -> list[float]:
    """Return evenly spaced numbers for text such as ``0:10:5`` or ``log:1:100:5``."""
    problem = f"`vary` {name}: {text} is not of the form {spacing}:FIRST:LAST:NUMBER"
    try:
        first, last, number = (float(end) for end in ends)
    except ValueError:
        raise InputError(problem, remedy=FORMS) from None
    if not (math.isfinite(first) and math.isfinite(last) and 2 <= number <= MOST_VALUES):
        raise InputError(problem, remedy=FORMS)
    if number != int(number):
        raise InputError(problem, remedy="Give a whole NUMBER of values")
    if spacing == "log" and not (first > 0 and last > 0):
        raise InputError(
            f"`vary` {name}: {text} has an end that is not positive",
            remedy="Give positive numbers, or use linear",
        )
    spaced = _SPACING[spacing](first, last, int(number))
    return [float(f"{value:.{_DIGITS}g}") for value in spaced]
