"""Population rate over time, with its standard error over trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from cerebella.analysis.rates import check_trials, check_window
from cerebella.errors import InputError
from cerebella.results.spikes import SpikeTrains

TRUNCATE_SD = 4.0
"""The Gaussian is cut off beyond this many standard deviations."""


class PopulationRate(NamedTuple):
    """Rate of a population over time.

    Attributes
    ----------
    times_ms : (n_bins,) centers of the bins.
    mean_Hz : (n_bins,) spikes per cell and second, mean over trials.
    sem_Hz : (n_bins,) standard error over trials; NaN for one trial.
    n_trials : how many trials were averaged.
    """

    times_ms: npt.NDArray[np.float64]
    mean_Hz: npt.NDArray[np.float64]
    sem_Hz: npt.NDArray[np.float64]
    n_trials: int


def compute_population_rate(
    trials: SpikeTrains | Sequence[SpikeTrains],
    population: str,
    start_ms: float,
    stop_ms: float,
    bin_ms: float = 1.0,
    smooth_sd_ms: float = 2.0,
) -> PopulationRate:
    """Return the smoothed histogram of all spikes of a population, per cell and second.

    As published (mli-network specification, section 10): bins of 1 ms, Gaussian smoothing
    with an sd of 2 ms; the error is the standard deviation over trials (here n - 1),
    smoothed in the same way, divided by the square root of their number. Bins up to 4 sd
    outside the window are smoothed along, so that the window's edges do not show.

    Parameters
    ----------
    trials : spikes of one run, or of several trials of one condition.
    population : "MLI1", "MLI2", "PF" or "CF".
    start_ms, stop_ms : window, a whole number of bins.
    bin_ms, smooth_sd_ms : width of a bin and sd of the Gaussian; 0 does not smooth.

    Raises
    ------
    InputError : the window is bad or does not hold a whole number of bins, the trials do not
        fit together, or there is no such population.
    """
    trials = [trials] if isinstance(trials, SpikeTrains) else list(trials)
    check_trials(trials)
    duration_ms = min(spikes.duration_ms for spikes in trials)
    check_window((start_ms, stop_ms), duration_ms)
    n_cells = _n_cells(trials[0], population)
    n_bins = _whole_number(start_ms, stop_ms, bin_ms)

    sd_bins = smooth_sd_ms / bin_ms
    reach = int(np.ceil(TRUNCATE_SD * sd_bins))
    before = min(reach, int(start_ms // bin_ms))
    after = reach if np.isnan(duration_ms) else min(reach, int((duration_ms - stop_ms) // bin_ms))
    edges = start_ms + bin_ms * np.arange(-before, n_bins + after + 1, dtype=np.float64)
    counts = np.array([_count(spikes.of(population), edges) for spikes in trials])
    rates_Hz = counts * 1000 / bin_ms / n_cells

    inside = slice(before, before + n_bins)
    n_trials = len(trials)
    sem = np.full(n_bins, np.nan)
    if n_trials > 1:
        sem = _smooth(rates_Hz.std(axis=0, ddof=1), sd_bins)[inside] / np.sqrt(n_trials)
    return PopulationRate(
        start_ms + bin_ms * (np.arange(n_bins, dtype=np.float64) + 0.5),
        _smooth(rates_Hz.mean(axis=0), sd_bins)[inside],
        sem,
        n_trials,
    )


def _count(spikes: SpikeTrains, edges_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the spikes in each bin; numpy's histogram would count the last edge in."""
    return np.diff(np.searchsorted(spikes.times_ms, edges_ms, side="left"))


def _smooth(rate: npt.NDArray[np.float64], sd_bins: float) -> npt.NDArray[np.float64]:
    if sd_bins == 0:
        return rate
    return np.asarray(gaussian_filter1d(rate, sd_bins, truncate=TRUNCATE_SD))


def _n_cells(spikes: SpikeTrains, population: str) -> int:
    names = [p.name for p in spikes.populations if p.n_cells]
    if population not in names:
        raise InputError(
            f"there are no cells called {population!r}", remedy=f"Give one of {', '.join(names)}"
        )
    return spikes.population(population).n_cells


def _whole_number(start_ms: float, stop_ms: float, bin_ms: float) -> int:
    n_bins = round((stop_ms - start_ms) / bin_ms) if bin_ms > 0 else 0
    if n_bins < 1 or abs(n_bins * bin_ms - (stop_ms - start_ms)) > 1e-6 * bin_ms:
        raise InputError(
            f"window {start_ms:g}-{stop_ms:g} ms does not hold a whole number of bins of "
            f"{bin_ms:g} ms",
            remedy="Change the window or the width of the bins",
        )
    return n_bins
