"""Grammar of perturbations as text.

A text is ``TIME:CHANGE``. The time has a unit (``300s``, ``2min``); a bare number is in ms. A
change is one of

    io_bias+0.3   pf_rate=40   mf_rate*2   gap-0.01     a quantity, an operator (= + - *), a number
    plasticity=off   plasticity=on
    weights=shuffled                                    permutes the weights of each PC
    cut=DCN→IO   restore=DCN→IO                         a class of synapses; -> is also accepted

and several changes at one time are separated by commas: ``300s:mf_rate*2,cut=CF→PC``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cerebella.errors import InputError
from cerebella.olive.perturbations import GRAMMAR, Perturbation, perturbation_from_mapping
from cerebella.parameters.times import parse_time_ms

Perturbed = Perturbation | Mapping[str, Any] | str
"""A perturbation as a value, as a mapping of its fields, or as text."""

_CHANGE = re.compile(r"(\w+)\s*([=+*-])\s*(.+)")
_ON_OFF = {"on": True, "off": False}


def parse_perturbation(text: str) -> tuple[Perturbation, ...]:
    """Return the perturbations of one text, all at the same time.

    Parameters
    ----------
    text : str
        Such as ``"300s:mf_rate*2,cut=CF→PC"``; see `cerebella.olive.perturbation_grammar`.

    Returns
    -------
    tuple of Perturbation
        One for each change.

    Raises
    ------
    InputError
        The text does not follow the grammar; the message lists the valid forms.

    Examples
    --------
    >>> parse_perturbation("2min:gap=0")
    (Perturbation(time_ms=120000.0, quantity='gap', operator='=', value=0.0),)
    """
    time, colon, changes = text.partition(":")
    if not colon:
        raise _refused(text, "has no time before a colon")
    try:
        time_ms = parse_time_ms(time)
        return tuple(_parse_change(time_ms, change.strip()) for change in changes.split(","))
    except InputError as error:
        raise _refused(text, error.problem) from None


def perturbations_from(given: Perturbed | Iterable[Perturbed]) -> tuple[Perturbation, ...]:
    """Return perturbations sorted by time; those at equal times keep their order.

    Parameters
    ----------
    given : str, Perturbation, mapping or iterable of these
        Values, texts of the grammar, or mappings as manifests keep them.

    Returns
    -------
    tuple of Perturbation
        Sorted by time.

    Raises
    ------
    InputError
        A text does not follow the grammar, or a value is unknown.
    """
    each: Iterable[Any] = [given] if isinstance(given, str | Perturbation | Mapping) else given
    found: list[Perturbation] = []
    for one in each:
        if isinstance(one, str):
            found += parse_perturbation(one)
        else:
            found.append(one if isinstance(one, Perturbation) else perturbation_from_mapping(one))
    return tuple(sorted(found, key=lambda one: one.time_ms))


def stored_perturbations(manifest: Mapping[str, Any]) -> tuple[Perturbation, ...]:
    """Return the perturbations of a run.

    Parameters
    ----------
    manifest : mapping
        Its manifest. Versions before 0.1 keep texts with the time in seconds.

    Returns
    -------
    tuple of Perturbation
        Sorted by time.
    """
    return perturbations_from(
        one.replace(":", "s:", 1) if isinstance(one, str) else one
        for one in manifest["perturbations"]
    )


def _parse_change(time_ms: float, change: str) -> Perturbation:
    match = _CHANGE.fullmatch(change)
    if match is None:
        raise InputError(f"{change!r} is not a change")
    quantity, operator, text = match.groups()
    if quantity in ("weights", "cut", "restore"):
        return Perturbation(time_ms, quantity, operator, text)
    if quantity == "plasticity":
        if text not in _ON_OFF:
            raise InputError(f"plasticity is on or off, not {text!r}")
        return Perturbation(time_ms, quantity, operator, _ON_OFF[text])
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{text!r} is not a number") from None
    return Perturbation(time_ms, quantity, operator, value)


def _refused(text: str, problem: str) -> InputError:
    return InputError(f"`perturbations`: {text!r}: {problem}", remedy=GRAMMAR)
