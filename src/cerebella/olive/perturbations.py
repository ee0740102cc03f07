"""What may change during a run, and the text in which changes are asked for.

A perturbation is ``TIME:CHANGE``, with the time in seconds. A change is one of

    io_bias+0.3   pf_rate=40   mf_rate*2   gap-0.01     a quantity, an operator (= + - *), a number
    plasticity=off   plasticity=on
    cut=DCN→IO   restore=DCN→IO                         a class of synapses; -> does as well

and several changes at one time are separated by commas: ``300:mf_rate*2,cut=CF→PC``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES
from cerebella.results.spikes import own_name

GRAMMAR = (
    "Write TIME:CHANGE[,CHANGE…] with the time in s and a change such as io_bias+0.3, pf_rate=40, "
    "mf_rate*2, gap-0.01 (operators = + - *), plasticity=off, cut=DCN→IO or restore=DCN→IO"
)

_QUANTITIES = {
    "io_bias": "io_bias_mV_per_ms",
    "pf_rate": "pf_rate_Hz",
    "mf_rate": "mf_rate_Hz",
    "gap": "gap_per_ms",
}
_OPERATORS = {
    "=": lambda old, value: value,
    "+": lambda old, value: old + value,
    "-": lambda old, value: old - value,
    "*": lambda old, value: old * value,
}
_QUANTITY = re.compile(r"(\w+?)\s*([=+*-])\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")
_SWITCH = re.compile(r"(plasticity|cut|restore)\s*=\s*(.+)")


@dataclass(frozen=True)
class Drive:
    """The settings that hold until the next perturbation."""

    pf_rate_Hz: float
    mf_rate_Hz: float
    io_bias_mV_per_ms: float
    gap_per_ms: float
    plasticity: bool
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Perturbation:
    """One change at a time, as it was asked for."""

    time_ms: float
    change: str

    def __str__(self) -> str:
        return f"{self.time_ms / 1000:g}:{self.change}"


def initial_drive(parameters: OliveParameters) -> Drive:
    """Return the settings at the start."""
    drive = parameters.drive
    return Drive(
        pf_rate_Hz=drive.pf_rate_Hz,
        mf_rate_Hz=drive.mf_rate_Hz,
        io_bias_mV_per_ms=drive.io_bias_mV_per_ms,
        gap_per_ms=drive.gap_per_ms,
        plasticity=parameters.plasticity.rule != "off",
    )


def parse_perturbations(texts: Iterable[str]) -> tuple[Perturbation, ...]:
    """Return perturbations in the order of time; those of one time as they were given.

    Raises
    ------
    InputError : a text does not follow the grammar, which the message shows.
    """
    found = []
    for text in texts:
        time, colon, changes = text.partition(":")
        try:
            time_ms = 1000 * float(time)
        except ValueError:
            time_ms = math.nan
        if not (colon and 0 <= time_ms < math.inf):
            raise _refused(text, "has no time in seconds before a colon")
        for change in changes.split(","):
            _parse_change(text, change.strip())
            found.append(Perturbation(time_ms, change.strip()))
    return tuple(sorted(found, key=lambda one: one.time_ms))


def perturb(drive: Drive, perturbation: Perturbation, parameters: OliveParameters) -> Drive:
    """Return the settings after a perturbation.

    Raises
    ------
    InputError : a rate or conductance would be negative, or a PF rate too high for the step.
    """
    text = str(perturbation)
    kind, value, operator = _parse_change(text, perturbation.change)
    if kind == "plasticity":
        if value and parameters.plasticity.rule == "off":
            raise _refused(text, "turns on plasticity, but the run has no rule of plasticity")
        return replace(drive, plasticity=value)
    if kind in ("cut", "restore"):
        return replace(drive, cut=drive.cut | value if kind == "cut" else drive.cut - value)
    new = _OPERATORS[operator](getattr(drive, kind), value)
    if new < 0 and kind != "io_bias_mV_per_ms":
        raise _refused(text, f"makes {kind} negative ({new:g})")
    if kind == "pf_rate_Hz" and new * parameters.time_step_ms >= 1000:
        raise _refused(text, f"a PF cannot fire at {new:g} Hz with this time step")
    return replace(drive, **{kind: new})


def _parse_change(text: str, change: str) -> tuple[str, Any, str]:
    """Return (field of Drive or cut/restore, value, operator)."""
    if match := _SWITCH.fullmatch(change):
        what, value = match.groups()
        if what != "plasticity":
            return what, frozenset([_synapse_class(text, value)]), "="
        if value not in ("on", "off"):
            raise _refused(text, f"plasticity is on or off, not {value!r}")
        return what, value == "on", "="
    match = _QUANTITY.fullmatch(change)
    if match is None:
        raise _refused(text, f"{change!r} is no change")
    name, operator, number = match.groups()
    if name not in _QUANTITIES:
        raise _refused(text, f"{name!r} is none of {', '.join(_QUANTITIES)}")
    try:
        value = float(number)
    except ValueError:
        raise _refused(text, f"{number!r} is no number") from None
    return _QUANTITIES[name], value, operator


def _synapse_class(text: str, arrow: str) -> str:
    """Return the class that a text such as DCN→IO names; IO→PC and CF→PC are the same."""
    source, _, target = (
        own_name(part.strip().upper()) for part in arrow.replace("->", "→").partition("→")
    )
    pair = ("IO" if source == "CF" else source, target)
    for name, ends in SYNAPSE_CLASSES.items():
        if ends == pair:
            return name
    known = ", ".join(synapse_label(name) for name in SYNAPSE_CLASSES)
    raise _refused(text, f"{arrow!r} is none of the classes {known}")


def synapse_label(name: str) -> str:
    """Return ``"CF→PC"`` for ``"cf_purkinje"``."""
    source, target = SYNAPSE_CLASSES[name]
    return f"{'CF' if source == 'IO' else source}→{target}"


def _refused(text: str, problem: str) -> InputError:
    return InputError(f"perturbation {text!r}: {problem}", remedy=GRAMMAR)
