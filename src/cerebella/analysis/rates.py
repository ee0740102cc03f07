"""Mean firing rates of populations in windows of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from cerebella.errors import InputError
from cerebella.results.spikes import SpikeTrains

Window = tuple[float, float]
"""Start and stop (ms); a spike at `start` is inside, one at `stop` is not."""

RATE_WINDOWS_MS: tuple[Window, ...] = (
    (50, 150),
    (150, 155),
    (155, 160),
    (160, 170),
    (170, 180),
    (200, 300),
)
"""Before, during and after the synchronous climbing fibers (mli-network specification, §12)."""


class MeanRate(NamedTuple):
    """A rate over trials.

    Attributes
    ----------
    mean_Hz : mean over trials.
    sem_Hz : its standard error, the sample standard deviation (n - 1) / sqrt(n); NaN for n = 1.
    per_trial_Hz : the rate in each trial.
    """

    mean_Hz: float
    sem_Hz: float
    per_trial_Hz: tuple[float, ...]


def compute_rates(
    spikes: SpikeTrains, windows_ms: Iterable[Window] = RATE_WINDOWS_MS
) -> dict[str, dict[Window, float]]:
    """Return the mean rate of each population in each window.

    Parameters
    ----------
    spikes : the spikes of one run.
    windows_ms : (start, stop) pairs; spikes with start <= t < stop count.

    Returns
    -------
    {population: {(start, stop): spikes per cell and second}}, without populations that have
    no cells.

    Raises
    ------
    InputError : a window is empty, negative or beyond the end of the run.
    """
    windows = [(float(start), float(stop)) for start, stop in windows_ms]
    for window in windows:
        check_window(window, spikes.duration_ms)
    rates = {}
    for population in spikes.populations:
        if population.n_cells == 0:
            continue
        own = spikes.of(population.name)
        rates[population.name] = {
            (start, stop): _rate_Hz(len(own.between(start, stop)), stop - start, population.n_cells)
            for start, stop in windows
        }
    return rates


def _rate_Hz(n_spikes: int, width_ms: float, n_cells: int) -> float:
    return n_spikes * 1000 / width_ms / n_cells


def compute_mean_rates(
    trials: Sequence[SpikeTrains], windows_ms: Iterable[Window] = RATE_WINDOWS_MS
) -> dict[str, dict[Window, MeanRate]]:
    """Return rates as `compute_rates` does, with mean and standard error over trials.

    Raises
    ------
    InputError : no trials, trials of different populations, or a bad window.
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
    """Summarize the rates of several trials."""
    n_trials = len(rates_Hz)
    sem = float(np.std(rates_Hz, ddof=1) / np.sqrt(n_trials)) if n_trials > 1 else float("nan")
    return MeanRate(float(np.mean(rates_Hz)), sem, tuple(rates_Hz))


def check_trials(trials: Sequence[SpikeTrains]) -> None:
    """Raise InputError unless there are trials, all with the same populations."""
    if not trials:
        raise InputError("no spikes to analyze", remedy="Give at least one run")
    if len({spikes.populations for spikes in trials}) > 1:
        raise InputError(
            "these runs have different cells and cannot be averaged: "
            + "; ".join(
                ", ".join(f"{p.name} {p.n_cells}" for p in spikes.populations) for spikes in trials
            ),
            remedy="Give runs of one network",
        )


def check_window(window: Window, duration_ms: float) -> None:
    """Raise InputError unless 0 <= start < stop <= duration (ms)."""
    start, stop = window
    if not 0 <= start < stop:
        problem = "starts before 0" if start < 0 else "does not end after its start"
        raise InputError(
            f"window {window_name(window)} ms {problem}",
            remedy="Give start and stop in ms, as 150-160",
        )
    if stop > duration_ms:  # not so for a duration that is unknown (NaN)
        raise InputError(
            f"window {window_name(window)} ms ends after the run, which lasts {duration_ms:g} ms",
            remedy=f"Give a window that ends by {duration_ms:g}",
        )


def fit_windows(windows_ms: Iterable[Window], duration_ms: float) -> list[Window]:
    """Cut windows to the run and leave out those beyond it; the whole run if none is left."""
    cut = [(start, min(stop, duration_ms)) for start, stop in windows_ms if start < duration_ms]
    return cut or [(0.0, duration_ms)]


def window_name(window: Window) -> str:
    """Return "150-160" for (150, 160)."""
    return f"{window[0]:g}-{window[1]:g}"
