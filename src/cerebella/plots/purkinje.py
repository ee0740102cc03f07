"""Figure of a Purkinje cell: the network that drives it, its voltage and its calcium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.dendritic_calcium import SpinyCalcium
from cerebella.analysis.purkinje import PurkinjeSummary, compute_purkinje_summary
from cerebella.errors import InputError
from cerebella.plots.columns import (
    check_number_of_conditions,
    title_of_column,
    width_of_columns_in,
    window_to_draw,
)
from cerebella.plots.population_rates import how_rates_are_shown, plot_population_rates
from cerebella.plots.raster import plot_cf_spikes, plot_raster
from cerebella.plots.style import (
    OTHER_COLOR,
    axes_to_draw_on,
    color_of,
    few_round_ticks,
    letter_panels,
    mark_start_up,
    new_figure,
    styled,
)
from cerebella.results.condition import group_by_condition
from cerebella.results.spikes import Window
from cerebella.results.traces import Traces
from cerebella.runs.run import Run

PUBLISHED_WINDOW_MS: Window = (80.0, 270.0)
"""The window of the published figures."""

_NETWORK = ("MLI1", "MLI2")
_HEIGHTS = {"cf": 0.35, "raster": 1.9, "rates": 1.0, "voltage": 1.2, "calcium": 1.2}
_HEIGHT_IN_PER_UNIT = 1.05

Runs = Run | PurkinjeSummary | Sequence[Run | PurkinjeSummary]


def plot_purkinje(runs: Runs, window_ms: Window | None = None) -> Figure:
    """Plot raster, rates, somatic voltage and mean spiny calcium, by condition.

    Each condition has one column, with climbing-fiber spikes above the raster. Raster and voltage
    show the first trial of a condition; rates and calcium are averaged over trials. The calcium
    of the first condition is repeated in the other columns as a dashed line. Rows that no run
    recorded are omitted.

    Parameters
    ----------
    runs : Run, PurkinjeSummary, or a sequence of these
        Runs of Purkinje cells.
    window_ms : tuple of float, optional
        Start and stop in ms; by default 80-270 ms, clipped to the shortest run.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If there is no run, too many conditions, or an invalid window.

    Examples
    --------
    >>> voltage_mV = np.full((3000, 1), -65.0)
    >>> voltage_mV[::200] = 20
    >>> soma_v = cb.Traces(0.1 * np.arange(3000), voltage_mV, [0], ["soma"], [0.5])
    >>> run = cb.Run({"kind": "purkinje", "cf_time_ms": 151.7}, traces={"soma_v": soma_v})
    >>> figure = cb.plot_purkinje(run, window_ms=(100, 250))
    >>> figure.axes[0].get_ylabel()
    'Soma voltage (mV)'
    """
    columns = conditions_of(runs)
    summaries = [summary for group in columns.values() for summary in group]
    window = window_to_draw(window_ms, PUBLISHED_WINDOW_MS, shortest_ms(summaries))
    rows = _rows(summaries)
    heights = [_HEIGHTS[row] for row in rows]
    with styled():
        figure = new_figure(
            width_of_columns_in(len(columns)), 0.5 + _HEIGHT_IN_PER_UNIT * sum(heights)
        )
        grid = figure.subplots(
            len(rows), len(columns), squeeze=False, sharex=True, height_ratios=heights
        )
        for axes, (title, group) in zip(grid.T, columns.items(), strict=True):
            by_row = dict(zip(rows, axes, strict=True))
            axes[0].set_title(title_of_column(title, len(group), len(columns)))
            _draw_network(by_row, group, window)
            _draw_cell(by_row, group, window)
        if "calcium" in rows and len(columns) > 1:
            _repeat_first(grid[rows.index("calcium")], columns, window)
        _finish(grid, rows, has_band=any(len(group) > 1 for group in columns.values()))
    return figure


def conditions_of(runs: Runs) -> dict[str, list[PurkinjeSummary]]:
    """Group runs by condition.

    Parameters
    ----------
    runs : Run, PurkinjeSummary, or a sequence of these
        Runs of Purkinje cells.

    Returns
    -------
    dict of str to list of PurkinjeSummary
        Trials of each condition, by title.

    Raises
    ------
    InputError
        If there is no run or too many conditions.
    """
    several = list(runs) if isinstance(runs, Sequence) else [runs]
    summaries = [
        run if isinstance(run, PurkinjeSummary) else compute_purkinje_summary(run)
        for run in several
    ]
    groups = group_by_condition(summaries)
    check_number_of_conditions(len(groups))
    return {
        title: sorted(group, key=lambda summary: summary.condition.trial or 0)
        for title, group in groups.items()
    }


def shortest_ms(summaries: Sequence[PurkinjeSummary]) -> float:
    """Return the time in ms up to which all runs have both spikes and voltage."""
    durations = [summary.spikes.duration_ms for summary in summaries]
    durations += [float(s.soma_v.times_ms[-1]) for s in summaries if s.soma_v is not None]
    return float(np.nanmin(durations))


def plot_soma_voltage(
    soma_v: Traces,
    ax: Axes | None = None,
    *,
    window_ms: Window | None = None,
    cf_time_ms: float | Sequence[float] | None = None,
    color: str = color_of("PC"),
    label: str | None = None,
) -> Axes:
    """Plot the somatic voltage; triangles mark climbing-fiber spikes.

    Parameters
    ----------
    soma_v : Traces
        Somatic voltage; a single column.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole trace.
    cf_time_ms : float or sequence of float, optional
        Spike times of the climbing fiber of the cell in ms.
    color : str, optional
        Color of the line.
    label : str, optional
        Label of the line.

    Returns
    -------
    Axes
    """
    start, stop = window_ms or (float(soma_v.times_ms[0]), float(soma_v.times_ms[-1]))
    shown = slice(*np.searchsorted(soma_v.times_ms, [start, stop]))
    with axes_to_draw_on(ax) as ax:
        ax.plot(
            soma_v.times_ms[shown],
            soma_v.values[shown, 0],
            color=color,
            linewidth=0.7,
            label=label,
        )
        marked = np.atleast_1d([] if cf_time_ms is None else cf_time_ms)
        marked = marked[(marked >= start) & (marked < stop)]
        if marked.size:
            ax.plot(
                marked,
                np.full(marked.size, 1.02),
                marker="v",
                markersize=4,
                color=color_of("CF"),
                transform=ax.get_xaxis_transform(),
                clip_on=False,
                linestyle="none",
            )
        mark_start_up(ax, start)
        ax.set_xlim(start, stop)
        ax.set_xlabel("Time (ms)")
        ax.set_ylabel("Soma voltage (mV)")
        ax.xaxis.set_major_locator(few_round_ticks(6))
        ax.yaxis.set_major_locator(few_round_ticks(5))
    return ax


def plot_spiny_calcium(
    trials: SpinyCalcium | Sequence[SpinyCalcium],
    ax: Axes | None = None,
    *,
    window_ms: Window | None = None,
    color: str = color_of("PC"),
    label: str | None = None,
    linestyle: str = "-",
) -> Axes:
    """Plot the mean calcium of the spiny dendrite and, for several trials, ± s.e.m.

    Parameters
    ----------
    trials : SpinyCalcium or sequence of SpinyCalcium
        Calcium of one run, or of several trials of one condition.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole run.
    color, linestyle : str, optional
        Color and style of the line.
    label : str, optional
        Label of the line.

    Returns
    -------
    Axes
    """
    trials = [trials] if isinstance(trials, SpinyCalcium) else list(trials)
    times = trials[0].times_ms
    start, stop = window_ms or (float(times[0]), float(times[-1]))
    values = np.array([np.interp(times, one.times_ms, one.mean_nM) for one in trials])
    shown = slice(*np.searchsorted(times, [start, stop]))
    mean = values.mean(axis=0)
    with axes_to_draw_on(ax) as ax:
        if len(trials) > 1:
            sem = values.std(axis=0, ddof=1) / np.sqrt(len(trials))
            ax.fill_between(
                times[shown],
                (mean - sem)[shown],
                (mean + sem)[shown],
                color=color,
                alpha=0.25,
                linewidth=0,
            )
        ax.plot(times[shown], mean[shown], color=color, linestyle=linestyle, label=label)
        mark_start_up(ax, start)
        ax.set_xlim(start, stop)
        ax.set_ylim(0, max(1.0, 1.08 * ax.dataLim.y1))
        ax.set_xlabel("Time (ms)")
        ax.set_ylabel("Spiny Ca$^{2+}$ (nM)")
        ax.xaxis.set_major_locator(few_round_ticks(6))
        ax.yaxis.set_major_locator(few_round_ticks(5))
    return ax


def _rows(summaries: Sequence[PurkinjeSummary]) -> list[str]:
    """Return the rows for which at least one run has data."""
    names = {p.name for summary in summaries for p in summary.spikes.populations if p.n_cells}
    there = {
        "cf": "CF" in names,
        "raster": not names.isdisjoint(_NETWORK),
        "rates": not names.isdisjoint(_NETWORK),
        "voltage": any(summary.soma_v is not None for summary in summaries),
        "calcium": any(summary.spiny_calcium is not None for summary in summaries),
    }
    rows = [row for row in _HEIGHTS if there[row]]
    if not rows:
        raise InputError(
            "the runs contain no data for this figure", remedy="Record soma_v or calcium"
        )
    return rows


def _draw_network(
    axes: Mapping[str, Axes], group: Sequence[PurkinjeSummary], window: Window
) -> None:
    """Draw climbing fibers and raster of the first trial, and the rates of all trials."""
    for row, draw in (("cf", plot_cf_spikes), ("raster", plot_raster)):
        if row in axes:
            draw(group[0].spikes, axes[row], window_ms=window)
            axes[row].spines[["left", "bottom"]].set_visible(False)
            axes[row].tick_params(axis="x", length=0)
    if "rates" in axes:
        trials = [summary.spikes for summary in group]
        plot_population_rates(trials, axes["rates"], populations=_NETWORK, window_ms=window)


def _draw_cell(
    axes: Mapping[str, Axes],
    group: Sequence[PurkinjeSummary],
    window: Window,
) -> None:
    """Draw the voltage of the first trial and the calcium of all trials."""
    soma_v = group[0].soma_v
    if "voltage" in axes and soma_v is not None:
        plot_soma_voltage(
            soma_v, axes["voltage"], window_ms=window, cf_time_ms=group[0].cf_times_ms
        )
    calcium = spiny_calcium_of(group)
    if "calcium" in axes and calcium:
        plot_spiny_calcium(calcium, axes["calcium"], window_ms=window)


def spiny_calcium_of(group: Sequence[PurkinjeSummary]) -> list[SpinyCalcium]:
    """Return the calcium of the runs that recorded it."""
    return [summary.spiny_calcium for summary in group if summary.spiny_calcium is not None]


def _repeat_first(
    axes: Sequence[Axes], columns: Mapping[str, Sequence[PurkinjeSummary]], window: Window
) -> None:
    """Repeat the mean calcium of the first condition in the other columns."""
    title, group = next(iter(columns.items()))
    calcium = spiny_calcium_of(group)
    if not calcium:
        return
    times = calcium[0].times_ms
    mean = np.mean([np.interp(times, one.times_ms, one.mean_nM) for one in calcium], axis=0)
    shown = slice(*np.searchsorted(times, window))
    for ax in axes[1:]:
        ax.plot(times[shown], mean[shown], color=OTHER_COLOR, dashes=(3, 2), zorder=0, label=title)
        ax.legend(loc="upper right")


def _finish(grid: np.ndarray, rows: Sequence[str], *, has_band: bool) -> None:
    """Set the same scales in all columns and label the rows on the left side."""
    for row, axes in zip(rows, grid, strict=True):
        if row in ("rates", "voltage", "calcium"):
            limits = np.array([ax.get_ylim() for ax in axes])
            for ax in axes:
                ax.set_ylim(limits[:, 0].min(), limits[:, 1].max())
                ax.yaxis.set_major_locator(few_round_ticks(4))
        for ax in axes:
            ax.set_xlabel("")
        for ax in axes[1:]:
            ax.set_ylabel("")
            ax.tick_params(axis="y", labelleft=False)
            if row == "rates" and ax.get_legend() is not None:
                ax.get_legend().remove()
    for ax in grid[-1]:
        ax.set_xlabel("Time (ms)")
    notes = {"rates": how_rates_are_shown(has_band=has_band)}
    if has_band:
        notes |= {"voltage": "first trial", "calcium": "mean ± s.e.m. over trials"}
    for row, ax in zip(rows, grid[:, 0], strict=True):
        if row in notes:
            ax.set_title(notes[row], loc="left", fontsize=6.5, pad=2)
    letter_panels(grid[:, 0], left_pt=38)
