"""Spike rasters."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cerebella.plots.style import axes_to_draw_on, color_of, few_round_ticks
from cerebella.results.spikes import Population, SpikeTrains, Window

MARK_HEIGHT_PT = 1.9
"""Height of a spike mark in points: visible in print, and at most a few rows high."""

_GAP_ROWS = 5


def plot_raster(
    spikes: SpikeTrains,
    ax: Axes | None = None,
    *,
    populations: Sequence[str] = ("MLI1", "MLI2"),
    window_ms: Window | None = None,
    mark_height_pt: float = MARK_HEIGHT_PT,
) -> Axes:
    """Plot a spike raster with one row per cell and populations stacked vertically.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes of one run.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    populations : sequence of str, optional
        Names from bottom to top; populations without cells are omitted.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole run.
    mark_height_pt : float, optional
        Height of a spike mark in points.

    Returns
    -------
    Axes
    """
    start, stop = window_ms or (0.0, spikes.duration_ms)
    cells = {p.name: p for p in spikes.populations if p.n_cells and p.name in populations}
    first_row, middles = 0, []
    with axes_to_draw_on(ax) as ax:
        for name in filter(cells.__contains__, populations):
            shown = spikes.of(name).between(start, stop)
            ax.plot(
                shown.times_ms,
                first_row + (shown.gids - cells[name].first_gid),
                linestyle="none",
                marker="|",
                markersize=mark_height_pt,
                markeredgewidth=0.6,
                color=color_of(name),
                label=name,
            )
            middles.append(first_row + (cells[name].n_cells - 1) / 2)
            first_row += cells[name].n_cells + _GAP_ROWS
        ax.set_xlim(start, stop)
        ax.set_ylim(-_GAP_ROWS, max(first_row, 1))
        ax.set_xlabel("Time (ms)")
        ax.xaxis.set_major_locator(few_round_ticks(6))
        names = [name for name in populations if name in cells]
        ax.set_yticks(middles, [f"{name}\n{_size(cells[name])}" for name in names])
        ax.tick_params(axis="y", length=0)
        for label, name in zip(ax.get_yticklabels(), names, strict=True):
            label.set_color(color_of(name))
    return ax


def _size(population: Population) -> str:
    unit = "fibers" if population.name in ("PF", "CF") else "cells"
    return f"{population.n_cells:,} {unit}"


def plot_cf_spikes(
    spikes: SpikeTrains, ax: Axes | None = None, *, window_ms: Window | None = None
) -> Axes:
    """Plot climbing-fiber spikes with one row per fiber, as a strip above a raster."""
    return plot_raster(spikes, ax, populations=("CF",), window_ms=window_ms, mark_height_pt=3.2)
