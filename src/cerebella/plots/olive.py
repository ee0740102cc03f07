"""Figures of a run of the olivocerebellar loop: an overview and its individual panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import NonUniformImage

from cerebella.analysis.olive_balance import compute_predicted_rate
from cerebella.analysis.olive_rates import (
    compute_cell_rates,
    compute_rate_over_time,
    recorded_spikes,
)
from cerebella.analysis.rates import Window, check_window
from cerebella.olive.perturbation_grammar import stored_perturbations
from cerebella.plots.style import (
    ONE_COLUMN_IN,
    axes_to_draw_on,
    color_of,
    few_round_ticks,
    letter_panels,
    new_figure,
    styled,
)
from cerebella.runs.run import Run

_WIDTH_IN, _HEIGHT_IN = 7.1, 8.4
_FIRST_PC = 200
_MOST_PF = 100
_RASTER_S, _IO_RASTER_S = 2.0, 60.0
_MOST_MARKS = 60_000
_PREDICTED = "#009988"


class _Panel(NamedTuple):
    """One panel: the function that draws it, the data it needs, and its x axis.

    The default window is the last `last_s` seconds, since the marks of a longer window would
    merge.
    """

    draw: Callable[..., Axes]
    needs: str | None
    shows: Literal["run", "window", "cells"] = "run"
    last_s: float = _RASTER_S


def plot_olive(run: Run, window_ms: Window | None = None, *, panel: str | None = None) -> Figure:
    """Plot an overview of a run: IO rate and its prediction, weights, rasters, potentials.

    Parameters
    ----------
    run : Run
        Run of the loop.
    window_ms : tuple of float, optional
        Window of all panels over time in ms; by default the whole run, except for the raster of
        IO (last 60 s) and the other rasters and potentials (last 2 s).
    panel : str, optional
        A single panel to draw: ``"io_rate"``, ``"io_raster"``, ``"weights"``,
        ``"weight_distribution"``, ``"purkinje_rate"``, ``"dcn_raster"``, ``"purkinje_raster"``,
        ``"pf_raster"``, ``"io_voltages"`` or ``"cell_rates"``.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If the window is not within the run, or the run holds no spike times or weights.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> names = ("PF", "PC", "DCN", "IO")
    >>> populations = tuple(cb.Population(name, 2 * i, 2) for i, name in enumerate(names))
    >>> spikes = cb.SpikeTrains(np.arange(0, 1000, 50), np.arange(20) % 8, populations, 1000)
    >>> weights = SimpleNamespace(
    ...     times_ms=np.arange(0, 1000, 100),
    ...     mean=np.full(10, 0.5),
    ...     sd=np.full(10, 0.1),
    ...     synapses=np.full((10, 2), 0.5),
    ...     histogram=np.ones((10, 4)),
    ...     histogram_edges=np.linspace(0, 1, 5),
    ... )
    >>> plasticity = {"rule": "conjunctive", "ltp": 0.001, "ltd": 0.015, "window_ms": 100}
    >>> parameters = {"plasticity": plasticity}
    >>> manifest = {"kind": "olive", "perturbations": [], "parameters": parameters}
    >>> figure = cb.plot_olive(cb.Run(manifest, spikes=spikes, weights=weights))
    >>> figure.axes[0].get_ylabel()
    'IO rate (Hz)'
    """
    run.require("spikes")
    run.require("weights")
    with styled():
        if panel is not None:
            figure = new_figure(*ONE_COLUMN_IN)
            _draw(_PANELS[panel], run, window_ms, figure.add_subplot())
            return figure
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        axes = figure.subplots(5, 2, height_ratios=[1.25, 1, 1, 1, 1])
        for ax, shown in zip(axes.flat, _PANELS.values(), strict=True):
            _draw(shown, run, window_ms, ax)
        letter_panels(axes.flat)
    return figure


def _draw(panel: _Panel, run: Run, window_ms: Window | None, ax: Axes) -> None:
    """Draw one panel, or a note if its data were not recorded."""
    if window_ms is not None:
        check_window(window_ms, run.duration_ms)
    if not _has(run, panel.needs):
        _say_missing(ax, panel.needs)
    elif panel.shows == "window":
        last = (max(0.0, run.duration_ms - 1000 * panel.last_s), run.duration_ms)
        panel.draw(run, window_ms or last, ax=ax)
    else:
        panel.draw(run, ax=ax)
        if panel.shows == "run":
            start_ms, stop_ms = window_ms or (0.0, run.duration_ms)
            ax.set_xlim(start_ms / 1000, stop_ms / 1000)


def _has(run: Run, needs: str | None) -> bool:
    if needs == "v":
        return "voltage" in run.traces
    return needs is None or len(run.of(needs).recorded) > 0


def _say_missing(ax: Axes, what: str | None) -> None:
    name = "potential" if what == "v" else what
    ax.text(0.5, 0.5, f"no {name} recorded", ha="center", va="center", transform=ax.transAxes)
    ax.set_axis_off()


def plot_io_rate(run: Run, ax: Axes | None = None) -> Axes:
    """Plot the rate of the inferior olive over time and its prediction."""
    bin_ms = 10_000.0 if run.duration_ms >= 60_000 else run.duration_ms / 6
    rate = compute_rate_over_time(run, "IO", bin_ms)
    predicted = compute_predicted_rate(run)
    with axes_to_draw_on(ax) as ax:
        edges = np.append(rate.start_ms, run.duration_ms) / 1000
        ax.stairs(rate.rate_Hz, edges, baseline=None, color=color_of("IO"), label="IO, mean")
        if predicted is not None:
            ax.axhline(
                predicted, color=_PREDICTED, linestyle="--", label=f"predicted {predicted:.3g} Hz"
            )
        _mark_perturbations(run, ax)
        ax.set_ylim(0, 1.25 * max(rate.rate_Hz.max(), predicted or 0, 0.1))
        _label(ax, "Time (s)", "IO rate (Hz)")
        ax.legend(loc="upper right", ncols=2)
    return ax


def plot_weight_traces(run: Run, ax: Axes | None = None) -> Axes:
    """Plot individual PF→PC weights and the mean ± SD of all weights."""
    weights = run.weights
    times_s = weights.times_ms / 1000
    with axes_to_draw_on(ax) as ax:
        ax.plot(times_s, weights.synapses[:, :10], color="#bbbbbb", linewidth=0.4)
        ax.fill_between(
            times_s,
            weights.mean - weights.sd,
            weights.mean + weights.sd,
            color=color_of("PC"),
            alpha=0.25,
            linewidth=0,
        )
        ax.plot(times_s, weights.mean, color=color_of("PC"), label="mean ± sd; single synapses")
        _mark_perturbations(run, ax)
        ax.margins(y=0.3)
        _label(ax, "Time (s)", "PF→PC weight")
        ax.legend(loc="upper right")
    return ax


def plot_weight_distribution(run: Run, ax: Axes | None = None) -> Axes:
    """Plot the distribution of all PF→PC weights over time."""
    weights = run.weights
    fraction = weights.histogram / weights.histogram.sum(axis=1, keepdims=True)
    step = np.diff(weights.histogram_edges)[0]
    with axes_to_draw_on(ax) as ax:
        centers = weights.histogram_edges[:-1] + step / 2
        norm = PowerNorm(0.5, 0, fraction.max())
        image = NonUniformImage(ax, cmap="Greys", norm=norm, interpolation="nearest")
        image.set_data(weights.times_ms / 1000, centers, fraction.T)
        image.set_extent((0, run.duration_ms / 1000, 0, 1))
        image.set_in_layout(False)
        ax.add_image(image)
        bar = {"pad": 0.02, "aspect": 12, "ticks": few_round_ticks(2)}
        ax.figure.colorbar(image, ax=ax, label="Fraction of synapses", **bar)
        ax.set_xlim(0, run.duration_ms / 1000)
        shown = np.flatnonzero(weights.histogram.sum(axis=0))
        ax.set_ylim(max(0, centers[shown[0]] - 2 * step), min(1, centers[shown[-1]] + 2 * step))
        _label(ax, "Time (s)", "PF→PC weight")
    return ax


def _plot_raster_with_rates(run: Run, population: str, window_ms: Window, ax: Axes | None) -> Axes:
    """Plot the spikes of all recorded cells in a window, with the rate of each cell."""
    with axes_to_draw_on(ax) as ax:
        _draw_raster(run, population, window_ms, ax)
        _write_rates(ax, compute_cell_rates(run, population, *window_ms), window_ms[1] / 1000)
        _label(ax, "Time (s)", f"{population} cell")
    return ax


def plot_io_raster(run: Run, window_ms: Window, ax: Axes | None = None) -> Axes:
    """Plot the spikes of the IO cells in a window, with the rate of each cell."""
    return _plot_raster_with_rates(run, "IO", window_ms, ax)


def plot_dcn_raster(run: Run, window_ms: Window, ax: Axes | None = None) -> Axes:
    """Plot the spikes of the DCN cells in a window, with the rate of each cell."""
    return _plot_raster_with_rates(run, "DCN", window_ms, ax)


def plot_purkinje_raster(run: Run, window_ms: Window, ax: Axes | None = None) -> Axes:
    """Plot the spikes of the first 200 PCs in a window."""
    with axes_to_draw_on(ax) as ax:
        _draw_raster(run, "PC", window_ms, ax, most=_FIRST_PC)
        _label(ax, "Time (s)", "PC")
    return ax


def plot_pf_raster(run: Run, window_ms: Window, ax: Axes | None = None) -> Axes:
    """Plot the spikes of the recorded PFs, a random subset, in a window."""
    with axes_to_draw_on(ax) as ax:
        _draw_raster(run, "PF", window_ms, ax, most=_MOST_PF)
        _label(ax, "Time (s)", "PF (random subset)")
    return ax


def plot_purkinje_rate(run: Run, ax: Axes | None = None) -> Axes:
    """Plot the mean rate of the PCs over time."""
    rate = compute_rate_over_time(run, "PC", 1000.0 if run.duration_ms >= 10_000 else 100.0)
    with axes_to_draw_on(ax) as ax:
        ax.plot(rate.start_ms / 1000, rate.rate_Hz, color=color_of("PC"), linewidth=0.6)
        ax.set_ylim(0, 1.15 * rate.rate_Hz.max() or 1)
        _mark_perturbations(run, ax)
        _label(ax, "Time (s)", "PC rate (Hz)")
    return ax


def plot_cell_rates(run: Run, ax: Axes | None = None) -> Axes:
    """Plot the rate of each IO cell in the last third of the run, and its prediction."""
    rates = compute_cell_rates(run, "IO", 2 * run.duration_ms / 3)
    predicted = compute_predicted_rate(run)
    with axes_to_draw_on(ax) as ax:
        ax.plot(recorded_spikes(run, "IO").recorded, rates, "o", markersize=3, color=color_of("IO"))
        if predicted is not None:
            ax.axhline(predicted, color=_PREDICTED, linestyle="--")
        ax.set_ylim(0, 1.3 * max(rates.max(), predicted or 0, 0.1))
        _label(ax, "IO cell", "Rate, last third (Hz)")
        ax.xaxis.set_major_locator(few_round_ticks(8))
    return ax


def plot_io_voltages(run: Run, window_ms: Window, ax: Axes | None = None) -> Axes:
    """Plot the recorded membrane potentials of up to two IO cells."""
    voltage = run.traces["voltage"]
    first, last = np.searchsorted(voltage.times_ms, window_ms)
    io = run.populations["IO"]
    own = [k for k, gid in enumerate(voltage.gids.tolist()) if gid in io.gids][:2]
    with axes_to_draw_on(ax) as ax:
        for k, color in zip(own, (color_of("IO"), "#ee99aa"), strict=False):
            ax.plot(
                voltage.times_ms[first:last] / 1000,
                voltage.values[first:last, k],
                color=color,
                linewidth=0.6,
                label=f"IO {voltage.gids[k] - io.first_gid}",
            )
        ax.set_xlim(window_ms[0] / 1000, window_ms[1] / 1000)
        _label(ax, "Time (s)", "Potential (mV)")
        if own:
            ax.legend(loc="lower right", ncols=2)
    return ax


def _draw_raster(
    run: Run, population: str, window_ms: Window, ax: Axes, most: int | None = None
) -> None:
    """Draw one row per recorded cell; if there are too many spikes, only every n-th."""
    spikes = recorded_spikes(run, population)
    shown = spikes.recorded[:most]
    first, last = np.searchsorted(spikes.times_ms, window_ms)
    times, cells = spikes.times_ms[first:last], spikes.cells[first:last]
    row = np.full(run.populations[population].n_cells, -1)
    row[shown] = np.arange(len(shown))
    inside = row[cells] >= 0
    times, rows = times[inside], row[cells[inside]]
    thinned = -(-len(times) // _MOST_MARKS) or 1
    ax.plot(
        times[::thinned] / 1000,
        rows[::thinned],
        linestyle="none",
        marker="|",
        markersize=max(1.0, min(4.0, 70 / max(len(shown), 1))),
        markeredgewidth=0.5,
        color=color_of(population),
        rasterized=True,
    )
    ax.set_xlim(window_ms[0] / 1000, window_ms[1] / 1000)
    ax.set_ylim(-1, len(shown))


def _write_rates(ax: Axes, rates_Hz: np.ndarray, right_s: float) -> None:
    """Write the rate of each row at its right end, if there are at most 20 rows."""
    if len(rates_Hz) > 20:
        return
    for row, rate in enumerate(rates_Hz.tolist()):
        text = f"{rate:.2f}" if rate < 10 else f"{rate:.0f}"
        ax.annotate(
            text, (right_s, row), (3, 0), textcoords="offset points", va="center", fontsize=4.5
        )
    ax.annotate("Hz", (right_s, len(rates_Hz)), (3, 0), textcoords="offset points", fontsize=5)


def _mark_perturbations(run: Run, ax: Axes) -> None:
    for perturbation in stored_perturbations(run.manifest):
        ax.axvline(perturbation.time_ms / 1000, color="#999999", linewidth=0.6, linestyle=":")


def _label(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.xaxis.set_major_locator(few_round_ticks(6))
    ax.yaxis.set_major_locator(few_round_ticks(5))


_PANELS = {
    "io_rate": _Panel(plot_io_rate, "IO"),
    "io_raster": _Panel(plot_io_raster, "IO", "window", _IO_RASTER_S),
    "weights": _Panel(plot_weight_traces, None),
    "weight_distribution": _Panel(plot_weight_distribution, None),
    "purkinje_rate": _Panel(plot_purkinje_rate, "PC"),
    "dcn_raster": _Panel(plot_dcn_raster, "DCN", "window"),
    "purkinje_raster": _Panel(plot_purkinje_raster, "PC", "window"),
    "pf_raster": _Panel(plot_pf_raster, "PF", "window"),
    "io_voltages": _Panel(plot_io_voltages, "v", "window"),
    "cell_rates": _Panel(plot_cell_rates, "IO", "cells"),
}
