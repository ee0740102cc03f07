"""Figure of a sweep: each measure against the varied parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from cerebella.analysis.sweep_statistics import factors_of, summarize_sweep
from cerebella.errors import InputError
from cerebella.parameters.provenance import format_value
from cerebella.plots.cf_synchrony import CONDITION_COLORS
from cerebella.plots.style import few_round_ticks, letter_panels, new_figure, styled

MOST_PANELS = 8
"""Measures in one figure; others are in the table."""

_PANEL_IN, _HEIGHT_IN, _COLUMNS = 2.2, 2.1, 4
_MOST_TICKS = 6
_LABEL_CHARACTERS = 26
_LOG_RATIO = 8.0
"""Positive values with at least this ratio of the largest to the smallest may be on a log axis."""


def plot_sweep(
    table: pd.DataFrame, variables: Sequence[str], labels: Mapping[str, str] | None = None
) -> Figure:
    """Plot each measure against the first varied parameter, one line for each value of others.

    Points are means over ``seed`` and ``trial``, with the s.e.m.; evenly spaced ratios are on a
    logarithmic axis.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each run and measure, with columns ``measure``, ``value`` and the variables, as
        from `sweep`.
    variables : sequence of str
        Names of the varied parameters.
    labels : mapping of str to str, optional
        Measures to show with their labels; by default all, under their names. Of more than eight
        with values, the first eight are shown.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        No measure has a value.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(35, 1, 20.0), (35, 2, 22.0), (70, 1, 11.0), (70, 2, 13.0)]
    >>> table = pd.DataFrame(rows, columns=["w2_pS", "seed", "value"]).assign(measure="dip_Hz")
    >>> figure = cb.plot_sweep(table, ["w2_pS", "seed"], {"dip_Hz": "MLI1 (Hz)"})
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('w2_pS', 'MLI1 (Hz)')
    """
    summary = summarize_sweep(table, variables)
    known = summary.loc[summary["n"] > 0]
    labels = labels or {name: name for name in dict.fromkeys(summary["measure"])}
    shown = [name for name in labels if (known["measure"] == name).any()][:MOST_PANELS]
    if not shown:
        raise InputError("no measure has a value", remedy="Give other measures, or longer runs")
    across, *others = factors_of(variables)
    columns = min(len(shown), _COLUMNS)
    rows = -(-len(shown) // columns)
    with styled():
        figure = new_figure(max(_PANEL_IN * columns, 3.4), _HEIGHT_IN * rows + 0.3 * bool(others))
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        colors = dict(zip(_lines(summary, others), cycle(CONDITION_COLORS), strict=False))
        for ax, name in zip(axes, shown, strict=False):
            _plot_measure(ax, known.loc[known["measure"] == name], across, others, colors)
            ax.set_ylabel(fill(labels[name], _LABEL_CHARACTERS))
        for ax in axes[len(shown) :]:
            ax.set_axis_off()
        for ax in axes[max(0, len(shown) - columns) : len(shown)]:
            ax.set_xlabel(across)
        if len(shown) > 1:
            letter_panels(axes[: len(shown)])
        if known["n"].max() > 1:
            figure.supxlabel("Circles: mean ± s.e.m. over seeds and trials", fontsize=6.5)
        drawn = [ax.get_legend_handles_labels() for ax in axes]
        handles = {text: handle for ax in drawn for handle, text in zip(*ax, strict=True)}
        if others:
            texts = [text for text in colors if text in handles]
            figure.legend(
                [handles[text] for text in texts],
                texts,
                title=", ".join(others),
                loc="outside upper center",
                ncols=min(len(texts), 2 * columns),
            )
    return figure


def _plot_measure(
    ax: Axes,
    summary: pd.DataFrame,
    across: str,
    others: list[str],
    colors: Mapping[str, str],
) -> None:
    is_number = pd.api.types.is_numeric_dtype(summary[across])
    values = list(dict.fromkeys(summary[across]))
    places = values if is_number else range(len(values))
    place = dict(zip(values, places, strict=True))
    for label, of_line in _lines(summary, others).items():
        ordered = of_line.assign(_x=[place[value] for value in of_line[across]]).sort_values("_x")
        ax.errorbar(
            ordered["_x"],
            ordered["mean"],
            yerr=np.nan_to_num(ordered["sem"].to_numpy(float)),
            color=colors[label],
            marker="o",
            markersize=3,
            label=label,
        )
    if is_number:
        _set_scale(ax, sorted(values))
    else:
        ax.set_xticks(range(len(values)), values)
        ax.margins(x=0.2)
    ax.yaxis.set_major_locator(few_round_ticks(5))


def _lines(summary: pd.DataFrame, others: list[str]) -> dict[str, pd.DataFrame]:
    """Return the part of each line by its label."""
    labels = [
        ", ".join(format_value(row[name]) for name in others) for row in summary.to_dict("records")
    ]
    return {str(label): part for label, part in summary.groupby(np.array(labels), sort=False)}


def _set_scale(ax: Axes, values: list[float]) -> None:
    """Use a logarithmic axis for values of equal ratios, and mark few values themselves."""
    ratios = np.array(values[1:]) / np.array(values[:-1]) if values[0] > 0 else np.empty(0)
    if (
        len(ratios) > 1
        and values[-1] / values[0] >= _LOG_RATIO
        and np.allclose(ratios, ratios[0], rtol=0.02)
    ):
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    if len(values) <= _MOST_TICKS:
        ax.xaxis.set_major_locator(FixedLocator(values))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
