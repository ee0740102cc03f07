"""Mean firing rates of populations in time windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from cerebella.errors import InputError
from cerebella.results.spikes import SpikeTrains, Window

RATE_WINDOWS_MS: tuple[Window, ...] = (
    (50, 150),
    (150, 155),
    (155, 160),
    (160, 170),
    (170, 180),
    (200, 300),
)
"""Windows before, during and after the synchronous climbing-fiber spikes (park2026)."""


class MeanRate(NamedTuple):
    """A rate averaged over trials.

    Attributes
    ----------
    mean_Hz : float
        Mean over trials in Hz.
    sem_Hz : float
        Standard error, the sample standard deviation (n - 1) / sqrt(n); NaN for one trial.
    per_trial_Hz : tuple of float
        Rate in each trial.
    """

    mean_Hz: float
    sem_Hz: float
    per_trial_Hz: tuple[float, ...]


def compute_rates(
    spikes: SpikeTrains, windows_ms: Iterable[Window] = RATE_WINDOWS_MS
) -> dict[str, dict[Window, float]]:
    """Compute the mean firing rate of each population in each window.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes of one run.
    windows_ms : iterable of (float, float), optional
        Half-open windows ``start <= t < stop`` in ms; by default those before, during and after
        the synchronous climbing-fiber spikes of the published protocol.

    Returns
    -------
    dict of str to dict
        ``{population: {(start, stop): rate}}`` with rates in spikes per cell and second.
        Populations without cells are omitted.

    Raises
    ------
    InputError
        If a window is empty, negative or beyond the end of the run.

    Examples
    --------
    >>> population = cb.Population("MLI1", 0, 2)
    >>> spikes = cb.SpikeTrains([5, 15, 25], [0, 1, 0], (population,), duration_ms=50)
    >>> cb.compute_rates(spikes, [(0, 20), (20, 50)])
    {'MLI1': {(0.0, 20.0): 50.0, (20.0, 50.0): 16.666666666666668}}
    """
    windows = [(float(start), float(stop)) for start, stop in windows_ms]
    for window in windows:
        check_window(window, spikes.duration_ms)
    rates = {}
    for population in spikes.populations:
        if population.n_cells == 0:
            continue
        times_ms = spikes.of(population.name).times_ms
        counts = np.diff(np.searchsorted(times_ms, windows), axis=-1).ravel().tolist()
        rates[population.name] = {
            (start, stop): count * 1000 / (stop - start) / population.n_cells
            for (start, stop), count in zip(windows, counts, strict=True)
        }
    return rates


def compute_mean_rates(
    trials: Sequence[SpikeTrains], windows_ms: Iterable[Window] = RATE_WINDOWS_MS
) -> dict[str, dict[Window, MeanRate]]:
    """Compute mean firing rates, averaged over trials.

    Parameters
    ----------
    trials : sequence of SpikeTrains
        Spikes of trials of one condition.
    windows_ms : iterable of (float, float), optional
        Windows in ms, as for `compute_rates`.

    Returns
    -------
    dict of str to dict
        ``{population: {(start, stop): MeanRate}}`` with mean, standard error and trials in Hz.

    Raises
    ------
    InputError
        If there is no trial, the trials have different populations, or a window is invalid.

    Examples
    --------
    >>> population = cb.Population("MLI1", 0, 1)
    >>> trials = [
    ...     cb.SpikeTrains(times, [0] * len(times), (population,), duration_ms=100)
    ...     for times in ([10, 60], [10, 50, 90])
    ... ]
    >>> rate = cb.compute_mean_rates(trials, [(0, 100)])["MLI1"][0, 100]
    >>> rate.mean_Hz, rate.sem_Hz
    (25.0, 5.0)
    """
    check_trials(trials)
    windows = list(windows_ms)
    per_trial = [compute_rates(spikes, windows) for spikes in trials]
    return {
        name: {
            window: mean_rate([rates[name][window] for rates in per_trial])
            for window in per_trial[0][name]
        }
        for name in per_trial[0]
    }


def mean_rate(rates_Hz: Sequence[float]) -> MeanRate:
    """Average the rates of several trials.

    Parameters
    ----------
    rates_Hz : sequence of float
        Rate in each trial.

    Returns
    -------
    MeanRate
    """
    n_trials = len(rates_Hz)
    sem = float(np.std(rates_Hz, ddof=1) / np.sqrt(n_trials)) if n_trials > 1 else float("nan")
    return MeanRate(float(np.mean(rates_Hz)), sem, tuple(rates_Hz))


def check_trials(trials: Sequence[SpikeTrains]) -> None:
    """Raise InputError unless there is a trial and all have the same populations."""
    if not trials:
        raise InputError("no spikes to analyze", remedy="Give at least one run")
    if len({spikes.populations for spikes in trials}) > 1:
        raise InputError(
            "runs with different populations cannot be averaged: "
            + "; ".join(
                ", ".join(f"{p.name} {p.n_cells}" for p in spikes.populations) for spikes in trials
            ),
            remedy="Give runs of the same network",
        )


def check_window(window: Window, duration_ms: float) -> None:
    """Raise InputError unless 0 <= start < stop <= duration (ms)."""
    start, stop = window
    if not 0 <= start < stop:
        problem = "starts before 0" if start < 0 else "is empty or reversed"
        raise InputError(
            f"window {window_name(window)} ms {problem}",
            remedy="Give start and stop in ms, such as 150-160",
        )
    if stop > duration_ms:  # False for an unknown duration (NaN)
        raise InputError(
            f"window {window_name(window)} ms ends after the run, which lasts {duration_ms:g} ms",
            remedy=f"Give a window that ends at {duration_ms:g} ms or earlier",
        )


def fit_windows(windows_ms: Iterable[Window], duration_ms: float) -> list[Window]:
    """Clip windows to the run and omit those beyond its end; the whole run if none remains.

    Parameters
    ----------
    windows_ms : iterable of (float, float)
        Windows in ms.
    duration_ms : float
        Duration of the run in ms.

    Returns
    -------
    list of (float, float)
    """
    clipped = [(start, min(stop, duration_ms)) for start, stop in windows_ms if start < duration_ms]
    return clipped or [(0.0, duration_ms)]


def window_name(window: Window) -> str:
    """Format a window, such as "150-160" for (150, 160)."""
    return f"{window[0]:g}-{window[1]:g}"
