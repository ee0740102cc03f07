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
from cerebella.olive.rules.events import Paired
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.parameters.olive_simulation import PlasticityParameters

_DEFAULT = PlasticityParameters()
_RATES_HZ = (0.01, 200.0)
_N_INTERVALS = 400


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
    shape = _interval_shape(intervals)
    if isinstance(intervals, str):
        if intervals == "regular":
            return target / window_s
        return float(-np.log1p(-target) / window_s) if target < 1 else float("inf")
    from scipy.optimize import brentq  # takes 1 s to import, not needed above

    if target >= 1:
        raise InputError("without depression, the rule does not balance at any rate")

    def excess(rate_Hz: float) -> float:
        return float(np.minimum(shape, rate_Hz * window_s).mean() - target)

    return float(brentq(excess, 0.0, shape.max() / window_s + 1e-9, xtol=1e-12))  # type: ignore[arg-type]


def predicted_rule_rate(
    rule: PlasticityRule,
    intervals: str | npt.ArrayLike = "regular",
    time_step_ms: float = 0.1,
) -> float:
    """Return the CF rate at which an own rule balances, for any window function.

    PF spikes are uniformly distributed in time. In an interval I between two CF spikes, those of
    rate r_PF change a weight by r_PF A(I), with A(I) the integral of `on_pf` over the time since
    the first of the two; the second one changes it by r_PF B(I), with B(I) the integral of `on_cf`
    over the time since the PF spike. The rule balances where E[A(I) + B(I)] = 0. With constant
    potentiation δ⁺, and depression that depends on the time since the PF spike only, the rate is
    δ⁺ divided by the area of the window, −B, for any intervals.

    Parameters
    ----------
    rule : PlasticityRule
        Its `on_pf` may depend on the time since the last CF spike. Its `on_cf` must depend on the
        time since each PF spike, and may depend on the time since the CF spike before it.
    intervals : str or array-like of float
        ``"regular"``, ``"poisson"``, or measured intervals, as of `predicted_cf_rate`.
    time_step_ms : float
        Time step of the integrals in ms: that of the simulation.

    Returns
    -------
    float
        The rate in Hz.

    Raises
    ------
    InputError
        No rate from 0.01 to 200 Hz balances the rule, or its balance depends on the rates of
        other cells: it uses PC spikes or last PF spikes, or CF spikes change all synapses.

    Examples
    --------
    >>> def potentiate(ltp):
    ...     return ltp
    >>> def depress(since_pf_ms, ltd, delay_ms):
    ...     return -ltd if abs(since_pf_ms - delay_ms) < 10.0 else 0.0
    >>> rule = cb.PlasticityRule(
    ...     name="delayed",
    ...     on_pf=potentiate,
    ...     on_cf=depress,
    ...     memory_ms=150.0,
    ...     parameters={"ltp": 0.0003, "ltd": 0.01, "delay_ms": 120.0},
    ... )
    >>> round(cb.predicted_rule_rate(rule), 1)
    1.5
    """
    on_pf, on_cf, on_pc = rule.events
    if on_pc or rule.takes("since_pc_ms") or (on_cf and on_cf.paired is not Paired.EACH):
        raise InputError(
            f"the balance of the rule {rule.name!r} depends on rates besides that of the CF",
            remedy="The theory covers rules that pair CF spikes with each PF spike",
        )
    shape = _interval_shape(intervals)
    lowest, highest = _RATES_HZ
    if not (on_pf and on_pf.varies) and not (on_cf and on_cf.varies):
        shape = np.ones(1)  # changes are linear in the interval
    grid_ms, values = np.empty(0), []
    if shape.size > 1:  # sums over all ages for some intervals, and interpolation between them
        ends_ms = 1000 * shape.min() / highest, 1000 * shape.max() / lowest
        grid_ms = np.geomspace(*ends_ms, _N_INTERVALS)
        values = [_change_in_interval(rule, time_step_ms, float(one)) for one in grid_ms]

    def drift(rate_Hz: float) -> float:
        if shape.size == 1:
            return _change_in_interval(rule, time_step_ms, 1000 / rate_Hz)
        return float(np.interp(1000 * shape / rate_Hz, grid_ms, values).mean())

    if not drift(lowest) > 0 > drift(highest):
        raise InputError(
            f"no CF rate from {lowest:g} to {highest:g} Hz balances the rule {rule.name!r}",
            remedy="At low rates weights must grow, at high rates shrink",
        )
    from scipy.optimize import brentq  # takes 1 s to import

    return float(brentq(drift, lowest, highest, xtol=1e-9))  # type: ignore[arg-type]


def predicted_rate_or_none(rule: PlasticityRule) -> float | None:
    """Return the predicted rate for regular CF spikes; None if the theory does not cover it."""
    try:
        return predicted_rule_rate(rule)
    except InputError:
        return None


def _change_in_interval(rule: PlasticityRule, step_ms: float, interval_ms: float) -> float:
    """Return A(I) + B(I) of `predicted_rule_rate`, in ms."""
    on_pf, on_cf, _ = rule.events
    total = 0.0
    if on_pf and on_pf.varies:
        times_ms = np.linspace(0.0, interval_ms, _N_INTERVALS)
        changes = [on_pf.change(0.0, float(time_ms), np.inf) for time_ms in times_ms]
        total += float(np.trapezoid(changes, times_ms))
    elif on_pf:
        total += interval_ms * on_pf.change(0.0, np.inf, np.inf)
    if on_cf:
        ages = range(rule.memory_steps(step_ms))
        total += step_ms * sum(on_cf.change(age * step_ms, interval_ms, np.inf) for age in ages)
    return total


def _interval_shape(intervals: str | npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return intervals between CF spikes with a mean of 1."""
    if isinstance(intervals, str):
        if intervals == "regular":
            return np.ones(1)
        if intervals == "poisson":
            return -np.log1p(-(np.arange(_N_INTERVALS) + 0.5) / _N_INTERVALS)
        raise InputError(f"intervals {intervals!r}", remedy="Give regular, poisson or numbers")
    shape = np.asarray(intervals, dtype=np.float64)
    if shape.size == 0 or not (np.isfinite(shape) & (shape > 0)).all():
        raise InputError("intervals must be positive, and there must be at least one")
    return shape / shape.mean()


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
