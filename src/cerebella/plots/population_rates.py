"""Population rates over time, with a band of one standard error over trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cerebella.analysis.population_rate import PopulationRate, compute_population_rate
from cerebella.plots.style import axes_to_draw_on, color_of, few_round_ticks, mark_start_up
from cerebella.results.spikes import SpikeTrains, Window

SMOOTH_SD_MS = 2.0
"""Default standard deviation of the Gaussian that smooths rates, as published (park2026)."""


def how_rates_are_shown(*, has_band: bool) -> str:
    """Return the note on smoothing and bands below which rates are drawn."""
    smoothed = f"smoothed by a Gaussian, SD {SMOOTH_SD_MS:g} ms"
    return f"mean ± s.e.m. over trials, {smoothed}" if has_band else smoothed


def plot_population_rates(
    trials: SpikeTrains | Sequence[SpikeTrains],
    ax: Axes | None = None,
    *,
    populations: Sequence[str] = ("MLI1", "MLI2"),
    window_ms: Window | None = None,
    smooth_sd_ms: float = SMOOTH_SD_MS,
) -> Axes:
    """Plot the mean rate of each population and, for several trials, a band of ± s.e.m.

    Parameters
    ----------
    trials : SpikeTrains or sequence of SpikeTrains
        Spikes of one run, or of several trials of one condition.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    populations : sequence of str, optional
        Names; populations without cells are omitted.
    window_ms : tuple of float, optional
        Start and stop in whole ms; by default the whole run.
    smooth_sd_ms : float, default 2.0
        Standard deviation in ms of the Gaussian that smooths the histogram of 1 ms bins.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        As `compute_population_rate`.
    """
    trials = [trials] if isinstance(trials, SpikeTrains) else list(trials)
    start, stop = window_ms or (0.0, np.floor(min(t.duration_ms for t in trials)))
    known = {p.name for spikes in trials for p in spikes.populations if p.n_cells}
    with axes_to_draw_on(ax) as ax:
        for name in filter(known.__contains__, populations):
            rate = compute_population_rate(trials, name, start, stop, smooth_sd_ms=smooth_sd_ms)
            _draw_rate(ax, rate, name)
        mark_start_up(ax, start)
        ax.set_xlim(start, stop)
        ax.set_ylim(0, max(1.0, 1.08 * ax.dataLim.y1))
        ax.set_xlabel("Time (ms)")
        ax.set_ylabel("Rate (Hz)")
        ax.xaxis.set_major_locator(few_round_ticks(6))
        ax.yaxis.set_major_locator(few_round_ticks(5))
        if len(ax.lines) > 1:
            ax.legend(loc="upper right")
    return ax


def _draw_rate(ax: Axes, rate: PopulationRate, name: str) -> None:
    """Draw the line of one population and, for several trials, its band."""
    color = color_of(name)
    if rate.n_trials > 1:
        low, high = rate.mean_Hz - rate.sem_Hz, rate.mean_Hz + rate.sem_Hz
        ax.fill_between(rate.times_ms, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(rate.times_ms, rate.mean_Hz, color=color, label=name)
