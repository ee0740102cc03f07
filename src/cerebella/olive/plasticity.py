"""The two rules of PF→PC plasticity, in array form.

Weights are int32 in units of 2⁻²⁶ and arrays have one entry for each synapse, (n PC, fan-in).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.olive.wiring import UNITS_PER_WEIGHT

Weights = npt.NDArray[np.int32]


def potentiate(weights: Weights, times: npt.NDArray, ltp: int) -> None:
    """Add `ltp` to each weight as many times as `times` says, in place; 1 is the upper bound."""
    np.minimum(weights + ltp * times, UNITS_PER_WEIGHT, out=weights, casting="unsafe")


def depress(weights: Weights, times: npt.NDArray, ltd: int) -> None:
    """Subtract `ltd` from each weight as many times as `times` says, in place; 0 is the bound."""
    np.maximum(weights - ltd * times, 0, out=weights, casting="unsafe")


def unclaimed_arrivals(
    steps: npt.NDArray[np.int64],
    ids: npt.NDArray[np.integer],
    n_pf: int,
    step: int,
    window: int,
    last_cf: int,
) -> npt.NDArray[np.int64]:
    """Count the arrivals of each PF that a CF arriving in `step` turns from LTP into LTD.

    These are the arrivals in the `window` steps up to and including this one that no earlier
    CF has claimed, the last of which arrived in step `last_cf`.

    Parameters
    ----------
    steps, ids : (n_spikes,) arrivals of PFs.

    Returns
    -------
    (n_pf,) int64
    """
    claimed = (steps > max(step - window, last_cf)) & (steps <= step)
    return np.bincount(ids[claimed], minlength=n_pf)


def pairs_that_count(
    last_pf: npt.NDArray[np.int64], last_cf: int, step: int, window: int
) -> npt.NDArray[np.bool_]:
    """Mark the PFs whose last arrival makes a pair with a spike in `step`.

    It arrived less than `window` steps ago, and no CF has arrived since.
    """
    return (step - last_pf < window) & (last_pf > last_cf)
