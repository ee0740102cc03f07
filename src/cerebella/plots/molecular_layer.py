"""Figure of a molecular-layer experiment: rasters and rates, one column per condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.rates import Window, check_trials
from cerebella.errors import InputError
from cerebella.plots.columns import (
    check_number_of_conditions,
    title_of_column,
    width_of_columns_in,
    window_to_draw,
)
from cerebella.plots.population_rates import how_rates_are_shown, plot_population_rates
from cerebella.plots.raster import plot_cf_spikes, plot_raster
from cerebella.plots.style import color_of, letter_panels, new_figure, styled
from cerebella.results.condition import group_by_condition
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.run import Run

PUBLISHED_WINDOW_MS: Window = (80.0, 280.0)
"""The window of the published figures."""

_HEIGHT_IN = 4.6

Columns = Mapping[str, Sequence[SpikeTrains]]


def plot_molecular_layer(
    runs: Run | Sequence[Run] | Columns, window_ms: Window | None = None
) -> Figure:
    """Plot climbing-fiber spikes, raster and rates of MLI1 and MLI2, by condition.

    Each condition has one column. Runs that differ only in trial and seed share a column: their
    rates are averaged, and the raster shows the first of them. All columns have the same scales.

    Parameters
    ----------
    runs : Run, sequence of Run, or mapping of str to sequence of SpikeTrains
        Runs (any objects with ``spikes`` and ``condition``), or spikes of trials by title.
    window_ms : tuple of float, optional
        Start and stop in ms; by default 80-280 ms, clipped to the shortest run.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If there is no run, too many conditions, an invalid window, or neither MLI1 nor MLI2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> populations = (cb.Population("MLI1", 0, 20), cb.Population("MLI2", 20, 5))
    >>> trials = [
    ...     cb.SpikeTrains(rng.uniform(0, 300, 200), rng.integers(25, size=200), populations, 300)
    ...     for _ in range(3)
    ... ]
    >>> figure = cb.plot_molecular_layer({"random": trials}, window_ms=(50, 250))
    >>> figure.axes[0].get_title()
    'random (3 trials)'
    """
    columns = _columns(runs)
    duration_ms = min(spikes.duration_ms for trials in columns.values() for spikes in trials)
    window = window_to_draw(window_ms, PUBLISHED_WINDOW_MS, duration_ms)
    rated = _populations_to_rate(columns)
    with styled():
        figure = new_figure(width_of_columns_in(len(columns)), _HEIGHT_IN)
        grid = figure.subplots(
            2 + len(rated),
            len(columns),
            squeeze=False,
            sharex=True,
            height_ratios=[0.4, 2.4] + [0.9] * len(rated),
        )
        for axes, (title, trials) in zip(grid.T, columns.items(), strict=True):
            _draw_column(
                axes, title_of_column(title, len(trials), len(columns)), trials, rated, window
            )
        for row in grid[2:]:
            top = max(ax.get_ylim()[1] for ax in row)
            for ax in row:
                ax.set_ylim(0, top)
        _label_rows(grid, rated, has_band=any(len(trials) > 1 for trials in columns.values()))
    return figure


def _draw_column(
    axes: Sequence[Axes],
    title: str,
    trials: Sequence[SpikeTrains],
    rated: Sequence[str],
    window: Window,
) -> None:
    """Draw the column of one condition: climbing fibers, raster and rates."""
    cf_ax, raster_ax, *rate_axes = axes
    cf_ax.set_title(title)
    plot_cf_spikes(trials[0], cf_ax, window_ms=window)
    plot_raster(trials[0], raster_ax, window_ms=window)
    for ax in (cf_ax, raster_ax):
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.tick_params(axis="x", length=0)
    for name, ax in zip(rated, rate_axes, strict=True):
        plot_population_rates(trials, ax, populations=(name,), window_ms=window)
    for ax in axes:
        ax.set_xlabel("")
    axes[-1].set_xlabel("Time (ms)")


def _label_rows(grid: np.ndarray, rated: Sequence[str], *, has_band: bool) -> None:
    """Label the rows on the left side."""
    for name, ax in zip(rated, grid[2:, 0], strict=True):
        ax.set_ylabel(f"{name} rate (Hz)", color=color_of(name))
    for ax in grid[:, 1:].flat:
        ax.set_ylabel("")
        ax.tick_params(axis="y", labelleft=False)
    note = how_rates_are_shown(has_band=has_band)
    grid[2, 0].set_title(note, loc="left", fontsize=6.5, pad=2)
    letter_panels(grid[:, 0], left_pt=38)


def _columns(runs: Run | Sequence[Run] | Columns) -> dict[str, list[SpikeTrains]]:
    """Return the spikes of trials by title, for any of the accepted arguments."""
    if isinstance(runs, Mapping):
        columns = {str(title): list(trials) for title, trials in runs.items()}
    else:
        several = list(runs) if isinstance(runs, Sequence) else [runs]
        columns = {
            title: [run.require("spikes") for run in group]
            for title, group in group_by_condition(several).items()
        }
    check_number_of_conditions(len(columns))
    for trials in columns.values():
        check_trials(trials)
    return columns


def _populations_to_rate(columns: Columns) -> list[str]:
    """Return the populations among MLI1 and MLI2 that have cells in all columns."""
    rated = [
        name
        for name in ("MLI1", "MLI2")
        if all(
            any(p.name == name and p.n_cells for p in spikes.populations)
            for trials in columns.values()
            for spikes in trials
        )
    ]
    if not rated:
        raise InputError(
            "the runs contain neither MLI1 nor MLI2",
            remedy="Give runs of a molecular-layer network",
        )
    return rated
