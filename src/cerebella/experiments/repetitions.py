"""Checks of the numbers that an experiment runs over, such as seeds and trials."""

from __future__ import annotations

from collections.abc import Sequence

from cerebella.errors import InputError


def check_different(name: str, numbers: Sequence[float]) -> None:
    """Raise InputError if numbers are not different ones of 0 or more, or there is none.

    Parameters
    ----------
    name : str
        Name of the argument.
    numbers : sequence of float
        Its value.

    Examples
    --------
    >>> from cerebella.experiments.repetitions import check_different
    >>> check_different("seeds", [1, 2, 1])
    Traceback (most recent call last):
    cerebella.errors.InputError: `seeds` has 1 twice. Give each once
    """
    if not numbers:
        raise InputError(f"`{name}` is empty", remedy="Give at least one number")
    repeated = [number for number in numbers if numbers.count(number) > 1]
    if repeated:
        raise InputError(f"`{name}` has {repeated[0]:g} twice", remedy="Give each once")
    if min(numbers) < 0:
        raise InputError(f"`{name}` has {min(numbers):g}", remedy="Give 0 or larger numbers")
