"""The common beginning of several runs of one cell, which ends where their events first differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from cerebella.compiled.memory import aligned
from cerebella.compiled.synaptic_events import Events
from cerebella.purkinje.own_engine.arrays import Synapses
from cerebella.purkinje.own_engine.integrate import Simulation


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
