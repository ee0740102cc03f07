"""Figures of protocols with one cell: the measures, and the courses behind them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.protocol import ProtocolResult
from cerebella.plots.style import few_round_ticks, letter_panels, new_figure, styled

_WIDTH_IN, _HEIGHT_IN = 7.1, 2.5
_COLORS = "viridis"
_LIGHTEST = 0.9
_MARGIN = 0.1
"""Time shown before the stimulus, relative to its duration."""

_MOST_COURSES, _MOST_TRAINS = 6, 3
"""Courses that are shown, and those with many spikes."""


class _Curve(NamedTuple):
    """Axes of the measures of a protocol.

    Attributes
    ----------
    x, xlabel : str
        Column and label of the abscissa.
    columns : dict of str to str
        Columns and their names in the legend.
    ylabel : str
        Label of the ordinate.
    """

    x: str
    xlabel: str
    columns: dict[str, str]
    ylabel: str


_CURVES = {
    "fi": _Curve(
        "current_nA",
        "Current (nA)",
        {"rate_Hz": "mean", "initial_rate_Hz": "first interval", "final_rate_Hz": "last interval"},
        "Rate (Hz)",
    ),
    "iv": _Curve(
        "level_mV",
        "Potential (mV)",
        {"inward_nA": "inward peak", "outward_nA": "outward peak", "steady_nA": "steady"},
        "Current (nA)",
    ),
    "input-resistance": _Curve(
        "holding_nA", "Holding current (nA)", {"input_resistance_MOhm": ""}, "Input resistance (MΩ)"
    ),
    "rheobase": _Curve("current_nA", "Current (nA)", {"n_spikes": ""}, "Spikes"),
    "epsp": _Curve("n_contacts", "Contacts", {"peak_mV": ""}, "Peak (mV)"),
}


def plot_protocol(result: ProtocolResult) -> Figure:
    """Plot the measures of a protocol against its condition, and the courses.

    Parameters
    ----------
    result : ProtocolResult
        Result of `compute_fi_curve`, `compute_iv_curve`, `compute_input_resistance`,
        `compute_rheobase` or `compute_epsp`.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> figure = cb.plot_protocol(cb.compute_fi_curve("MLI1", [0.02, 0.03, 0.04]))
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['Rate (Hz)', 'Soma potential (mV)']
    """
    curve = _CURVES[result.protocol]
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.5])
        _plot_measures(left, curve, result)
        _plot_courses(right, curve, result)
        left.set_title(result.cell)
        letter_panels([left, right])
    return figure


def _plot_measures(ax: Axes, curve: _Curve, result: ProtocolResult) -> None:
    table = result.table()
    for marker, (column, label) in zip("os^", curve.columns.items(), strict=False):
        ax.plot(table[curve.x], table[column], f"{marker}-", markersize=3, label=label)
    ax.set(xlabel=curve.xlabel, ylabel=curve.ylabel)
    ax.xaxis.set_major_locator(few_round_ticks(5))
    if len(curve.columns) > 1:
        ax.legend()
    if result.protocol == "iv":
        ax.axhline(0, color="black", linewidth=0.6)
    for name, value in result.summary.items():
        if name == "rheobase_nA":
            ax.axvline(value, color="black", linestyle="--", linewidth=0.8)
            ax.annotate(
                f"{value:.4g} nA",
                (value, 1),
                (3, -8),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
            )


def _plot_courses(ax: Axes, curve: _Curve, result: ProtocolResult) -> None:
    start, stop = result.window_ms
    shown = result.times_ms >= start - _MARGIN * (stop - start)
    chosen = _shown_rows(result)
    colors = colormaps[_COLORS](np.linspace(0, _LIGHTEST, len(chosen)))
    for row, color in zip(chosen, colors, strict=True):
        value = result.rows[row][curve.x]
        ax.plot(
            result.times_ms[shown] - start,
            result.courses[row, shown],
            color=color,
            linewidth=0.7,
            label=f"{value:.4g}",
        )
    ax.set(xlabel="Time from the start of the stimulus (ms)", ylabel=result.course)
    ax.legend(title=curve.xlabel, loc="center left", bbox_to_anchor=(1, 0.5))


def _shown_rows(result: ProtocolResult) -> list[int]:
    """Return the rows whose courses are shown: the two at the rheobase, or some of all."""
    number = len(result.rows)
    if result.protocol == "rheobase":
        first = next(row for row in range(number) if result.rows[row]["n_spikes"])
        return [first - 1, first]
    most = _MOST_TRAINS if result.protocol == "fi" else _MOST_COURSES
    return np.unique(np.linspace(0, number - 1, min(number, most)).round().astype(int)).tolist()
