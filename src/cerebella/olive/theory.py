"""Where plasticity balances: the climbing-fibre rate that the loop must settle at (§6).

With the rule *judged*, a PF spike is followed by a CF spike within the window W with some
probability P, and its synapse changes by −δ⁻ if so, by +δ⁺ if not. The mean change vanishes at
P* = δ⁺ / (δ⁺ + δ⁻), whatever the rate of the PF, the weights or the drive. PF spikes fall
anywhere in the intervals between CF spikes. Of an interval I, the last min(I, W) are times
from which the next CF spike is within reach, so that P = f E[min(I, W)] at the CF rate f, and

    f E[min(I, W)] = P*.

Intervals that are all longer than W give f = P*/W; exponential ones, f = −ln(1 − P*)/W.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from cerebella.errors import InputError


def predicted_cf_rate(
    ltp: float = 0.00030556,
    ltd: float = 0.00275,
    window_ms: float = 100.0,
    intervals: str | npt.ArrayLike = "regular",
) -> float:
    """Return the CF rate (Hz) at which the rule *judged* balances.

    Parameters
    ----------
    ltp, ltd : change of a weight by a PF spike without and with a CF spike in its window.
    window_ms : the window W.
    intervals : ``"regular"`` (all longer than W), ``"poisson"``, or measured intervals between
        the CF spikes of a cell, in any unit: their shape is kept while the rate varies.

    Raises
    ------
    InputError : a value is not positive, or no rate balances the rule.
    """
    if not (ltp >= 0 and ltd >= 0 and ltp + ltd > 0 and window_ms > 0):
        raise InputError(f"ltp {ltp}, ltd {ltd} and window {window_ms} ms balance at no rate")
    target, window_s = ltp / (ltp + ltd), window_ms / 1000
    if isinstance(intervals, str):
        if intervals == "regular":
            return target / window_s
        if intervals == "poisson":
            return float(-np.log1p(-target) / window_s) if target < 1 else float("inf")
        raise InputError(f"intervals {intervals!r}", remedy="Give regular, poisson or numbers")
    shape = np.asarray(intervals, dtype=np.float64)
    if shape.size == 0 or not (np.isfinite(shape) & (shape > 0)).all():
        raise InputError("intervals must be positive, and there must be at least one")
    if target >= 1:
        raise InputError("without depression no rate balances the rule")
    shape = shape / shape.mean()

    def excess(rate_Hz: float) -> float:
        return float(np.minimum(shape, rate_Hz * window_s).mean() - target)

    return float(brentq(excess, 0.0, shape.max() / window_s + 1e-9, xtol=1e-12))  # type: ignore[arg-type]


def predicted_pair_rate(
    pkj_rate_Hz: float,
    pf_rate_Hz: float,
    ltp: float = 0.00030556,
    ltd: float = 0.00275,
    window_ms: float = 100.0,
) -> float:
    """Return about the CF rate (Hz) at which the rule *pair* balances; it follows the PC rate.

    Each PC spike potentiates a synapse that has had a PF spike since the last CF; each CF
    depresses one that has had a PF spike in the window. With PFs that fire as often as here,
    both nearly always hold, and f = (δ⁺/δ⁻) r_PC (1 − e^(−r_PF W))⁻¹ but for the short time from
    a CF to the next PF spike, 1/r_PF, in which nothing is potentiated.
    """
    if not ltd > 0:
        raise InputError("without depression no rate balances the rule")
    depressed = -np.expm1(-pf_rate_Hz * window_ms / 1000)
    full = ltp * pkj_rate_Hz / (ltd * depressed)
    return float(full / (1 + full / pf_rate_Hz))


def relaxation_time_s(
    slope_Hz: float,
    pf_rate_Hz: float = 26.09,
    ltp: float = 0.00030556,
    ltd: float = 0.00275,
    window_ms: float = 100.0,
) -> float:
    """Return the time constant of the approach to balance, 1/(r_PF (δ⁺ + δ⁻) W df/dw).

    Parameters
    ----------
    slope_Hz : df/dw, by how much the CF rate rises with the mean weight.
    """
    return 1 / (pf_rate_Hz * (ltp + ltd) * window_ms / 1000 * slope_Hz)
