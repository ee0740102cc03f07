"""Functions of a rule of plasticity, and calls of them, in compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.pointers import caller_of
from cerebella.olive.engines.compiled_rules import CHANGE
from cerebella.olive.rules.events import LARGEST_CHANGE, Event
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_UNITS = float(UNITS_PER_WEIGHT)

call_change = caller_of(CHANGE)


def change_kernel(event: Event, arguments_at: Any) -> Callable[[int], Any]:
    """Return the function of `compiled_change`."""
    function, arranged = kernel_of(event.function), _items(event.order)
    all_values = _items(range(len(event.values)))

    def change(address):
        ages, n, memory, step_ms, since_cf_ms, since_pc_ms, values, changes = arguments_at(address)
        own, is_fine = all_values(values), True
        for i in range(n):
            times = (ages[i] * step_ms, since_cf_ms, since_pc_ms)
            found = float(function(*arranged(times + own)))
            remembered = ages[i] < memory
            is_fine &= (abs(found) <= LARGEST_CHANGE) | (not remembered)
            changes[i] = np.int32(np.rint(found * _UNITS)) if remembered else np.int32(0)
        return np.int64(is_fine)

    return change


def _items(indices: Any) -> Any:
    """Return a compiled function that returns a tuple of chosen items of a tuple or array."""
    if not len(indices):
        return inlined(lambda values: ())
    first, others = indices[0], _items(indices[1:])
    return inlined(lambda values: (values[first], *others(values)))
