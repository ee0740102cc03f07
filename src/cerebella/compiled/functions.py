"""Functions of numbers, with which equations of channels are written.

In compiled code they have a form for lanes, see `lane_functions`. Values of other classes, such as
symbols, bring a method of the function's name, as for functions of NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any


def _or_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a value with a method of the function's name use that."""

    @wraps(function)
    def of_any(*arguments: Any) -> Any:
        method = getattr(arguments[-1], function.__name__, None)
        return method(*arguments[:-1]) if method else function(*arguments)

    return of_any


@_or_method
def exp(x: float) -> Any:
    """Return e^x; in lanes, x is limited to the range of normal numbers, -708 to 709."""
    return math.exp(x)


def one_minus_exp(x: float) -> Any:
    """Return 1 - e^-x, accurate also for small x: the part of a relaxation that a step covers."""
    return -math.expm1(-x)


@_or_method
def linoid(x: float) -> Any:
    """Return x / (1 - e^-x), which is 1 at x = 0."""
    if abs(x) < 1e-6:
        return 1 + x / 2
    return x / (1 - math.exp(-x))


@_or_method
def at_least(least: float, x: float) -> Any:
    """Return x, or `least` where x is smaller."""
    return max(least, x)


@_or_method
def inverse_cube_root(x: float) -> Any:
    """Return x^(-1/3) of a positive number."""
    return x ** (-1 / 3)
