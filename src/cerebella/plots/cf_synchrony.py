"""The figure of the synchrony experiment: each measure against level, all conditions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.level_statistics import CONDITION, LEVEL, trials_by_level
from cerebella.analysis.paired import p_text
from cerebella.plots.style import few_round_ticks, new_figure, styled

CONDITION_COLOURS = ("#222222", "#0077bb", "#cc3311", "#009988", "#ee7733", "#aa3377", "#33bbee")
"""The control first; repeated if there are more."""

SHOWN = (
    "MLI2_peak_Hz",
    "MLI1_dip_Hz",
    "calcium_mean_nM",
    "dendritic_spike_spread",
    "n_spikelets",
    "width_ms",
    "pause_ms",
    "simple_spike_rate_Hz",
)

_WIDTH_IN, _HEIGHT_IN, _COLUMNS = 7.1, 4.2, 4


def plot_cf_synchrony(
    runs: pd.DataFrame,
    summary: pd.DataFrame,
    measures: Mapping[str, str],
    conditions: Mapping[str, str],
) -> Figure:
    """Draw a panel for each measure: mean ± s.e.m. of each condition against level.

    Thin lines are the trials of the first condition; p is that of its slope over trials.

    Parameters
    ----------
    runs, summary : from `sweep_cf_synchrony`.
    measures, conditions : {key: label}; measures without a value have no panel.
    """
    known = [
        key
        for key in SHOWN
        if key in measures and not bool(np.isnan(runs[key].to_numpy(float)).all())
    ]
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN if len(known) > _COLUMNS else _HEIGHT_IN / 2)
        rows = -(-len(known) // _COLUMNS)
        axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for ax, key in zip(axes, known, strict=False):
            plot_measure(ax, runs, summary, key, conditions)
            ax.set_ylabel(measures[key])
        for ax in axes[len(known) :]:
            ax.set_axis_off()
        for ax in axes[max(0, len(known) - _COLUMNS) : len(known)]:
            ax.set_xlabel("CF synchrony")
        handles, labels = axes[0].get_legend_handles_labels()
        if len(labels) > 1:
            figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 5))
    return figure


def plot_measure(
    ax: Axes,
    runs: pd.DataFrame,
    summary: pd.DataFrame,
    measure: str,
    conditions: Mapping[str, str],
) -> None:
    """Draw one measure against level into `ax`."""
    for place, (condition, label) in enumerate(conditions.items()):
        colour = CONDITION_COLOURS[place % len(CONDITION_COLOURS)]
        rows = summary.loc[(summary[CONDITION] == condition) & (summary["measure"] == measure)]
        if place == 0:
            own = runs.loc[runs[CONDITION] == condition]
            levels, values = trials_by_level(own, measure)
            ax.plot(levels, values.T, color=colour, linewidth=0.3, alpha=0.25)
            ax.set_xticks(levels)
            _write_p(ax, rows)
        ax.errorbar(
            rows[LEVEL],
            rows["mean"],
            yerr=rows["sem"].fillna(0.0),
            color=colour,
            marker="o",
            markersize=3,
            label=label,
        )
    ax.yaxis.set_major_locator(few_round_ticks(5))


def _write_p(ax: Axes, rows: pd.DataFrame) -> None:
    p = float(rows["slope_p"].iloc[0]) if len(rows) else np.nan
    if not np.isnan(p):
        text = p_text(p)
        ax.set_title(
            f"slope: p {text}" if text.startswith("<") else f"slope: p = {text}", loc="right"
        )
