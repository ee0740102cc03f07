"""Which olivary cells fire together: coincidences with an event, and correlograms of pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.olive_rates import recorded_spikes
from cerebella.results.olive_run import OliveRun

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COINCIDENT_MS = 5.0
"""Climbing fibers that fire no further from each other than this are synchronous."""

_MOST_LAG_MS = 100.0
_ROUNDING_MS = 1e-6  # spike times are multiples of the time step, up to rounding


class Coincidences(NamedTuple):
    """How many cells fire with each spike of one.

    Attributes
    ----------
    event_ms : (n_events,) spikes of the reference cell.
    n_cells : (n_events,) other cells with a spike within ± 5 ms.
    chance : mean of `n_cells` that independent trains of the same rates would have.
    """

    event_ms: Floats
    n_cells: Ints
    chance: float


class Correlogram(NamedTuple):
    """Cross-correlogram of pairs of olivary cells, relative to that of independent trains (1).

    Attributes
    ----------
    lag_ms : (n_lags,) middles of bins of 10 ms; that at 0 holds all lags within ± 5 ms.
    same_zone, other_zones : (n_lags,) mean over the pairs of one zone, and of two; NaN if none.
    """

    lag_ms: Floats
    same_zone: Floats
    other_zones: Floats

    @property
    def at_zero(self) -> tuple[float, float]:
        """Coincidences within ± 5 ms relative to chance: of the same zone, of other zones."""
        middle = len(self.lag_ms) // 2
        return float(self.same_zone[middle]), float(self.other_zones[middle])


def compute_coincidences(
    run: OliveRun, cell: int, others: npt.ArrayLike, start_ms: float, stop_ms: float
) -> Coincidences:
    """Count for each spike of an IO cell, start <= t < stop, the others that fire with it.

    Raises
    ------
    InputError : no IO cell was recorded.
    """
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


def compute_correlogram(run: OliveRun, start_ms: float, stop_ms: float) -> Correlogram:
    """Return the cross-correlogram of all pairs of IO cells in start <= t < stop.

    Raises
    ------
    InputError : no IO cell was recorded.
    """
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


def _width_ms(run: OliveRun, place: int) -> float:
    """Return how much time, both signs of lag together, the bin at a place covers.

    Lags are multiples of the time step, and both ends belong to the middle bin.
    """
    step = run.manifest["parameters"]["time_step_ms"] if place == 0 else 0.0
    return (2 if place == 0 else 4) * COINCIDENT_MS + step


def _pair_products(n_spikes: Floats, zones: Ints) -> Floats:
    """Return Σ n_a n_b over the pairs of the same zone, and over those of two: (2,)."""
    by_zone = np.bincount(zones, weights=n_spikes)
    same = ((by_zone**2).sum() - (n_spikes**2).sum()) / 2
    every = (n_spikes.sum() ** 2 - (n_spikes**2).sum()) / 2
    return np.array([same, every - same])
