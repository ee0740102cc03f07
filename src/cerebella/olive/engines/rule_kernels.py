"""Functions of a rule of plasticity in compiled code.

The loop calls them through their addresses, so that it is compiled once for all rules. A call
computes many changes, which makes its cost small, and lets the compiler use SIMD. Results are the
same bits as those of Python, since numba neither fuses nor reorders arithmetic, and takes the
functions of `math` from the same library.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.pointers import address_of
from cerebella.errors import InputError
from cerebella.olive.engines.change_calls import CHANGE
from cerebella.olive.engines.jit import jit
from cerebella.olive.engines.kernel_types import RuleEvent
from cerebella.olive.rules.events import LARGEST_CHANGE, Event, Paired
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_UNITS = float(UNITS_PER_WEIGHT)


def rule_events(rule: PlasticityRule | None) -> tuple[RuleEvent, RuleEvent, RuleEvent]:
    """Return the compiled events of a rule; None is a rule without events.

    Raises
    ------
    InputError
        A function cannot be compiled.
    """
    events = (None, None, None) if rule is None else rule.events
    key = "" if rule is None else rule.source_digest
    on_pf, on_cf, on_pc = (
        _no_event() if event is None else _rule_event(event, number, key)
        for number, event in enumerate(events, start=1)
    )
    return on_pf, on_cf, on_pc


def _rule_event(event: Event, number: int, key: str) -> RuleEvent:
    return RuleEvent(
        acts=True,
        varies=event.varies,
        by_cell="since_pc_ms" in event.arguments,
        paired=int(event.paired),
        number=number,
        values=np.array(event.values, np.float64),
        address=address_of(compiled_change(event, f"{key} {number}"), CHANGE),
    )


@cache
def _no_event() -> RuleEvent:
    """Return an event that does not act; its function is never called."""
    event = Event("no event", lambda: 0.0, (), (), (), Paired.NONE)
    return _rule_event(event, 0, "no event")._replace(acts=False)


def check_compiled(rule: PlasticityRule, step_ms: float) -> None:
    """Raise InputError unless compiled functions of a rule return the same bits as in Python."""
    memory = rule.memory_steps(step_ms)
    for number, event in enumerate(rule.events, start=1):
        if event is None:
            continue
        compiled = compiled_change(event, f"{rule.source_digest} {number}")
        values = np.array(event.values, np.float64)
        for ages, *since_ms in event.sampled_times(memory, step_ms):
            found = np.zeros(len(ages), np.int32)
            compiled(np.array(ages, np.int32), len(ages), memory, step_ms, *since_ms, values, found)
            for age, units in zip(ages, found.tolist(), strict=True):
                expected = event.units(age * step_ms, *since_ms)
                if units != expected:
                    raise InputError(
                        f"{event.call(age * step_ms, *since_ms)} is {expected / _UNITS:.9g}, but "
                        f"{units / _UNITS:.9g} when compiled",
                        remedy="Use functions of math instead of NumPy, and no random numbers",
                    )


@cache  # a function must not be freed while its address is in use
def compiled_change(event: Event, key: str) -> Any:
    """Compile a function of a rule, or load it from the cache.

    Parameters
    ----------
    event : Event
        The function.
    key : str
        Distinguishes the function from others in the cache.

    Returns
    -------
    compiled function
        ``change(ages, n, memory, step_ms, since_cf_ms, since_pc_ms, values, changes)`` sets the
        first n `changes` to those at the given ages, in units of 2⁻²⁶; 0 from the age `memory`
        on. It returns whether all are numbers in the range of changes.

    Raises
    ------
    InputError
        It cannot be compiled.
    """
    function, arranged = kernel_of(event.function), _items(event.order)
    all_values = _items(range(len(event.values)))

    def change(ages, n, memory, step_ms, since_cf_ms, since_pc_ms, values, changes):
        own, is_fine = all_values(values), True
        for i in range(n):
            times = (ages[i] * step_ms, since_cf_ms, since_pc_ms)
            found = float(function(*arranged(times + own)))
            remembered = ages[i] < memory
            is_fine &= (abs(found) <= LARGEST_CHANGE) | (not remembered)
            changes[i] = np.int32(np.rint(found * _UNITS)) if remembered else np.int32(0)
        return is_fine

    compiled = jit(change, generated=key)
    try:
        compiled.compile(CHANGE)
    except NumbaError as error:
        raise InputError(
            f"{event.label} cannot be compiled: {_reason(error)}",
            remedy="Functions of a rule consist of numbers, + - * /, comparisons, if, and "
            "functions of math",
        ) from None
    return compiled


def _items(indices: Any) -> Any:
    """Return a compiled function that returns a tuple of chosen items of a tuple or array."""
    if not len(indices):
        return inlined(lambda values: ())
    first, others = indices[0], _items(indices[1:])
    return inlined(lambda values: (values[first], *others(values)))


def _reason(error: NumbaError) -> str:
    """Return the line of a message of numba that names the problem."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = [one for one in lines if not one.startswith(("Failed in", "During:", "File", "- "))]
    return found[0] if found else type(error).__name__
