"""The climbing-fiber rate at which plasticity balances, and the approach to it.

With the rule *conjunctive*, a PF spike is followed by a CF spike within the window W with some
probability P; its synapse then changes by −δ⁻, and otherwise by +δ⁺. The mean change vanishes at
P* = δ⁺ / (δ⁺ + δ⁻), independent of the rate of the PF, the weights and the drive. PF spikes are
uniformly distributed in the intervals between CF spikes. In an interval I, the final min(I, W) are
less than W before the next CF spike, so that P = f E[min(I, W)] at the CF rate f, and

    f E[min(I, W)] = P*.

For intervals longer than W, f = P*/W; for exponential intervals, f = −ln(1 − P*)/W.

Away from balance, PF spikes of rate r_PF move the mean weight by

    dw/dt = r_PF (δ⁺ + δ⁻) W (f* − f(w)),

where f(w) is the CF rate as a function of the weight. Close to balance, the approach is exponential
with 1/τ = r_PF (δ⁺ + δ⁻) W df/dw; farther away, the equation is integrated.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import PlasticityParameters

_DEFAULT = PlasticityParameters()


def predicted_cf_rate(
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
    window_ms: float = _DEFAULT.window_ms,
    intervals: str | npt.ArrayLike = "regular",
) -> float:
    """Return the CF rate at which the rule *conjunctive* balances.

    Parameters
    ----------
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.
    window_ms : float
        Window W in ms.
    intervals : str or array-like of float
        ``"regular"`` (all longer than W), ``"poisson"``, or measured intervals between the CF
        spikes of a cell, in any unit, whose distribution is scaled to each rate.

    Returns
    -------
    float
        The rate in Hz.

    Raises
    ------
    InputError
        A value is not positive, or no rate balances the rule.

    Examples
    --------
    >>> round(cb.predicted_cf_rate(), 3)
    1.0
    >>> round(cb.predicted_cf_rate(intervals="poisson"), 3)
    1.054
    """
    if not (ltp >= 0 and ltd >= 0 and ltp + ltd > 0 and window_ms > 0):
        raise InputError(f"no rate balances ltp {ltp}, ltd {ltd} and window {window_ms} ms")
    target, window_s = ltp / (ltp + ltd), window_ms / 1000
    if isinstance(intervals, str):
        if intervals == "regular":
            return target / window_s
        if intervals == "poisson":
            return float(-np.log1p(-target) / window_s) if target < 1 else float("inf")
        raise InputError(f"intervals {intervals!r}", remedy="Give regular, poisson or numbers")
    from scipy.optimize import brentq  # takes 1 s to import, not needed above

    shape = np.asarray(intervals, dtype=np.float64)
    if shape.size == 0 or not (np.isfinite(shape) & (shape > 0)).all():
        raise InputError("intervals must be positive, and there must be at least one")
    if target >= 1:
        raise InputError("without depression, the rule does not balance at any rate")
    shape = shape / shape.mean()

    def excess(rate_Hz: float) -> float:
        return float(np.minimum(shape, rate_Hz * window_s).mean() - target)

    return float(brentq(excess, 0.0, shape.max() / window_s + 1e-9, xtol=1e-12))  # type: ignore[arg-type]


def predicted_pair_rate(
    purkinje_rate_Hz: float,
    pf_rate_Hz: float,
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
    window_ms: float = _DEFAULT.window_ms,
) -> float:
    """Return the approximate CF rate at which the rule *pair* balances, given the PC rate.

    Each PC spike potentiates a synapse that has had a PF spike since the last CF; each CF
    depresses one that has had a PF spike in the window. At usual PF rates, both conditions
    nearly always hold, and f = (δ⁺/δ⁻) r_PC (1 − e^(−r_PF W))⁻¹ except for the short time 1/r_PF
    from a CF spike to the next PF spike, without potentiation.

    Parameters
    ----------
    purkinje_rate_Hz, pf_rate_Hz : float
        Rates of the PCs and of the PFs in Hz.
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.
    window_ms : float
        Window W in ms.

    Returns
    -------
    float
        The rate in Hz.

    Raises
    ------
    InputError
        Depression is zero.

    Examples
    --------
    >>> round(predicted_pair_rate(60.0, 26.0, ltp=0.0001), 2)
    2.16
    """
    if not ltd > 0:
        raise InputError("without depression, the rule does not balance at any rate")
    depressed = -np.expm1(-pf_rate_Hz * window_ms / 1000)
    full = ltp * purkinje_rate_Hz / (ltd * depressed)
    return float(full / (1 + full / pf_rate_Hz))


def relaxation_time_s(
    slope_Hz: float,
    pf_rate_Hz: float = 26.09,
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
    window_ms: float = _DEFAULT.window_ms,
) -> float:
    """Return the time constant of the approach to balance, 1/(r_PF (δ⁺ + δ⁻) W df/dw).

    Parameters
    ----------
    slope_Hz : float
        Slope df/dw of the CF rate with the mean weight, in Hz.
    pf_rate_Hz : float
        Rate of the PFs in Hz.
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.
    window_ms : float
        Window W in ms.

    Returns
    -------
    float
        The time constant in s.

    Examples
    --------
    >>> round(relaxation_time_s(4.05))
    31
    """
    return 1 / (pf_rate_Hz * (ltp + ltd) * window_ms / 1000 * slope_Hz)


def settling_time_s(
    initial_weight: float,
    weights: npt.ArrayLike,
    rates_Hz: npt.ArrayLike,
    pf_rate_Hz: float = 26.09,
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
    window_ms: float = _DEFAULT.window_ms,
) -> float:
    """Return the time for the mean weight to complete 1 − 1/e of its way to balance.

    Parameters
    ----------
    initial_weight : float
        Initial value of all weights.
    weights, rates_Hz : array-like of float, shape (n,)
        Increasing weights and the CF rate in Hz of each, measured without plasticity; rates in
        between are interpolated.
    pf_rate_Hz : float
        Rate of the PFs in Hz.
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.
    window_ms : float
        Window W in ms.

    Returns
    -------
    float
        The time in s.

    Raises
    ------
    InputError
        The rates do not include the rate of balance, or the initial weight is out of range.

    Examples
    --------
    >>> round(settling_time_s(0.2, [0.0, 0.5, 1.0], [0.0, 2.0, 4.0]))
    31
    """
    weights, rates = np.asarray(weights, np.float64), np.asarray(rates_Hz, np.float64)
    balance_Hz = predicted_cf_rate(ltp, ltd, window_ms)
    end = balance_weight(weights, rates, balance_Hz)
    if not weights[0] <= initial_weight <= weights[-1]:
        raise InputError(
            f"initial weight {initial_weight:g} is outside the weights {weights[0]:g} to "
            f"{weights[-1]:g}"
        )
    way = np.linspace(initial_weight, end + (initial_weight - end) / np.e, 2001)
    speed = (balance_Hz - np.interp(way, weights, rates)) / relaxation_time_s(
        1.0, pf_rate_Hz, ltp, ltd, window_ms
    )
    return float(np.trapezoid(1 / speed, way))


def balance_weight(
    weights: npt.NDArray[np.float64], rates_Hz: npt.NDArray[np.float64], balance_Hz: float
) -> float:
    """Return the weight at which plasticity balances, by interpolation of the CF rate.

    Parameters
    ----------
    weights, rates_Hz : ndarray of float, shape (n,)
        Increasing weights and the CF rate in Hz of each.
    balance_Hz : float
        CF rate at which plasticity balances.

    Returns
    -------
    float
        The weight.

    Raises
    ------
    InputError
        The rates do not include the rate of balance.

    Examples
    --------
    >>> balance_weight(np.array([0.0, 1.0]), np.array([0.0, 4.0]), 1.0)
    0.25
    """
    above = np.flatnonzero(rates_Hz >= balance_Hz)
    if not len(above) or above[0] == 0:
        raise InputError(
            f"rates of {rates_Hz.min():.3g} to {rates_Hz.max():.3g} Hz do not cross "
            f"{balance_Hz:.3g} Hz, where plasticity balances"
        )
    pair = slice(above[0] - 1, above[0] + 1)
    return float(np.interp(balance_Hz, rates_Hz[pair], weights[pair]))
