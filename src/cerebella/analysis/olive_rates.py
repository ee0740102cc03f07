"""Firing rates, irregularity and synchrony in a run of the olivocerebellar loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.results.spike_file import CellSpikes
from cerebella.runs.run import Run

BY_10_S_MS = 10_000.0

Floats = npt.NDArray[np.float64]


class RateOverTime(NamedTuple):
    """Mean rate of the recorded cells of a population over time.

    Attributes
    ----------
    start_ms : ndarray of float, shape (n_bins,)
        Start of each bin in ms; the last bin may be shorter.
    rate_Hz : ndarray of float, shape (n_bins,)
        Spikes per cell and second.
    """

    start_ms: Floats
    rate_Hz: Floats


def compute_olive_rates(
    run: Run, start_ms: float = 0.0, stop_ms: float | None = None
) -> dict[str, float]:
    """Compute the mean rate of each recorded population in a time window.

    Parameters
    ----------
    run : Run
        Run of the loop.
    start_ms : float, default 0.0
        Start of the window in ms (inclusive).
    stop_ms : float, optional
        End of the window in ms (exclusive); by default the end of the run.

    Returns
    -------
    dict of str to float
        Rates in Hz, averaged over recorded cells.

    Raises
    ------
    InputError
        If the window is empty or exceeds the run.

    Examples
    --------
    >>> populations = (cb.Population("DCN", 0, 1), cb.Population("IO", 1, 2))
    >>> spikes = cb.SpikeTrains([100, 102, 400, 700, 703], [1, 2, 1, 1, 2], populations, 1000)
    >>> run = cb.Run({"kind": "olive", "parameters": {"time_step_ms": 1}}, spikes=spikes)
    >>> cb.compute_olive_rates(run)
    {'DCN': 0.0, 'IO': 2.5}
    """
    stop_ms = run.duration_ms if stop_ms is None else stop_ms
    check_window((start_ms, stop_ms), run.duration_ms)
    rates = {}
    for name in run.populations:
        spikes = run.of(name)
        if len(spikes.recorded):
            first, last = np.searchsorted(spikes.times_ms, [start_ms, stop_ms])
            seconds = (stop_ms - start_ms) / 1000
            rates[name] = float((last - first) / seconds / len(spikes.recorded))
    return rates


def compute_rate_over_time(
    run: Run, population: str = "IO", bin_ms: float = BY_10_S_MS
) -> RateOverTime:
    """Compute the mean rate of a population in time bins.

    Parameters
    ----------
    run : Run
        Run of the loop.
    population : str, default "IO"
        Name of the population.
    bin_ms : float, default 10 000
        Bin width in ms.

    Returns
    -------
    RateOverTime

    Raises
    ------
    InputError
        If none of its cells was recorded.
    """
    spikes = recorded_spikes(run, population)
    starts = np.arange(0.0, run.duration_ms - 1e-9, bin_ms)
    edges = np.append(starts, run.duration_ms)
    counts = np.diff(np.searchsorted(spikes.times_ms, edges))
    return RateOverTime(starts, counts * 1000 / np.diff(edges) / len(spikes.recorded))


def compute_cell_rates(
    run: Run, population: str, start_ms: float = 0.0, stop_ms: float | None = None
) -> Floats:
    """Compute the rate of each recorded cell of a population.

    Parameters
    ----------
    run : Run
        Run of the loop.
    population : str
        Name of the population.
    start_ms : float, default 0.0
        Start of the window in ms.
    stop_ms : float, optional
        End of the window in ms; by default the end of the run.

    Returns
    -------
    ndarray of float, shape (n_recorded,)
        Rates in Hz, in the order of cells.

    Raises
    ------
    InputError
        If the window exceeds the run, or none of its cells was recorded.
    """
    spikes = recorded_spikes(run, population)
    stop_ms = run.duration_ms if stop_ms is None else stop_ms
    check_window((start_ms, stop_ms), run.duration_ms)
    first, last = np.searchsorted(spikes.times_ms, [start_ms, stop_ms])
    counts = np.bincount(spikes.cells[first:last], minlength=run.populations[population].n_cells)
    return counts[spikes.recorded] * 1000 / (stop_ms - start_ms)


def compute_isi_cv(run: Run, population: str = "IO") -> float:
    """Compute the coefficient of variation of inter-spike intervals, averaged over cells.

    Parameters
    ----------
    run : Run
        Run of the loop.
    population : str, default "IO"
        Name of the population.

    Returns
    -------
    float
        NaN if no cell has more than two spikes.

    Raises
    ------
    InputError
        If none of its cells was recorded.
    """
    spikes = recorded_spikes(run, population)
    order = np.argsort(spikes.cells, kind="stable")
    trains = np.split(
        spikes.times_ms[order], np.flatnonzero(np.diff(spikes.cells[order].astype(np.int64))) + 1
    )
    intervals = [np.diff(train) for train in trains if len(train) > 2]
    return float(np.mean([x.std() / x.mean() for x in intervals])) if intervals else float("nan")


def compute_pair_correlation(run: Run, bin_ms: float = 50.0) -> float:
    """Compute the correlation of spike counts of the two IO cells of a zone.

    Parameters
    ----------
    run : Run
        Run of the loop.
    bin_ms : float, default 50.0
        Bin width in ms.

    Returns
    -------
    float
        Mean over zones; NaN if no zone has two recorded cells that fired, or zones are unknown.

    Raises
    ------
    InputError
        If no IO cell was recorded.
    """
    spikes = recorded_spikes(run, "IO")
    n_io = run.populations["IO"].n_cells
    n_zones = run.populations["DCN"].n_cells if "DCN" in run.populations else 0
    if not n_zones:  # a file of spikes that does not hold this population
        return float("nan")
    per_zone = n_io // n_zones
    n_bins = max(1, int(np.ceil(run.duration_ms / bin_ms)))
    place = spikes.cells.astype(np.int64) * n_bins + (spikes.times_ms // bin_ms).astype(np.int64)
    counts = np.bincount(place, minlength=n_io * n_bins).reshape(n_io, n_bins).astype(np.float64)
    pairs = [
        (counts[first], counts[first + 1])
        for first in range(0, n_io - 1, per_zone)
        if per_zone > 1 and counts[first].std() > 0 and counts[first + 1].std() > 0
    ]
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs])) if pairs else float("nan")


def recorded_spikes(run: Run, population: str) -> CellSpikes:
    """Return the spikes of a population; raise InputError if none of its cells was recorded."""
    spikes = run.of(population)
    if not len(spikes.recorded):
        raise InputError(
            f"no {population} cell was recorded in this run",
            file=run.path,
            remedy=f"Repeat the run with `record` {population}=all",
        )
    return spikes
