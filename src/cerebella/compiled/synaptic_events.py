"""Events of double-exponential synapses in compiled code, the same for all levels of cells."""

from __future__ import annotations

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
