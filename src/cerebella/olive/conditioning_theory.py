"""Change of weights by a stimulus, from the times of climbing-fiber (CF) spikes alone.

With the rule *conjunctive*, a spike of a parallel fiber (PF) changes its synapse by −δ⁻ if a CF
spike follows within the window W, and by +δ⁺ otherwise. Let P_W(t) be the probability that a CF
spike follows a time t within W, and R_k(t) the rate of PFs of group k. In a period, a PF of the
group fires N_k = ∫ R_k dt spikes, and the probability that a CF spike follows one of them is

    P̄_k = ∫ R_k P_W dt / N_k.

As long as weights are between 0 and 1, the mean change of the group is

    Δw_k = N_k [δ⁺ (1 − P̄_k) − δ⁻ P̄_k] = −(δ⁺ + δ⁻) N_k (P̄_k − P*),   P* = δ⁺ / (δ⁺ + δ⁻).

Learning ends where P̄_k = P* for each group with weights between the bounds: the asymptote depends
neither on the strength of the stimuli nor on δ⁺ + δ⁻. A change Δw takes Δw / Δw_k trials, if P̄_k
stays as it is in the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import PlasticityParameters

Floats = npt.NDArray[np.float64]

_DEFAULT = PlasticityParameters()


def predicted_weight_change(
    n_spikes: npt.ArrayLike,
    cf_probability: npt.ArrayLike,
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
) -> Floats:
    """Return the mean change of the weights of groups of synapses; see this module's derivation.

    Parameters
    ----------
    n_spikes : array-like of float
        Number of spikes of a PF of each group (N_k).
    cf_probability : array-like of float
        Probability that one of these is followed by a CF spike within the window (P̄_k).
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.

    Returns
    -------
    ndarray of float
        Mean change of the weight of each group, negative for depression.

    Examples
    --------
    >>> cb.predicted_weight_change(39.0, [0.1, 0.16]).round(4)
    array([ 0.    , -0.0071])
    """
    balance = ltp / (ltp + ltd)
    return -(ltp + ltd) * np.asarray(n_spikes) * (np.asarray(cf_probability) - balance)


def predicted_trials_to(
    depression: float,
    n_spikes: float,
    cf_probability: float,
    ltp: float = _DEFAULT.ltp,
    ltd: float = _DEFAULT.ltd,
) -> float:
    """Return the number of trials to a depression, at the naive probability of a CF spike.

    Parameters
    ----------
    depression : float
        Decrease of the weight.
    n_spikes : float
        Number of spikes of a PF in a trial (N_k).
    cf_probability : float
        Probability that one of these is followed by a CF spike within the window (P̄_k).
    ltp, ltd : float
        Change of a weight by a PF spike without and with a CF spike in its window.

    Returns
    -------
    float
        The number of trials; infinite if weights do not decrease.

    Examples
    --------
    >>> round(cb.predicted_trials_to(0.13, 39.0, 0.16))
    18
    >>> round(cb.predicted_trials_to(0.13, 39.0, 0.16, ltp=6.1112e-05, ltd=5.5e-4))
    91
    """
    if not depression > 0:
        raise InputError(
            f"a depression of {depression:g} takes no trials", remedy="Give a decrease"
        )
    per_trial = -float(predicted_weight_change(n_spikes, cf_probability, ltp, ltd))
    return depression / per_trial if per_trial > 0 else float("inf")


def cf_follows(
    cf_times_ms: Sequence[npt.NDArray[np.float64]],
    start_ms: int,
    stop_ms: int,
    window_ms: float = _DEFAULT.window_ms,
    lag_ms: float = 1.0,
) -> Floats:
    """Return the probability that a CF spike follows, for PF spikes in each ms (P_W).

    Parameters
    ----------
    cf_times_ms : sequence of ndarray of float
        Times of the spikes of each climbing fiber in ms, in ascending order.
    start_ms, stop_ms : int
        Period in ms.
    window_ms : float
        Window W in ms.
    lag_ms : float
        Delay of CF→PC minus that of PF→PC in ms.

    Returns
    -------
    ndarray of float, shape (stop_ms - start_ms,)
        Fraction of the climbing fibers with a spike in the window after the middle of each ms.

    Examples
    --------
    >>> from cerebella.olive.conditioning_theory import cf_follows
    >>> cf_follows([np.array([105.0])], 0, 200).sum()
    100.0
    """
    times_ms = np.arange(start_ms, stop_ms) + 0.5
    followed = np.zeros(len(times_ms))
    for spikes in cf_times_ms:
        arrivals = np.append(spikes + lag_ms, np.inf)
        followed += arrivals[np.searchsorted(arrivals, times_ms)] - times_ms < window_ms
    return followed / max(1, len(cf_times_ms))
