"""Where plasticity balances: the climbing-fiber rate that the loop must settle at.

With the rule *conjunctive*, a PF spike is followed by a CF spike within the window W with some
probability P, and its synapse changes by −δ⁻ if so, by +δ⁺ if not. The mean change vanishes at
P* = δ⁺ / (δ⁺ + δ⁻), whatever the rate of the PF, the weights or the drive. PF spikes fall
anywhere in the intervals between CF spikes. Of an interval I, the last min(I, W) are times
from which the next CF spike is within reach, so that P = f E[min(I, W)] at the CF rate f, and

    f E[min(I, W)] = P*.

Intervals that are all longer than W give f = P*/W; exponential ones, f = −ln(1 − P*)/W.

Away from balance, PF spikes of rate r_PF move the mean weight by

    dw/dt = r_PF (δ⁺ + δ⁻) W (f* − f(w)),

where f(w) is the CF rate that goes with a weight. Close to balance that is an exponential approach
with 1/τ = r_PF (δ⁺ + δ⁻) W df/dw; from further away it is integrated.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError


def predicted_cf_rate(
    ltp: float = 0.00030556,
    ltd: float = 0.00275,
    window_ms: float = 100.0,
    intervals: str | npt.ArrayLike = "regular",
) -> float:
    """Return the CF rate (Hz) at which the rule *conjunctive* balances.

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
    from scipy.optimize import brentq  # takes a second, which the formulas above do not need

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
    purkinje_rate_Hz: float,
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
    full = ltp * purkinje_rate_Hz / (ltd * depressed)
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


def settling_time_s(
    initial_weight: float,
    weights: npt.ArrayLike,
    rates_Hz: npt.ArrayLike,
    pf_rate_Hz: float = 26.09,
    ltp: float = 0.00030556,
    ltd: float = 0.00275,
    window_ms: float = 100.0,
) -> float:
    """Return after how long a mean weight has 1/e of its way to balance left.

    Parameters
    ----------
    weights, rates_Hz : (n,) the CF rate that goes with each of some rising weights, measured
        without plasticity; it is interpolated.

    Raises
    ------
    InputError : the rates do not reach the one of balance, or the start is not among the weights.
    """
    weights, rates = np.asarray(weights, np.float64), np.asarray(rates_Hz, np.float64)
    balance_Hz = predicted_cf_rate(ltp, ltd, window_ms)
    end = balance_weight(weights, rates, balance_Hz)
    if not weights[0] <= initial_weight <= weights[-1]:
        raise InputError(
            f"a start at {initial_weight:g} is not within the weights {weights[0]:g} to "
            f"{weights[-1]:g} whose rates are given"
        )
    way = np.linspace(initial_weight, end + (initial_weight - end) / np.e, 2001)
    speed = (balance_Hz - np.interp(way, weights, rates)) / relaxation_time_s(
        1.0, pf_rate_Hz, ltp, ltd, window_ms
    )
    return float(np.trapezoid(1 / speed, way))


def balance_weight(
    weights: npt.NDArray[np.float64], rates_Hz: npt.NDArray[np.float64], balance_Hz: float
) -> float:
    """Return the weight whose rate is that of balance, by interpolation.

    Raises
    ------
    InputError : the rates do not reach it.
    """
    above = np.flatnonzero(rates_Hz >= balance_Hz)
    if not len(above) or above[0] == 0:
        raise InputError(
            f"rates of {rates_Hz.min():.3g} to {rates_Hz.max():.3g} Hz do not pass "
            f"{balance_Hz:.3g} Hz, where plasticity balances"
        )
    pair = slice(above[0] - 1, above[0] + 1)
    return float(np.interp(balance_Hz, rates_Hz[pair], weights[pair]))
