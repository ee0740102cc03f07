"""Conditioned responses in runs of the loop: rates around the stimulus, the lid, and trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.olive_rates import recorded_spikes
from cerebella.olive.conditioning_theory import cf_follows, predicted_weight_change
from cerebella.olive.stimulation.timeline import pf_rates_in
from cerebella.olive.stimulation.trials import Trial, TrialSession
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.runs.run import Run

Floats = npt.NDArray[np.float64]

BIN_MS = 10.0
FROM_MS, TO_MS = -500.0, 1500.0
"""Window around the onset of the CS."""

US_WINDOW_MS = 60.0
"""Time after the onset of the US in which a CF spike counts as evoked."""

_FILTER_MS = 30.0
_RESPONSE_MS = 50.0
_CRITERION_PERCENT = 95.0


class Responses(NamedTuple):
    """Responses of one group of zones in the trials of a session.

    Attributes
    ----------
    lid_Hz : ndarray of float, shape (n_trials, n_bins)
        Lid position: the mean rate of the DCN, filtered twice, minus its mean in blank trials.
    dcn_Hz, pc_Hz : ndarray of float, shape (n_trials, n_bins)
        Mean rates.
    response_Hz : ndarray of float, shape (n_trials,)
        Mean lid position in the 50 ms before the US, or the time of the US.
    criterion_Hz : float
        95th percentile of the lid position in windows of 50 ms of blank trials.
    us_evoked : ndarray of float, shape (n_trials,)
        Fraction of IO cells that fire within 60 ms of the onset of the US; NaN without US.
    """

    lid_Hz: Floats
    dcn_Hz: Floats
    pc_Hz: Floats
    response_Hz: Floats
    criterion_Hz: float
    us_evoked: Floats

    @property
    def conditioned(self) -> npt.NDArray[np.bool_]:
        """Whether there is a conditioned response, by trial."""
        return self.response_Hz > self.criterion_Hz


def bin_times_ms() -> Floats:
    """Return the middles of the bins of `Responses`, in ms from the onset of the CS."""
    return np.arange(FROM_MS, TO_MS, BIN_MS) + BIN_MS / 2


def compute_responses(run: Run, session: TrialSession, zones: Sequence[int]) -> Responses:
    """Return the responses of zones in each trial of a session.

    Parameters
    ----------
    run : Run
        A run of the loop with recorded spikes of DCN, PC and IO.
    session : TrialSession
        Its session, with blank trials, which define the criterion.
    zones : sequence of int
        The zones.

    Returns
    -------
    Responses
    """
    trials = session.trials
    dcn = _rates_in_trials(run, "DCN", zones, trials)
    lid = _low_pass(_low_pass(dcn))
    blank = np.array([trial.kind == "blank" for trial in trials])
    lid = lid - lid[blank].mean()
    times_ms = bin_times_ms()
    isi_ms = session.us.delay_ms
    before_us = (times_ms > isi_ms - _RESPONSE_MS) & (times_ms < isi_ms)
    per_window = round(_RESPONSE_MS / BIN_MS)
    windows = lid[blank].reshape(blank.sum(), -1, per_window).mean(axis=2)
    return Responses(
        lid_Hz=lid,
        dcn_Hz=dcn,
        pc_Hz=_rates_in_trials(run, "PC", zones, trials),
        response_Hz=lid[:, before_us].mean(axis=1),
        criterion_Hz=float(np.percentile(windows, _CRITERION_PERCENT)),
        us_evoked=_evoked(run, zones, trials),
    )


def peak_time_ms(lid_Hz: Floats) -> float:
    """Return the time of the peak of a mean response in ms from the onset of the CS.

    Parameters
    ----------
    lid_Hz : ndarray of float, shape (n_trials, n_bins)
        Lid position in trials without US.

    Returns
    -------
    float
    """
    times_ms, mean = bin_times_ms(), lid_Hz.mean(axis=0)
    return float(times_ms[np.where(times_ms > 0, mean, -np.inf).argmax()])


def trials_to_criterion(
    conditioned: npt.NDArray[np.bool_], fraction: float = 0.7, n_last: int = 10
) -> int | None:
    """Return the first trial with a fraction of responses among it and those before it.

    Parameters
    ----------
    conditioned : ndarray of bool, shape (n_trials,)
        Whether there is a response.
    fraction : float
        The fraction.
    n_last : int
        Number of trials that are counted.

    Returns
    -------
    int or None
        Number of the trial, from 1; None if it is never reached.
    """
    if len(conditioned) < n_last:
        return None
    counts = np.convolve(conditioned, np.ones(n_last, dtype=int), mode="valid")
    reached = np.flatnonzero(counts >= fraction * n_last)
    return int(reached[0]) + n_last if len(reached) else None


class WeightChange(NamedTuple):
    """Change of the weights of groups of fibers in a period, predicted and measured.

    Attributes
    ----------
    predicted, measured : ndarray of float, shape (n_groups,)
        Mean change of the weights of the zones.
    cf_probability : ndarray of float, shape (n_groups,)
        Probability that a spike of a PF is followed by a CF spike within the window (P̄_k).
    n_spikes : ndarray of float, shape (n_groups,)
        Spikes of a PF (N_k).
    weights : ndarray of float, shape (n_groups,)
        Mean weights at the end.
    """

    predicted: Floats
    measured: Floats
    cf_probability: Floats
    n_spikes: Floats
    weights: Floats


def compute_weight_change(
    run: Run, session: TrialSession, zones: Sequence[int], start_ms: float, stop_ms: float
) -> WeightChange:
    """Return the change of weights in a period, and its prediction from the times of CF spikes.

    Parameters
    ----------
    run : Run
        A run of the loop with recorded groups of PFs and spikes of IO.
    session : TrialSession
        Its session.
    zones : sequence of int
        The zones.
    start_ms, stop_ms : float
        Period in ms, extended to the nearest samples of weights.

    Returns
    -------
    WeightChange
    """
    parameters = OliveParameters.model_validate(run.manifest["parameters"])
    weights = run.require("weights")
    first, last = (int(np.abs(weights.times_ms - t).argmin()) for t in (start_ms, stop_ms))
    begin, end = (int(weights.times_ms[sample]) for sample in (first, last))
    of_zones = weights.by_group[:, list(zones)].mean(axis=1).astype(np.float64)
    plasticity, synapses = parameters.plasticity, parameters.synapses
    follows = cf_follows(
        _spikes_of(run, "IO", zones, parameters),
        begin,
        end,
        plasticity.window_ms,
        synapses.cf_purkinje.delay_ms - synapses.pf_purkinje.delay_ms,
    )
    rest = parameters.drive.effective_pf_rate_Hz / 1000
    rates = group_rates(session, parameters, of_zones.shape[1]) / 1000
    n_spikes = np.full(of_zones.shape[1], rest * len(follows))
    n_followed = np.full(of_zones.shape[1], rest * follows.sum())
    for trial in session.trials:
        at = int(trial.cs_ms) - begin
        if trial.kind in ("CS alone", "paired", "unpaired") and at >= 0:
            part = follows[at : at + rates.shape[1]]
            more = rates[:, : len(part)] - rest
            n_spikes += more.sum(axis=1)
            n_followed += more @ part
    probability = n_followed / n_spikes
    return WeightChange(
        predicted_weight_change(n_spikes, probability, plasticity.ltp, plasticity.ltd),
        of_zones[last] - of_zones[first],
        probability,
        n_spikes,
        of_zones[last],
    )


def group_rates(session: TrialSession, parameters: OliveParameters, n_groups: int) -> Floats:
    """Return the mean rates of groups of PFs in each ms of the CS, in Hz.

    Parameters
    ----------
    session : TrialSession
        A session in which all PFs respond, or an evenly spaced fraction of them.
    parameters : OliveParameters
        The model.
    n_groups : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (n_groups, n_ms)
    """
    (bumps,) = (one for one in session.stimuli if one.kind == "pf-bumps")
    bin_steps, rates = pf_rates_in(bumps, parameters)
    per_ms = np.repeat(rates, max(1, round(bin_steps * parameters.time_step_ms)), axis=1)
    group = np.arange(len(rates)) * n_groups // len(rates)
    sums = np.zeros((n_groups, per_ms.shape[1]))
    np.add.at(sums, group, per_ms)
    return sums / np.bincount(group)[:, None]


def group_centers_ms(session: TrialSession, n_groups: int) -> Floats:
    """Return the mean bump center of each group of PFs in ms."""
    return session.cs.basis.centers_ms(n_groups)


def _spikes_of(
    run: Run, population: str, zones: Iterable[int], parameters: OliveParameters
) -> list[Floats]:
    """Return the spike times of each recorded cell of zones."""
    spikes = recorded_spikes(run, population)
    sizes = parameters.circuit.sizes
    per_zone = sizes[population] // sizes["DCN"]
    chosen = set(zones)
    return [
        np.asarray(spikes.times_ms[spikes.cells == cell], dtype=np.float64)
        for cell in run.of(population).recorded
        if cell // per_zone in chosen
    ]


def _rates_in_trials(
    run: Run, population: str, zones: Iterable[int], trials: Sequence[Trial]
) -> Floats:
    """Return mean rates in bins around the CS, shape (n_trials, n_bins), in Hz."""
    parameters = OliveParameters.model_validate(run.manifest["parameters"])
    spikes, sizes = recorded_spikes(run, population), parameters.circuit.sizes
    per_zone = sizes[population] // sizes["DCN"]
    times_ms = spikes.times_ms[np.isin(spikes.cells // per_zone, list(zones))]
    n_cells = np.isin(spikes.recorded // per_zone, list(zones)).sum()
    edges = np.arange(FROM_MS, TO_MS + BIN_MS / 2, BIN_MS)
    counts = np.array([np.diff(np.searchsorted(times_ms, trial.cs_ms + edges)) for trial in trials])
    return counts * 1000 / BIN_MS / n_cells


def _low_pass(rates: Floats) -> Floats:
    """Return rates after a low-pass filter of first order, along the last axis."""
    share = -np.expm1(-BIN_MS / _FILTER_MS)
    filtered = np.empty_like(rates)
    value = rates.mean(axis=1) if rates.shape[1] else rates
    for place in range(rates.shape[1]):
        value = value + share * (rates[:, place] - value)
        filtered[:, place] = value
    return filtered


def _evoked(run: Run, zones: Iterable[int], trials: Sequence[Trial]) -> Floats:
    """Return the fraction of IO cells that fire after the US in each trial."""
    parameters = OliveParameters.model_validate(run.manifest["parameters"])
    cells = _spikes_of(run, "IO", zones, parameters)
    found = np.full(len(trials), np.nan)
    for number, trial in enumerate(trials):
        if not np.isnan(trial.us_ms):
            window = (trial.us_ms, trial.us_ms + US_WINDOW_MS)
            found[number] = np.mean([np.diff(np.searchsorted(one, window))[0] > 0 for one in cells])
    return found
