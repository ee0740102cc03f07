"""Figure of the synchrony experiment: each measure against level, for all conditions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from cerebella.analysis.level_statistics import CONDITION, FloatArray, trials_by_level
from cerebella.analysis.paired import p_text
from cerebella.plots.style import few_round_ticks, letter_panels, new_figure, styled

CONDITION_COLORS = ("#222222", "#0077bb", "#cc3311", "#009988", "#ee7733", "#aa3377", "#33bbee")
"""Colors of conditions, with the control first; reused cyclically."""

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
    """Plot each measure against synchrony level, as mean ± s.e.m. of each condition.

    Thin lines are the trials of the first condition; p refers to its slope over trials.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs, as from `sweep_cf_synchrony`: columns ``condition``, ``cf_sync``, ``trial`` and the
        measures.
    summary : pandas.DataFrame
        Statistics, as from `summarize_levels`.
    measures : mapping of str to str
        Labels by key; measures without a value have no panel.
    conditions : mapping of str to str
        Labels by key.

    Returns
    -------
    Figure

    Notes
    -----
    Since levels are compared within trials, the mean of each trial is shifted to the grand mean
    (Cousineau 2005), and the s.e.m. is corrected accordingly (Morey 2008).

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame(
    ...     {
    ...         "condition": "control",
    ...         "cf_sync": [0, 8, 0, 8],
    ...         "trial": [1, 1, 2, 2],
    ...         "MLI1_dip_Hz": [30.0, 12.0, 32.0, 15.0],
    ...     }
    ... )
    >>> summary = cb.summarize_levels(runs, ["MLI1_dip_Hz"])
    >>> labels = {"MLI1_dip_Hz": "MLI1 dip (Hz)"}
    >>> figure = cb.plot_cf_synchrony(runs, summary, labels, {"control": "control"})
    >>> figure.axes[0].get_ylabel()
    'MLI1 dip (Hz)'
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
        letter_panels(axes[: len(known)])
        figure.supxlabel(_HOW_TRIALS_ARE_SHOWN, fontsize=6.5)
        handles, labels = axes[0].get_legend_handles_labels()
        if len(labels) > 1:
            figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 5))
    return figure


_HOW_TRIALS_ARE_SHOWN = (
    "Thin lines: trials, each moved to the mean of all trials. Circles: mean ± s.e.m. of the moved "
    "values. p: slope over trials."
)


def plot_measure(
    ax: Axes,
    runs: pd.DataFrame,
    summary: pd.DataFrame,
    measure: str,
    conditions: Mapping[str, str],
) -> None:
    """Plot one measure against level.

    Parameters
    ----------
    ax : Axes
        Axes to draw on.
    runs, summary, conditions
        As for `plot_cf_synchrony`.
    measure : str
        Key of the measure.
    """
    for place, (condition, label) in enumerate(conditions.items()):
        color = CONDITION_COLORS[place % len(CONDITION_COLORS)]
        levels, values = trials_by_level(runs.loc[runs[CONDITION] == condition], measure)
        values = _moved_to_one_mean(values[~np.isnan(values).all(axis=1)])
        if place == 0:
            ax.plot(levels, values.T, color=color, linewidth=0.3, alpha=0.25)
            ax.set_xticks(levels)
            _write_p(ax, summary.loc[summary[CONDITION] == condition], measure)
        if len(values):
            n_levels = len(levels)
            correction = np.sqrt(n_levels / (n_levels - 1)) if n_levels > 1 else 1.0
            ax.errorbar(
                levels,
                np.nanmean(values, axis=0),
                yerr=correction * stats.sem(values, nan_policy="omit") if len(values) > 1 else None,
                color=color,
                marker="o",
                markersize=3,
                label=label,
            )
    ax.yaxis.set_major_locator(few_round_ticks(5))


def _moved_to_one_mean(values: FloatArray) -> FloatArray:
    """Shift each trial (row) so that its mean over levels equals the grand mean."""
    means = np.nanmean(values, axis=1, keepdims=True)
    return values - means + means.mean() if len(values) else values


def _write_p(ax: Axes, summary: pd.DataFrame, measure: str) -> None:
    p = float(summary.loc[summary["measure"] == measure, "slope_p"].iloc[0])
    if not np.isnan(p):
        ax.set_title(
            f"slope: p {p_text(p)}" if p < 1e-5 else f"slope: p = {p_text(p)}", loc="right"
        )
