"""Grammar of stimuli as text.

A text is a kind, a place, the numbers that the kind requires, a window of time, and further numbers
by name, separated by spaces:

    step MLI1[3] 20pA 50ms-150ms
    ramp spiny[150um] 0nA 2nA 50ms-150ms
    pulses MLI2[0-4] 100pA 2ms 50Hz 50ms-
    sine MLI1 10pA 8Hz offset=20pA
    noise MLI1 20pA interval=0.1ms mean=5pA stream=1
    clamp soma -70mV,-40mV 0ms,50ms series_resistance=5MOhm
    cf 50ms,120ms
    pf spiny[100-150um] 100 100ms,110ms,120ms
    block mli,cf 100ms-

Numbers have units. A window without an end, ``50ms-``, lasts to the end of the run, and so does a
stimulus without a window.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from typing import Any

from cerebella.errors import InputError
from cerebella.parameters.times import parse_time_ms
from cerebella.stimuli.currents import (
    CurrentNoise,
    CurrentPulses,
    CurrentRamp,
    CurrentSamples,
    CurrentSine,
    CurrentStep,
)
from cerebella.stimuli.stimulus import Stimulus, is_required, stimulus_from_mapping
from cerebella.stimuli.synaptic import CFSpikes, PFVolley, SynapticBlock
from cerebella.stimuli.voltage_clamp import VoltageClamp

KINDS: dict[str, type[Stimulus]] = {
    one.kind: one
    for one in (
        CurrentStep,
        CurrentRamp,
        CurrentPulses,
        CurrentSine,
        CurrentNoise,
        CurrentSamples,
        VoltageClamp,
        CFSpikes,
        PFVolley,
        SynapticBlock,
    )
}
"""Class of each kind of stimulus."""

Stimulation = Stimulus | Mapping[str, Any] | str
"""A stimulus as a value, as a mapping of its kind and fields, or as text."""

GRAMMAR = (
    "Write a kind, a place, numbers with units and a window of time, such as "
    "'step MLI1[3] 20pA 50ms-150ms', 'clamp soma -70mV,-40mV 0ms,50ms', 'cf 50ms,120ms', or "
    "'block mli 50ms-'"
)

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_WORD = re.compile(r"(?:\[[^\]]*\]|\S)+")  # spiny[random 5] is one
_WINDOW = re.compile(r"(\d[\d.]*[a-zµ]*)-(\d[\d.]*[a-zµ]*)?")
_UNITS = {
    "nA": {"pA": 1e-3, "nA": 1.0},
    "mV": {"mV": 1.0},
    "MOhm": {"MOhm": 1.0, "MΩ": 1.0},
    "Hz": {"Hz": 1.0, "kHz": 1e3},
    "degrees": {"deg": 1.0, "°": 1.0},
}
"""Size of each unit of text, by the unit of the field."""


def stimuli_from(given: Stimulation | Iterable[Stimulation]) -> tuple[Stimulus, ...]:
    """Return stimuli from any accepted form.

    Parameters
    ----------
    given : Stimulus, mapping, str or iterable of these
        Values, mappings as manifests keep them, or texts of the grammar.

    Returns
    -------
    tuple of Stimulus
        In the given order.

    Raises
    ------
    InputError
        A text does not follow the grammar, or a value is out of range.

    Examples
    --------
    >>> from cerebella.stimuli.grammar import stimuli_from
    >>> stimuli_from("step MLI1[3] 20pA 50ms-150ms")
    (CurrentStep(place='MLI1[3]', start_ms=50.0, stop_ms=150.0, amplitude_nA=0.02),)
    """
    single = isinstance(given, str | Stimulus | Mapping)
    each: Iterable[Any] = [given] if single else given  # type: ignore[list-item]
    return tuple(_stimulus(one) for one in each)


def _stimulus(given: Any) -> Stimulus:
    if isinstance(given, Stimulus):
        return given
    if isinstance(given, str):
        return parse_stimulus(given)
    if isinstance(given, Mapping):
        return stimulus_from_mapping(KINDS, given)
    raise InputError(f"`stimuli`: {given!r} is not a stimulus", remedy=GRAMMAR)


def parse_stimulus(text: str) -> Stimulus:
    """Return the stimulus of one text.

    Parameters
    ----------
    text : str
        Such as ``"step MLI1[3] 20pA 50ms-150ms"``; see `cerebella.stimuli.grammar`.

    Returns
    -------
    Stimulus

    Raises
    ------
    InputError
        The text does not follow the grammar; the message shows valid forms.
    """
    name, *words = _WORD.findall(text) or [""]
    if name not in KINDS:
        raise _refused(text, f"kind {name!r} is unknown", f"Choose from {', '.join(KINDS)}")
    of_kind = fields(KINDS[name])
    required = [one for one in of_kind if is_required(one)]
    by_name = {_short(one): one for one in of_kind if not is_required(one)}
    has_window = any(one.name == "start_ms" for one in of_kind)
    values: dict[str, Any] = {}
    for word in words:
        window = _WINDOW.fullmatch(word)
        option, equals, value = word.partition("=")
        try:
            if window and has_window and "start_ms" not in values:
                values["start_ms"] = parse_time_ms(window[1])
                values["stop_ms"] = parse_time_ms(window[2]) if window[2] else None
            elif equals:
                values[by_name[option].name] = _value(by_name[option], value)
            else:
                one = required[sum(one.name in values for one in required)]
                values[one.name] = _value(one, word)
        except (KeyError, IndexError):
            raise _refused(text, f"{word!r} has no meaning here", _form(name)) from None
        except InputError as error:
            raise _refused(text, error.problem, _form(name)) from None
    missing = [_short(one) for one in required if one.name not in values]
    if missing:
        raise _refused(text, f"{' and '.join(missing)} missing", _form(name))
    return KINDS[name](**values)


def _short(one: Field[Any]) -> str:
    """Return the name of a field without its unit."""
    return one.name.removesuffix(f"_{_unit(one)}")


def _unit(one: Field[Any]) -> str:
    """Return the unit of a field; empty without one."""
    unit = one.name.rpartition("_")[2]
    return unit if unit in ("ms", *_UNITS) else ""


def _value(one: Field[Any], text: str) -> Any:
    """Return the value of a field from text with a unit."""
    if one.name == "place":
        return text
    if one.name == "samples_nA":
        raise InputError("samples cannot be given as text")
    if one.name == "inputs":
        return text.split(",")
    if str(one.type).startswith("tuple"):
        return [_number(one, part) for part in text.split(",")]
    return _number(one, text)


def _number(one: Field[Any], text: str) -> float:
    if one.type != "int":
        return parse_number(text, _unit(one))
    if not text.isdigit():
        raise InputError(f"{text!r} is not a whole number")
    return int(text)


def parse_number(text: str, unit: str) -> float:
    """Return a number in a unit from text with any unit of its kind.

    Parameters
    ----------
    text : str
        A number and its unit.
    unit : str
        Unit of the result: ms, nA, mV, MOhm, Hz or degrees.

    Returns
    -------
    float

    Raises
    ------
    InputError
        The text is not a finite number with such a unit.

    Examples
    --------
    >>> parse_number("20pA", "nA")
    0.02
    """
    if unit == "ms":
        return parse_time_ms(text)
    units = _UNITS[unit]
    match = re.fullmatch(rf"{_NUMBER}\s*(\S*)", text.strip())
    if match is None or match[2] not in units or not math.isfinite(float(match[1])):
        named = [name for name in units if name]
        raise InputError(f"{text!r} is not a number with a unit ({', '.join(named)})")
    return float(f"{float(match[1]) * units[match[2]]:.12g}")  # 20 pA are 0.02 nA


def _form(name: str) -> str:
    """Return the form of the texts of a kind."""
    of_kind = fields(KINDS[name])
    words = [_short(one).upper() for one in of_kind if is_required(one)]
    options = [
        f"[{_short(one)}=…]"
        for one in of_kind
        if not is_required(one) and one.name not in ("start_ms", "stop_ms")
    ]
    window = ["START-STOP"] if any(one.name == "start_ms" for one in of_kind) else []
    return f"Write {' '.join([name, *words, *window, *options])}"


def _refused(text: str, problem: str, remedy: str) -> InputError:
    return InputError(f"`stimuli`: {text!r}: {problem}", remedy=remedy)
