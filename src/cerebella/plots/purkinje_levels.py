"""Figure of the paired comparison of synchrony levels in a Purkinje cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.paired import p_text
from cerebella.analysis.purkinje import PurkinjeSummary
from cerebella.analysis.purkinje_levels import MEASURES, LevelComparison, Measure, compare_levels
from cerebella.errors import InputError
from cerebella.plots.columns import window_to_draw
from cerebella.plots.purkinje import (
    Runs,
    conditions_of,
    plot_soma_voltage,
    plot_spiny_calcium,
    shortest_ms,
    spiny_calcium_of,
)
from cerebella.plots.style import (
    OTHER_COLOR,
    axes_to_draw_on,
    few_round_ticks,
    letter_panels,
    new_figure,
    styled,
    ticks_relative_to,
)
from cerebella.results.spikes import Window

LEVEL_COLORS = ("#777777", "#aa3377", "#ee7733", "#009988", "#33bbee", "#0077bb")
"""Colors of levels in increasing order; the lowest level is the control."""

SHOWN = (
    "simple_spike_rate_Hz",
    "n_spikelets",
    "width_ms",
    "pause_ms",
    "calcium_mean_nM",
    "dendritic_spike_spread",
)
"""Measures that have a panel."""

_HOW_MEASURES_ARE_SHOWN = (
    "Lines: trials. Circles: mean ± s.e.m. over trials. p: paired t-test against the lowest level."
)
_RESPONSE_WINDOW_MS: Window = (140.0, 250.0)
_WIDTH_IN, _HEIGHT_IN = 7.1, 4.4


def plot_purkinje_levels(runs: Runs, window_ms: Window | None = None) -> Figure:
    """Plot a paired comparison of synchrony levels.

    The upper panels show the somatic voltage of one trial and the mean spiny calcium (± s.e.m.
    over trials) of all levels. The lower panels show each measure with one thin line per common
    trial, the mean, and p of the paired t-test against the lowest level.

    Parameters
    ----------
    runs : sequence of Run or PurkinjeSummary
        Runs of two or more synchrony levels with common trials.
    window_ms : tuple of float, optional
        Window of the upper panels in ms; by default 140-250 ms, clipped to the shortest run.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If the runs do not belong to several levels of one experiment, or have no common trial.

    Examples
    --------
    Two levels with two trials of regular firing each:

    >>> runs = []
    >>> for level, trial, interval in ((0, 1, 200), (0, 2, 201), (8, 1, 250), (8, 2, 252)):
    ...     voltage_mV = np.full((3000, 1), -65.0)
    ...     voltage_mV[::interval] = 20
    ...     soma_v = cb.Traces(0.1 * np.arange(3000), voltage_mV, [0], ["soma"], [0.5])
    ...     manifest = {"kind": "purkinje", "cf_sync": level, "trial": trial, "cf_time_ms": 151.7}
    ...     runs.append(cb.Run(manifest, traces={"soma_v": soma_v}))
    >>> figure = cb.plot_purkinje_levels(runs)
    >>> figure.axes[2].get_ylabel()
    'Simple spikes (Hz)'
    """
    groups = conditions_of(runs)
    summaries = [summary for group in groups.values() for summary in group]
    comparisons = compare_levels(summaries)
    titles = _titles(comparisons)
    colors = dict(zip(titles, LEVEL_COLORS, strict=False))
    window = window_to_draw(window_ms, _RESPONSE_WINDOW_MS, shortest_ms(summaries))
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[1.15, 1]).flat
        voltage_ax, calcium_ax = above.subplots(1, 2)
        trial = comparisons[0].pairs[0][0].condition.trial
        for title in titles:
            line: dict[str, Any] = {"window_ms": window, "color": colors[title], "label": title}
            _overlay_voltage(groups[title], trial, voltage_ax, **line)
            _overlay_calcium(groups[title], calcium_ax, **line)
        drawn = [ax for ax in (voltage_ax, calcium_ax) if ax.lines]
        if drawn:
            drawn[-1].legend(loc="upper right")
        for ax in {voltage_ax, calcium_ax}.difference(drawn):
            ax.set_axis_off()
            ax.text(0.5, 0.5, "not recorded", ha="center", transform=ax.transAxes)
        _label_times(drawn, summaries)
        measures = {measure.key: measure for measure in MEASURES}
        panels = below.subplots(1, len(SHOWN))
        for key, ax in zip(SHOWN, panels, strict=True):
            plot_paired_measure(comparisons, measures[key], ax, colors=colors)
        below.supxlabel(_HOW_MEASURES_ARE_SHOWN, fontsize=6.5)
        letter_panels([voltage_ax, calcium_ax, *panels])
    return figure


def _label_times(axes: Sequence[Axes], summaries: Sequence[PurkinjeSummary]) -> None:
    """Label times relative to the climbing fiber, if all runs have one spike at the same time."""
    times_ms = {tuple(summary.cf_times_ms) for summary in summaries}
    if len(times_ms) == 1 and len(cf_times_ms := times_ms.pop()) == 1:
        for ax in axes:
            ticks_relative_to(ax, cf_times_ms[0], 20.0)
            ax.set_xlabel("Time after the climbing fiber (ms)")


def _overlay_voltage(
    group: Sequence[PurkinjeSummary], trial: int | None, ax: Axes, **options: Any
) -> None:
    """Draw the somatic voltage of one trial of a level."""
    for summary in group:
        if summary.condition.trial == trial and summary.soma_v is not None:
            plot_soma_voltage(summary.soma_v, ax, cf_time_ms=summary.cf_times_ms, **options)
            ax.set_title(f"trial {trial}", loc="right")


def _overlay_calcium(group: Sequence[PurkinjeSummary], ax: Axes, **options: Any) -> None:
    """Draw the mean calcium of all trials of a level."""
    calcium = spiny_calcium_of(group)
    if calcium:
        plot_spiny_calcium(calcium, ax, **options)
    if len(calcium) > 1:
        ax.set_title("mean ± s.e.m. over trials", loc="right")


def plot_paired_measure(
    comparisons: Sequence[LevelComparison],
    measure: Measure,
    ax: Axes | None = None,
    *,
    colors: Mapping[str, str] | None = None,
) -> Axes:
    """Plot one measure of all levels, with a thin line per trial and mean ± s.e.m.

    Parameters
    ----------
    comparisons : sequence of LevelComparison
        Comparisons of each level with the lowest, from `compare_levels`.
    measure : Measure
        One of `MEASURES`.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    colors : mapping of str to str, optional
        Colors by title of the condition.

    Returns
    -------
    Axes
    """
    titles = _titles(comparisons)
    colors = colors or dict(zip(titles, LEVEL_COLORS, strict=False))
    levels, values = _by_trial(comparisons, measure)
    places = np.arange(len(titles))
    with axes_to_draw_on(ax) as ax:
        ax.plot(places, values.T, color=OTHER_COLOR, linewidth=0.4, alpha=0.6)
        for place, title in enumerate(titles):
            known = values[~np.isnan(values[:, place]), place]
            if known.size:
                sem = known.std(ddof=1) / np.sqrt(known.size) if known.size > 1 else None
                ax.errorbar(
                    place, known.mean(), yerr=sem, marker="o", markersize=4, color=colors[title]
                )
        for place, comparison in enumerate(comparisons, start=1):
            difference = comparison.differences.get(measure.key)
            if difference is not None and not np.isnan(difference.p):
                p = p_text(difference.p)
                ax.text(
                    place,
                    1.0,
                    f"p {p}" if p.startswith("<") else f"p = {p}",
                    transform=ax.get_xaxis_transform(),
                    ha="center",
                    va="bottom",
                    fontsize=6.5,
                )
        if np.isnan(values).all():
            ax.text(
                0.5,
                0.5,
                "undefined in\nthese runs",
                ha="center",
                va="center",
                transform=ax.transAxes,
            )
            ax.set_yticks([])
        ax.set_xticks(places, [str(level) for level in levels])
        ax.set_xlim(-0.5, len(titles) - 0.5)
        ax.set_xlabel("CF synchrony")
        ax.set_ylabel(measure.label)
        if not np.isnan(values).all():
            ax.yaxis.set_major_locator(few_round_ticks(5))
    return ax


def _titles(comparisons: Sequence[LevelComparison]) -> list[str]:
    """Return the titles of all levels, the lowest first."""
    if not comparisons:
        raise InputError(
            "the runs do not include several synchrony levels with common trials",
            remedy="Give runs of at least two levels with common trials, seed, network and cell",
        )
    first = {comparison.first for comparison in comparisons}
    if len(first) > 1:
        raise InputError(
            f"the runs belong to several experiments ({'; '.join(sorted(first))})",
            remedy="Give runs of one network, cell and synaptic scale",
        )
    return [comparisons[0].first, *(comparison.second for comparison in comparisons)]


def _by_trial(
    comparisons: Sequence[LevelComparison], measure: Measure
) -> tuple[list[int | None], np.ndarray]:
    """Return the levels and the values, (n_trials, n_levels); NaN where missing."""
    first, _ = comparisons[0].pairs[0]
    levels = [first.condition.cf_sync]
    rows: dict[tuple[int | None, int], dict[int, float]] = {}
    for place, comparison in enumerate(comparisons, start=1):
        levels.append(comparison.pairs[0][1].condition.cf_sync)
        for low, high in comparison.pairs:
            row = rows.setdefault((low.condition.trial, low.seed), {0: measure.of(low.response)})
            row[place] = measure.of(high.response)
    values = [[row.get(place, np.nan) for place in range(len(levels))] for row in rows.values()]
    return levels, np.array(values)
