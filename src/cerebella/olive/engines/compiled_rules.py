"""Compiled functions of a rule of plasticity.

The loop calls them through their addresses, so that it is compiled once for all rules. A call
computes many changes, which makes its cost small, and lets the compiler use SIMD. Results are the
same bits as those of Python, since numba neither fuses nor reorders arithmetic, and takes the
functions of `math` from the same library.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cerebella.compiled.arguments import ArrayKind, TupleKind
from cerebella.compiled.procedure import Procedure
from cerebella.compiled.source_key import source_key
from cerebella.errors import InputError
from cerebella.olive.engines.kernel_types import RuleEvent
from cerebella.olive.engines.procedures import FILES
from cerebella.olive.rules.events import Event, Paired
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_NUMBERS, _UNITS = ArrayKind(np.dtype(np.float64), 1), ArrayKind(np.dtype(np.int32), 1)
CHANGE = TupleKind(tuple, (_UNITS, int, int, float, float, float, _NUMBERS, _UNITS))
"""Types of the arguments of the functions; see `compiled_change`."""


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
        address=_address_of(compiled_change(event, f"{key} {number}"), event),
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
        _address_of(compiled, event)
        values = np.array(event.values, np.float64)
        for ages, *since_ms in event.sampled_times(memory, step_ms):
            found = np.zeros(len(ages), np.int32)
            compiled(np.array(ages, np.int32), len(ages), memory, step_ms, *since_ms, values, found)
            for age, units in zip(ages, found.tolist(), strict=True):
                expected = event.units(age * step_ms, *since_ms)
                if units != expected:
                    plain, other = expected / UNITS_PER_WEIGHT, units / UNITS_PER_WEIGHT
                    raise InputError(
                        f"{event.call(age * step_ms, *since_ms)} is {plain:.9g}, but "
                        f"{other:.9g} when compiled",
                        remedy="Use functions of math instead of NumPy, and no random numbers",
                    )


@cache
def compiled_change(event: Event, key: str) -> Procedure:
    """Return the procedure of a function of a rule.

    Parameters
    ----------
    event : Event
        The function.
    key : str
        Distinguishes the function from others in the cache.

    Returns
    -------
    Procedure
        ``change(ages, n, memory, step_ms, since_cf_ms, since_pc_ms, values, changes)`` sets the
        first n `changes` to those at the given ages, in units of 2⁻²⁶; 0 from the age `memory`
        on. It returns whether all are numbers in the range of changes.
    """

    def make(arguments_at: Any) -> Any:
        from cerebella.olive.engines.rule_kernels import change_kernel

        return change_kernel(event, arguments_at)

    return Procedure("olive-rule", make, lambda: source_key(FILES, key))


def _address_of(compiled: Procedure, event: Event) -> int:
    """Return the address of a function; InputError if it cannot be compiled."""
    try:
        return compiled.address_for(CHANGE)
    except Exception as error:
        from numba.core.errors import NumbaError

        if not isinstance(error, NumbaError):
            raise
        raise InputError(
            f"{event.label} cannot be compiled: {_reason(error)}",
            remedy="Functions of a rule consist of numbers, + - * /, comparisons, if, and "
            "functions of math",
        ) from None


def _reason(error: Exception) -> str:
    """Return the line of a message of numba that names the problem."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = [one for one in lines if not one.startswith(("Failed in", "During:", "File", "- "))]
    return found[0] if found else type(error).__name__
