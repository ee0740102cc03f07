"""Functions of a rule of plasticity, compiled for a device."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cerebella.compiled.device import Target
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.cuda.arrays import FLOATS, RuleShape
from cerebella.olive.rules.events import LARGEST_CHANGE, LAST_PF, Event, Paired
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_UNITS = float(UNITS_PER_WEIGHT)
_NOTHING = Event("no event", lambda: 0.0, (), (), (), Paired.NONE)


def rule_shape(rule: PlasticityRule | None) -> RuleShape:
    """Return what code depends on; None is a rule without events."""
    if rule is None:
        none = int(Paired.NONE)
        return RuleShape((False, False, False), False, (none, none, none), False, False, "")
    on_pf, on_cf, on_pc = rule.events
    paired = [int((event or _NOTHING).paired) for event in rule.events]
    return RuleShape(
        acts=(on_pf is not None, on_cf is not None, on_pc is not None),
        varies=on_pf is not None and on_pf.varies,
        paired=(paired[0], paired[1], paired[2]),
        marks_pfs=rule.takes(LAST_PF),
        marks_pcs=rule.takes("since_pc_ms"),
        key=rule.source_digest,
    )


def changes_of(rule: PlasticityRule | None, target: Target) -> tuple[Any, Any, Any]:
    """Return the compiled changes at PF, CF and PC spikes.

    Each is ``change(circuit, arrays, age, since_cf_ms, since_pc_ms)``, with the age of a PF spike
    in steps, and returns units of 2⁻²⁶.
    """
    events = (None, None, None) if rule is None else rule.events
    return tuple(  # type: ignore[return-value]
        _change(event or _NOTHING, number, "" if rule is None else rule.source_digest, target)
        for number, event in enumerate(events)
    )


def rule_values(rule: PlasticityRule | None, n: int) -> list[list[float]]:
    """Return the parameters of the three functions, padded to `n`."""
    events = (None, None, None) if rule is None else rule.events
    return [[*e.values, *[0.0] * (n - len(e.values))] if e else [0.0] * n for e in events]


def _change(event: Event, number: int, key: str, target: Target) -> Any:
    return _compiled(event.function, event.order, len(event.values), number, key, target)


@cache
def _compiled(
    function: Any, order: tuple[int, ...], n_values: int, number: int, key: str, target: Target
) -> Any:
    """Compile a function of a rule; those of equal rules are the same."""
    compiled, step_ms_at = target.function(function), FLOATS.index("step_ms")
    arranged, values_of, largest = (
        _items(order, target),
        _items(range(n_values), target),
        LARGEST_CHANGE,
    )
    product = target.function(arithmetic.times)

    @target.compile
    def change(c, x, age, since_cf_ms, since_pc_ms):
        since_ms = (product(float(age), x.floats[c, step_ms_at]), since_cf_ms, since_pc_ms)
        found = float(compiled(*arranged(since_ms + values_of(x.values[c, number]))))
        if not abs(found) <= largest:
            x.refused[c] = number + 1
            return np.int64(0)
        return np.int64(round(product(found, _UNITS)))

    return change


def _items(indices: Any, target: Target) -> Any:
    """Return a device function that returns a tuple of chosen items of a tuple or array."""
    if not len(indices):
        return target.compile(lambda values: ())
    first, others = indices[0], _items(indices[1:], target)
    return target.compile(lambda values: (values[first], *others(values)))
