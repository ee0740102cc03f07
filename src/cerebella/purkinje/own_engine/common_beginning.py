"""The common beginning of several runs of one cell, which ends where their events first differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cerebella.compiled.memory import aligned
from cerebella.compiled.synaptic_events import Events
from cerebella.purkinje.own_engine.arrays import Synapses
from cerebella.purkinje.own_engine.integrate import Simulation


def first_difference(runs: Sequence[Events]) -> int:
    """Return the first step at which the events of runs differ.

    Parameters
    ----------
    runs : sequence of Events
        Events of each run.

    Returns
    -------
    int
        A step; 0 for a single run, and a step after all events if they are equal.
    """
    first, *others = runs
    return min((_where_two_differ(first, other) for other in others), default=0)


def _where_two_differ(one: Events, other: Events) -> int:
    n = min(len(one.step), len(other.step))
    differ = np.flatnonzero(
        np.any([a[:n] != b[:n] for a, b in zip(one, other, strict=True)], axis=0)
    )
    if differ.size:
        return int(min(one.step[differ[0]], other.step[differ[0]]))
    longer = max((one.step, other.step), key=len)
    return int(longer[n]) if len(longer) > n else np.iinfo(np.int64).max


def continued_with(simulation: Simulation, synapses: Synapses, due: Events) -> Simulation:
    """Return a copy of a simulation that goes on with other synapses and events."""
    own = copied(simulation)
    return own._replace(synapses=synapses._replace(states=own.synapses.states), due=due)


def copied(value: Any) -> Any:
    """Return a copy of nested named tuples with arrays of their own."""
    if isinstance(value, np.ndarray):
        return aligned(value)
    is_record = isinstance(value, tuple) and hasattr(value, "_fields")
    return type(value)(*map(copied, value)) if is_record else value
