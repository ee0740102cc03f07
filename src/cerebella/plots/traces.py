"""Figure of recorded traces: any quantity at any place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.plots.columns import (
    check_number_of_conditions,
    title_of_column,
    width_of_columns_in,
)
from cerebella.plots.style import (
    LEVELS_WITH_START_UP,
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
from cerebella.runs.probes import parse_probe
from cerebella.runs.run import Run

COLORS = ("#222222", "#ee7733", "#0077bb", "#009988", "#ee3377", "#33bbee", "#cc3311", "#999933")
"""Colors of places, as many as lines fit in one panel (vibrant scheme of P. Tol)."""

MOST_ROWS = 16
"""Panels above one another that can still be read."""

_ROW_IN, _LEGEND_IN = 0.95, 1.0
_UNITS = {"mM": ("µM", 1e3), "mA/cm2": ("mA/cm²", 1.0), "S/cm2": ("S/cm²", 1.0)}
"""Unit in figures and factor."""

_NAMES = {"v": "Potential", "cai": "Calcium", "i": "Clamp current"}


class Line(NamedTuple):
    """What is drawn of a place, or of many.

    Attributes
    ----------
    label : str
        Place.
    times_ms : ndarray of float, shape (n_samples,)
        Times.
    values : ndarray of float, shape (n_samples,)
        Values.
    band : tuple of ndarray or None
        Tenth and ninetieth percentile, where the line is a mean of many places.
    """

    label: str
    times_ms: npt.NDArray[np.floating]
    values: npt.NDArray[np.floating]
    band: tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]] | None = None


Rows = dict[str, dict[str, Line]]
"""Lines by label, for each row by the label of its axis."""


def plot_traces(
    runs: Run | Sequence[Run],
    places: str | Sequence[str] = (),
    window_ms: Window | None = None,
) -> Figure:
    r"""Plot recorded traces, one row for each quantity and one column for each condition.

    The first trial of each condition is shown. Of more than eight places in one row, mean and
    range (10th to 90th percentile) are drawn. In the molecular layer, each cell has a row.

    Parameters
    ----------
    runs : Run or sequence of Run
        Runs of one level.
    places : str or sequence of str, optional
        Places, such as ``"spiny[150um]"``, or places with a quantity, such as ``"soma.ik_kv3"``;
        by default everything that was recorded.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole run.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        Nothing was recorded at a place, there is no such place, or too much to be drawn.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> run = cb.simulate_mli(network, duration_ms=20, record={"v": [0, 3]})
    >>> figure = cb.plot_traces(run, "MLI1[3]")
    >>> figure.axes[0].get_ylabel()
    'MLI1[3]\nPotential (mV)'
    """
    shown = [runs] if isinstance(runs, Run) else list(runs)
    asked = [places] if isinstance(places, str) else list(places)
    groups = group_by_condition(shown)
    check_number_of_conditions(len(groups))
    if window_ms is not None:
        check_window(window_ms, min(run.duration_ms for run in shown))
    columns = {
        title: _rows_of(min(group, key=lambda run: run.condition.trial or 0), asked, window_ms)
        for title, group in groups.items()
    }
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    if len(rows) > MOST_ROWS:
        raise InputError(
            f"{len(rows)} rows do not fit into one figure",
            remedy=f"Choose some with `place`, at most {MOST_ROWS} quantities or cells",
        )
    has_legend = not shown[0].level.places.apart
    with styled():
        width = width_of_columns_in(len(columns)) + (_LEGEND_IN if has_legend else 0)
        figure = new_figure(width, 0.6 + _ROW_IN * len(rows))
        grid = figure.subplots(len(rows), len(columns), squeeze=False, sharex=True, sharey="row")
        colors: dict[str, str] = {}
        for axes, (title, by_row), run in zip(
            grid.T, columns.items(), (group[0] for group in groups.values()), strict=True
        ):
            if len(columns) > 1:
                axes[0].set_title(title_of_column(title, 1, len(columns)))
            for ax, row in zip(axes, rows, strict=True):
                _draw(ax, by_row.get(row, {}), colors)
            _finish(axes, run, window_ms)
        for ax, row in zip(grid[:, 0], rows, strict=True):
            ax.set_ylabel(row)
        if has_legend:
            _add_legends(grid[:, -1], rows, columns)
        if len(rows) > 1:
            letter_panels(grid[:, 0], left_pt=42)
    return figure


def _rows_of(run: Run, asked: Sequence[str], window_ms: Window | None) -> Rows:
    """Return the lines of a run, by row."""
    rows: Rows = {}
    for name, traces in _selected(run, asked):
        start, stop = window_ms or (-np.inf, np.inf)
        inside = slice(*np.searchsorted(traces.times_ms, [start, stop]))
        unit, factor = _UNITS.get(traces.unit, (traces.unit, 1.0))
        quantity = _NAMES.get(traces.variable, traces.variable)
        apart = run.level.places.apart
        if unit != "1":
            quantity += f" ({unit})" if apart else f"\n({unit})"
        for line in _lines(run, name, traces, inside, factor):
            row = f"{line.label}\n{quantity}" if apart else quantity
            rows.setdefault(row, {}).setdefault("" if apart else line.label, line)
    if not rows:
        raise InputError(
            "no traces were recorded",
            file=run.path,
            remedy="Repeat the run with `record`",
        )
    return rows


def _selected(run: Run, asked: Sequence[str]) -> Iterator[tuple[str, Traces]]:
    """Yield the traces to draw with their names."""
    if not asked:
        yield from run.traces.items()
    for text in asked:
        try:
            probe = parse_probe(text)
            names = run.traces.names_of(probe.quantity)
        except InputError:
            names = []
        if names:
            yield names[0], run.traces.at(text)
            continue
        found = False
        for name, traces in run.traces.items():
            columns = run.level.places.columns_at(run, name, traces, text)
            if len(columns):
                found = True
                yield name, traces.take(columns)
        if not found:
            raise run.traces.not_recorded(text)


def _lines(run: Run, name: str, traces: Traces, inside: slice, factor: float) -> Iterator[Line]:
    times, values = traces.times_ms[inside], factor * traces.values[inside]
    n = values.shape[1]
    if n <= len(COLORS) or run.level.places.apart:
        labels = run.level.places.labels(run, name, traces)
        for label, column in zip(labels, values.T, strict=True):
            yield Line(label, times, column)
    else:
        low, high = np.percentile(values, [10, 90], axis=1)
        yield Line(f"mean of {n}", times, values.mean(axis=1), (low, high))


def _draw(ax: Axes, lines: dict[str, Line], colors: dict[str, str]) -> None:
    for label, line in lines.items():
        color = colors.setdefault(label, COLORS[len(colors) % len(COLORS)])
        ax.plot(line.times_ms, line.values, color=color, linewidth=0.7, label=label)
        if line.band is not None:
            ax.fill_between(line.times_ms, *line.band, color=color, alpha=0.2, linewidth=0)
    ax.yaxis.set_major_locator(few_round_ticks(4))


def _finish(axes: npt.NDArray, run: Run, window_ms: Window | None) -> None:
    """Add time axis and the spike of the climbing fiber of a Purkinje cell."""
    if window_ms is not None:
        axes[0].set_xlim(window_ms)
    axes[-1].set_xlabel("Time (ms)")
    axes[-1].xaxis.set_major_locator(few_round_ticks(6))
    start, stop = axes[0].get_xlim()
    if run.kind in LEVELS_WITH_START_UP:
        for ax in axes:
            mark_start_up(ax, start, label_at=1.0 if ax is axes[0] else None)
        axes[0].set_xlim(start, stop)
    cf_time_ms = run.manifest.get("cf_time_ms")
    if cf_time_ms is not None and start <= cf_time_ms <= stop:
        axes[0].plot(
            cf_time_ms,
            1.02,
            marker="v",
            markersize=4,
            color=color_of("CF"),
            transform=axes[0].get_xaxis_transform(),
            clip_on=False,
            linestyle="none",
        )


def _add_legends(axes: npt.NDArray, rows: Sequence[str], columns: dict[str, Rows]) -> None:
    """Name the places beside the first row, and beside rows with others than the row above."""
    above: list[str] = []
    for ax, row in zip(axes, rows, strict=True):
        lines = {label: 0 for column in columns.values() for label in column.get(row, {})}
        if list(lines) != above:
            drawn = {line.get_label(): line for one in ax.figure.axes for line in one.lines}
            ax.legend(
                [drawn[label] for label in lines],
                list(lines),
                loc="upper left",
                bbox_to_anchor=(1.0, 1.08),
                borderpad=0.2,
                handlelength=1.0,
                labelspacing=0.3,
            )
        above = list(lines)
