"""Population rate over time, with its standard error over trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.rates import check_trials, check_window
from cerebella.errors import InputError
from cerebella.results.spikes import SpikeTrains

TRUNCATE_SD = 4.0
"""The Gaussian is truncated at this number of standard deviations."""


class PopulationRate(NamedTuple):
    """Rate of a population over time.

    Attributes
    ----------
    times_ms : ndarray of float, shape (n_bins,)
        Centers of the bins in ms.
    mean_Hz : ndarray of float, shape (n_bins,)
        Spikes per cell and second, averaged over trials.
    sem_Hz : ndarray of float, shape (n_bins,)
        Standard error over trials; NaN for one trial.
    n_trials : int
        Number of trials.
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
    """Compute the smoothed spike histogram of a population, in spikes per cell and second.

    Parameters
    ----------
    trials : SpikeTrains or sequence of SpikeTrains
        Spikes of one run, or of several trials of one condition.
    population : str
        Name of the population, such as "MLI1".
    start_ms, stop_ms : float
        Window in ms; its width is a multiple of `bin_ms`.
    bin_ms : float, default 1.0
        Bin width in ms.
    smooth_sd_ms : float, default 2.0
        Standard deviation of the Gaussian filter in ms; 0 disables smoothing.

    Returns
    -------
    PopulationRate

    Raises
    ------
    InputError
        If the window is invalid, the trials have different populations, or the population does
        not exist.

    Notes
    -----
    As in park2026, the standard error is the standard deviation over trials (with n - 1),
    smoothed with the same filter and divided by the square root of the number of trials. Bins up
    to 4 SD outside the window are included in the smoothing, which avoids edge effects.

    Examples
    --------
    >>> population = cb.Population("MLI1", 0, 10)
    >>> spikes = cb.SpikeTrains(np.arange(0, 100, 2), np.arange(50) % 10, (population,), 100)
    >>> rate = cb.compute_population_rate(spikes, "MLI1", 20, 80)
    >>> rate.times_ms[:3]
    array([20.5, 21.5, 22.5])
    >>> rate.mean_Hz.round(1)[:3]
    array([50., 50., 50.])
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
    """Count the spikes in half-open bins; np.histogram would include the last edge."""
    return np.diff(np.searchsorted(spikes.times_ms, edges_ms, side="left"))


def _smooth(rate: npt.NDArray[np.float64], sd_bins: float) -> npt.NDArray[np.float64]:
    if sd_bins == 0:
        return rate
    from scipy.ndimage import gaussian_filter1d  # takes a third of a second to import

    return np.asarray(gaussian_filter1d(rate, sd_bins, truncate=TRUNCATE_SD))


def _n_cells(spikes: SpikeTrains, population: str) -> int:
    names = [p.name for p in spikes.populations if p.n_cells]
    if population not in names:
        raise InputError(
            f"unknown population {population!r}", remedy=f"Give one of {', '.join(names)}"
        )
    return spikes.population(population).n_cells


def _whole_number(start_ms: float, stop_ms: float, bin_ms: float) -> int:
    n_bins = round((stop_ms - start_ms) / bin_ms) if bin_ms > 0 else 0
    if n_bins < 1 or abs(n_bins * bin_ms - (stop_ms - start_ms)) > 1e-6 * bin_ms:
        raise InputError(
            f"width of window {start_ms:g}-{stop_ms:g} ms is not a multiple of the bin width of "
            f"{bin_ms:g} ms",
            remedy="Change the window or the bin width",
        )
    return n_bins
