"""The functions of a rule of plasticity, and what their arguments stand for."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dis import get_instructions
from enum import IntEnum
from types import FunctionType
from typing import NamedTuple

from cerebella.errors import InputError
from cerebella.olive.wiring import UNITS_PER_WEIGHT

LARGEST_CHANGE = 2.0
"""Largest change of a weight: a CF spike may take back a potentiation, and depress as much."""

TIMES = ("since_pf_ms", "since_cf_ms", "since_pc_ms")
"""Times since other spikes, in the order in which engines pass them."""

LAST_PF = "since_last_pf_ms"
"""Passed in place of the first of `TIMES`."""

_AT = {
    "on_pf": ("since_cf_ms", "since_pc_ms"),
    "on_cf": (LAST_PF, *TIMES),
    "on_pc": (LAST_PF, *TIMES),
}
_SINCE_MS = (5.0, 20.0, 95.0, 130.0, 450.0, 1000.0, 10_000.0)
_MOST_AGES = 1000
_ERRORS = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError)
"""What a function of a user may raise for numbers that it was not written for."""


class Paired(IntEnum):
    """PF spikes with which an event is paired, at each synapse of the Purkinje cell."""

    NONE = 0
    """None: all synapses change alike."""
    EACH = 1
    """Each that arrived within the memory of the rule."""
    LAST = 2
    """The last one, if it arrived within the memory of the rule."""


class Event(NamedTuple):
    """A function of a rule.

    Attributes
    ----------
    label : str
        Name in messages.
    function : callable
        Returns the change of the weight.
    arguments : tuple of str
        Names of its arguments.
    order : tuple of int
        Index of each argument in `TIMES`, followed by `values`.
    values : tuple of float
        Parameters of the function.
    paired : Paired
        PF spikes with which the event is paired.
    """

    label: str
    function: Callable[..., float]
    arguments: tuple[str, ...]
    order: tuple[int, ...]
    values: tuple[float, ...]
    paired: Paired

    @property
    def varies(self) -> bool:
        """Whether changes depend on times since CF or PC spikes."""
        return bool({"since_cf_ms", "since_pc_ms"} & set(self.arguments))

    def units(self, since_pf_ms: float, since_cf_ms: float, since_pc_ms: float) -> int:
        """Return the change in units of 2⁻²⁶, at given times since other spikes.

        Raises
        ------
        InputError
            It is not a number from -2 to 2.
        """
        change = self.change(since_pf_ms, since_cf_ms, since_pc_ms)
        if not -LARGEST_CHANGE <= change <= LARGEST_CHANGE:
            call = self.call(since_pf_ms, since_cf_ms, since_pc_ms)
            raise self.refused(f"{call} is {change:g}")
        return round(change * UNITS_PER_WEIGHT)

    def change(self, since_pf_ms: float, since_cf_ms: float, since_pc_ms: float) -> float:
        """Return the change of the weight, at given times since other spikes."""
        known = (since_pf_ms, since_cf_ms, since_pc_ms, *self.values)
        try:
            return float(self.function(*[known[k] for k in self.order]))
        except _ERRORS as error:
            call = self.call(since_pf_ms, since_cf_ms, since_pc_ms)
            raise InputError(
                f"{call} fails: {type(error).__name__}: {error}",
                remedy="Functions of a rule must return a number for all times",
            ) from None

    def sampled_times(
        self, memory: int, step_ms: float
    ) -> Iterator[tuple[list[int], float, float]]:
        """Yield ages of PF spikes in steps, and times since CF and PC spikes, to be tried."""
        every = max(1, memory // _MOST_AGES)
        ages = [*range(0, memory, every), memory - 1] if self.paired else [0]
        since = (math.inf, step_ms, *(ms for ms in _SINCE_MS if ms > step_ms))
        for since_cf_ms in since if "since_cf_ms" in self.arguments else since[:1]:
            for since_pc_ms in since if "since_pc_ms" in self.arguments else since[:1]:
                yield ages, since_cf_ms, since_pc_ms

    def refused(self, what: str) -> InputError:
        """Return the error of a change out of range."""
        limit = f"{LARGEST_CHANGE:g}"
        return InputError(
            what,
            remedy=f"Return the change of a weight, a number from -{limit} to {limit}; weights "
            "stay within 0 and 1",
        )

    def call(self, since_pf_ms: float, since_cf_ms: float, since_pc_ms: float) -> str:
        """Return the name of the function and the values of its arguments, for messages."""
        known = (since_pf_ms, since_cf_ms, since_pc_ms, *self.values)
        shown = (
            f"{name} = {known[k]:g}" for name, k in zip(self.arguments, self.order, strict=True)
        )
        return f"{self.label} at {', '.join(shown)}" if self.arguments else self.label


def event_of(label: str, event: str, function: object, parameters: Mapping[str, float]) -> Event:
    """Return a function of a rule with what its arguments stand for.

    Raises
    ------
    InputError
        It is not a plain function, or takes anything else than times and parameters.
    """
    if not isinstance(function, FunctionType):
        raise InputError(
            f"{label} is {_kind_of(function)}",
            remedy="Give a plain Python function, which the engine compiles itself",
        )
    _check_body(label, function)
    arguments = tuple(inspect.signature(function).parameters.values())
    names = tuple(one.name for one in arguments)
    for one in arguments:
        if one.kind is not one.POSITIONAL_OR_KEYWORD or one.default is not one.empty:
            raise InputError(
                f"the argument {one} of {label} is optional or has no name of its own",
                remedy="Functions of a rule take named times and parameters, without defaults",
            )
        if one.name not in (*_AT[event], *parameters):
            raise InputError(
                f"{label} takes {one.name}, which is neither a time nor a parameter of the rule",
                remedy=f"Times are {', '.join(sorted(_AT[event]))}; the rule has "
                + (f"the parameters {', '.join(parameters)}" if parameters else "no parameters"),
            )
    if {TIMES[0], LAST_PF} <= set(names):
        raise InputError(
            f"{label} takes both {TIMES[0]} and {LAST_PF}",
            remedy=f"Take {TIMES[0]} to pair with each PF spike, {LAST_PF} with the last one",
        )
    own = tuple(name for name in names if name not in (*TIMES, LAST_PF))
    known = (*TIMES, *own)
    order = tuple(known.index(TIMES[0] if name == LAST_PF else name) for name in names)
    paired = Paired.LAST if LAST_PF in names else Paired(TIMES[0] in names)
    return Event(label, function, names, order, tuple(parameters[k] for k in own), paired)


def _kind_of(thing: object) -> str:
    if isinstance(thing, int | float | str):
        return repr(thing)
    return f"of type {type(thing).__name__}"


def _check_body(label: str, function: FunctionType) -> None:
    """Raise InputError for what cannot be compiled, or told from the text of the function."""
    code = function.__code__
    if code.co_freevars:
        raise InputError(
            f"{label} uses {', '.join(code.co_freevars)} of the function around it",
            remedy="Make it a parameter of the rule",
        )
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
        raise InputError(f"{label} is a generator", remedy="Return a number")
    if any(one.opname == "RAISE_VARARGS" for one in get_instructions(code)):
        raise InputError(
            f"{label} may raise an exception",
            remedy="Functions of a rule must return a number for all times",
        )
    if any(helper is function for helper in _helpers(function)):
        raise InputError(f"{label} calls itself", remedy="Write it without recursion")


def _helpers(function: FunctionType) -> Iterator[FunctionType]:
    """Yield the functions of its module that a function calls, directly or not."""
    seen: list[FunctionType] = []
    waiting = [function]
    while waiting:
        one = waiting.pop()
        for name in one.__code__.co_names:
            found = one.__globals__.get(name)
            if not isinstance(found, FunctionType) or found.__module__ != one.__module__:
                continue
            if not any(found is other for other in seen):
                seen.append(found)
                waiting.append(found)
    yield from seen


def texts_of(label: str, function: FunctionType) -> Iterator[str]:
    """Yield the text of a function, of the functions it calls, and the constants that they use.

    Raises
    ------
    InputError
        The text cannot be read.
    """
    for one in (function, *_helpers(function)):
        try:
            yield inspect.getsource(one)
        except (OSError, TypeError):
            raise InputError(
                f"the text of {label} cannot be read",
                remedy="Define its functions in a file or a notebook: runs record their digest",
            ) from None
        for name in sorted(one.__code__.co_names):
            value = one.__globals__.get(name)
            if isinstance(value, int | float):
                yield f"{name} = {value!r}"
