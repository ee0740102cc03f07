"""PF→PC plasticity in array form, for the numpy engine (see `cerebella.olive.rules`).

Weights are int32 in units of 2⁻²⁶.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cerebella.olive.rules.events import Event, Paired
from cerebella.olive.state import LONG_AGO
from cerebella.olive.wiring import UNITS_PER_WEIGHT

Weights = npt.NDArray[np.int32]
Changes = npt.NDArray[np.int64]


def change_weights(weights: Weights, changes: Changes) -> Weights:
    """Return the changed weights, clipped to 0 to 1.

    Parameters
    ----------
    weights : ndarray of int32
        Weights in units of 2⁻²⁶.
    changes : ndarray of int64, of the same shape
        Their changes, in the same units.

    Returns
    -------
    ndarray of int32
        The new weights.
    """
    return np.clip(weights + changes, 0, UNITS_PER_WEIGHT).astype(np.int32)


def time_since(last: int, step: int, step_ms: float) -> float:
    """Return the time in ms since a step; infinite if there was no spike."""
    return math.inf if last == LONG_AGO else (step - last) * step_ms


def changes_by_pf(
    event: Event,
    arrivals: tuple[npt.NDArray[np.int64], npt.NDArray[np.integer]],
    since_ms: tuple[float, float],
    step_ms: float,
    n_pf: int,
) -> Changes:
    """Return the changes of the synapses of each PF on a Purkinje cell, at a CF or PC spike.

    Parameters
    ----------
    event : Event
        Function of the rule.
    arrivals : (ndarray, ndarray)
        Age in steps, and PF, of the arrivals with which the event is paired.
    since_ms : (float, float)
        Times since the last CF spike, and the last spike of the Purkinje cell, in ms.
    step_ms : float
        Time step in ms.
    n_pf : int
        Number of PFs.

    Returns
    -------
    ndarray of int64, shape (n_pf,)
        The changes, in units of 2⁻²⁶.
    """
    if event.paired is Paired.NONE:
        return np.full(n_pf, event.units(0.0, *since_ms), np.int64)
    changes = np.zeros(n_pf, np.int64)
    ages, ids = arrivals
    units = {age: event.units(age * step_ms, *since_ms) for age in set(ages.tolist())}
    np.add.at(changes, ids, [units[age] for age in ages.tolist()])
    return changes
