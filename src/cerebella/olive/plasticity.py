"""PF→PC plasticity in array form, for the numpy engine (see `cerebella.olive.rules`).

Weights are int32 in units of 2⁻²⁶.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.olive.rules.rule import Change, Counted
from cerebella.olive.wiring import UNITS_PER_WEIGHT

Weights = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


def change_weights(weights: Weights, counts: npt.NDArray[np.integer], by: int) -> Weights:
    """Return the changed weights, clipped to 0 to 1.

    Parameters
    ----------
    weights : ndarray of int32
        Weights in units of 2⁻²⁶.
    counts : ndarray of int, of the same shape
        Number of changes of each weight.
    by : int
        The change, in the same units.

    Returns
    -------
    ndarray of int32
        The new weights.
    """
    return np.clip(weights + by * counts, 0, UNITS_PER_WEIGHT).astype(np.int32)


def count_pf_spikes(
    change: Change,
    arrivals: tuple[npt.NDArray[np.int64], npt.NDArray[np.integer]],
    last_pf: npt.NDArray[np.int64],
    step: int,
    last_cf: int,
) -> Counts:
    """Count the changes of the synapses of each PF at a CF or PC spike in `step`.

    Parameters
    ----------
    change : Change
        The change.
    arrivals : (ndarray, ndarray)
        Step and PF of each recent arrival.
    last_pf : ndarray, shape (n_pf,)
        Step of the last arrival of each PF.
    step : int
        Step of the CF or PC spike.
    last_cf : int
        Step of the last CF spike that arrived before it.

    Returns
    -------
    ndarray of int64, shape (n_pf,)
        The counts.
    """
    first = step - change.window  # the window begins after this step
    if change.counted == Counted.LAST_ARRIVAL:
        return ((last_pf > first) & (last_pf > last_cf)).astype(np.int64)
    if change.counted == Counted.UNCLAIMED_ARRIVALS:
        first = max(first, last_cf)
    steps, ids = arrivals
    return np.bincount(ids[(steps > first) & (steps <= step)], minlength=len(last_pf))
