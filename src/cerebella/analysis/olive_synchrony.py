"""Synchrony of olivary cells: coincidences with an event, and correlograms of pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.olive_rates import recorded_spikes
from cerebella.analysis.rates import check_window
from cerebella.runs.run import Run

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COINCIDENT_MS = 5.0
"""Largest time difference of synchronous climbing-fiber spikes."""

_MOST_LAG_MS = 100.0
_ROUNDING_MS = 1e-6  # spike times are multiples of the time step within this tolerance


class Coincidences(NamedTuple):
    """Numbers of cells that fire synchronously with each spike of a reference cell.

    Attributes
    ----------
    event_ms : ndarray of float, shape (n_events,)
        Spike times of the reference cell in ms.
    n_cells : ndarray of int64, shape (n_events,)
        Number of other cells with a spike within ± 5 ms.
    chance : float
        Expected mean of `n_cells` for independent trains with the same rates.
    """

    event_ms: Floats
    n_cells: Ints
    chance: float


class Correlogram(NamedTuple):
    """Cross-correlogram of pairs of olivary cells, relative to independent trains (1).

    Attributes
    ----------
    lag_ms : ndarray of float, shape (n_lags,)
        Centers of bins of 10 ms; the bin at 0 contains all lags within ± 5 ms.
    same_zone, other_zones : ndarray of float, shape (n_lags,)
        Means over pairs in the same zone and in different zones; NaN without pairs.
    """

    lag_ms: Floats
    same_zone: Floats
    other_zones: Floats

    @property
    def at_zero(self) -> tuple[float, float]:
        """Coincidences within ± 5 ms relative to chance, for the same and for other zones."""
        middle = len(self.lag_ms) // 2
        return float(self.same_zone[middle]), float(self.other_zones[middle])


def compute_coincidences(
    run: Run, cell: int, others: npt.ArrayLike, start_ms: float, stop_ms: float
) -> Coincidences:
    """Count the cells that fire synchronously with each spike of an IO cell.

    Parameters
    ----------
    run : Run
        Run of the loop.
    cell : int
        Reference cell, counted from 0 within IO.
    others : array_like of int
        Other IO cells.
    start_ms, stop_ms : float
        Half-open time window of the spikes of the reference cell, in ms.

    Returns
    -------
    Coincidences

    Raises
    ------
    InputError
        If no IO cell was recorded.

    Examples
    --------
    >>> populations = (cb.Population("DCN", 0, 1), cb.Population("IO", 1, 2))
    >>> spikes = cb.SpikeTrains([100, 102, 400, 700, 703], [1, 2, 1, 1, 2], populations, 1000)
    >>> run = cb.Run({"kind": "olive", "parameters": {"time_step_ms": 1}}, spikes=spikes)
    >>> found = cb.compute_coincidences(run, 0, [1], start_ms=0, stop_ms=1000)
    >>> found.event_ms
    array([100., 400., 700.])
    >>> found.n_cells
    array([1, 0, 1])
    """
    check_window((start_ms, stop_ms), run.duration_ms)
    spikes = recorded_spikes(run, "IO")
    inside = (spikes.times_ms >= start_ms) & (spikes.times_ms < stop_ms)
    events = spikes.times_ms[inside & (spikes.cells == cell)]
    reach = COINCIDENT_MS + _ROUNDING_MS
    n_cells = np.zeros(len(events), dtype=np.int64)
    n_spikes = 0
    for other in np.asarray(others):
        train = spikes.times_ms[spikes.cells == other]
        first, last = np.searchsorted(train, [events - reach, events + reach])
        n_cells += last > first
        n_spikes += int(np.sum((train >= start_ms) & (train < stop_ms)))
    return Coincidences(events, n_cells, n_spikes * _width_ms(run, 0) / (stop_ms - start_ms))


def compute_correlogram(run: Run, start_ms: float, stop_ms: float) -> Correlogram:
    """Compute the cross-correlogram of all pairs of IO cells.

    Parameters
    ----------
    run : Run
        Run of the loop.
    start_ms, stop_ms : float
        Half-open time window in ms.

    Returns
    -------
    Correlogram

    Raises
    ------
    InputError
        If no IO cell was recorded.

    Examples
    --------
    >>> populations = (cb.Population("DCN", 0, 1), cb.Population("IO", 1, 2))
    >>> spikes = cb.SpikeTrains([100, 102, 400, 700, 703], [1, 2, 1, 1, 2], populations, 1000)
    >>> run = cb.Run({"kind": "olive", "parameters": {"time_step_ms": 1}}, spikes=spikes)
    >>> correlogram = cb.compute_correlogram(run, start_ms=0, stop_ms=1000)
    >>> same_zone, other_zones = correlogram.at_zero
    >>> print(f"{same_zone:.1f} times as many coincidences as independent trains")
    30.3 times as many coincidences as independent trains
    """
    check_window((start_ms, stop_ms), run.duration_ms)
    spikes = recorded_spikes(run, "IO")
    inside = slice(*np.searchsorted(spikes.times_ms, [start_ms, stop_ms]))
    times, cells = spikes.times_ms[inside], spikes.cells[inside].astype(np.int64)
    n_io = run.populations["IO"].n_cells
    zones = np.arange(n_io) // (n_io // run.populations["DCN"].n_cells)
    n_bins = round(_MOST_LAG_MS / (2 * COINCIDENT_MS)) + 1
    counted = np.zeros((2, n_bins))
    for after in range(1, len(times)):
        lag_ms = times[after:] - times[:-after]
        bins = np.ceil((lag_ms - COINCIDENT_MS - _ROUNDING_MS) / (2 * COINCIDENT_MS)).astype(int)
        near = (bins < n_bins) & (cells[after:] != cells[:-after])
        if bins.min() >= n_bins:
            break
        same = zones[cells[after:]] == zones[cells[:-after]]
        for row, kind in enumerate((same, ~same)):
            counted[row] += np.bincount(np.maximum(bins[near & kind], 0), minlength=n_bins)
    widths = np.array([_width_ms(run, place) for place in range(n_bins)])
    products = _pair_products(np.bincount(cells, minlength=n_io).astype(float), zones)
    chance = products[:, np.newaxis] * widths / (stop_ms - start_ms)
    ratio = np.divide(counted, chance, out=np.full_like(counted, np.nan), where=chance > 0)
    lag_ms = 2 * COINCIDENT_MS * np.arange(1 - n_bins, n_bins, dtype=np.float64)
    return Correlogram(lag_ms, *(np.concatenate([side[:0:-1], side]) for side in ratio))


def _width_ms(run: Run, place: int) -> float:
    """Return the width of a bin in ms, including both signs of the lag.

    Lags are multiples of the time step; the middle bin includes both of its ends.
    """
    step = run.require("parameters").time_step_ms if place == 0 else 0.0
    return (2 if place == 0 else 4) * COINCIDENT_MS + step


def _pair_products(n_spikes: Floats, zones: Ints) -> Floats:
    """Return Σ n_a n_b over pairs in the same zone and over pairs in different zones."""
    by_zone = np.bincount(zones, weights=n_spikes)
    same = ((by_zone**2).sum() - (n_spikes**2).sum()) / 2
    every = (n_spikes.sum() ** 2 - (n_spikes**2).sum()) / 2
    return np.array([same, every - same])
