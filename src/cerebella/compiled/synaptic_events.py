"""Events of double-exponential synapses in compiled code, the same for all levels of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FLOOR_US = 1e-60
"""Conductance (µS) added to synaptic states in every step, so that they never become denormal."""


class Events(NamedTuple):
    """Events sorted by step.

    Attributes
    ----------
    step : ndarray of int64, shape (n,)
        Step at whose beginning the event acts.
    synapse : ndarray of int64, shape (n,)
        Flat index of state A of the synapse; state B is a constant number of places further on.
    amount_uS : ndarray of float64, shape (n,)
        Increase of both states.
    """

    step: npt.NDArray[np.int64]
    synapse: npt.NDArray[np.int64]
    amount_uS: npt.NDArray[np.float64]


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
