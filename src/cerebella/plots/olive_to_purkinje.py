"""Figure of the joined levels: synchrony of the olive and its downstream effects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.paired import p_text
from cerebella.plots.cf_synchrony import CONDITION_COLORS, SHOWN
from cerebella.plots.style import OTHER_COLOR, few_round_ticks, letter_panels, new_figure, styled

_HOW_EVENTS_ARE_SHOWN = (
    "Points: events, those of different couplings shifted sideways. Line: linear regression over "
    "all events. p: its slope."
)
_WIDTH_IN, _ROW_IN, _COLUMNS = 7.1, 2.0, 4
_JITTER = 0.12  # horizontal offset between couplings, which separates equal points


def plot_olive_to_purkinje(
    events: pd.DataFrame,
    synchrony: pd.DataFrame,
    correlograms: pd.DataFrame,
    summary: pd.DataFrame,
    measures: Mapping[str, str],
) -> Figure:
    """Plot correlograms and synchrony by coupling, and each measure against synchrony.

    Parameters
    ----------
    events : pandas.DataFrame
        Simulated events, as from `sweep_olive_to_purkinje`: columns ``coupling_per_ms``,
        ``n_synchronous`` and the measures.
    synchrony : pandas.DataFrame
        Synchrony of each loop: columns ``coupling_per_ms``, ``mean_synchronous``,
        ``chance_synchronous`` and ``share_<n>``.
    correlograms : pandas.DataFrame
        Columns ``coupling_per_ms``, ``lag_ms``, ``same_zone`` and ``other_zones``; loops with the
        same coupling are averaged over seeds.
    summary : pandas.DataFrame
        Regression of each measure on synchrony: columns ``measure``, ``slope`` and ``p``.
    measures : mapping of str to str
        Labels by key; measures without a value have no panel.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> import pandas as pd
    >>> coupling = {"coupling_per_ms": 0.2}
    >>> dip = {"n_synchronous": [1, 4, 8], "MLI1_dip_Hz": [30.0, 22.0, 12.0]}
    >>> events = pd.DataFrame(coupling | dip)
    >>> means = {"mean_synchronous": [1.5], "chance_synchronous": [0.2]}
    >>> synchrony = pd.DataFrame(coupling | means | {"share_0": [0.4], "share_1": [0.6]})
    >>> ratios = {"same_zone": [1.2, 6.0, 1.2], "other_zones": [1.0, 1.1, 1.0]}
    >>> correlograms = pd.DataFrame(coupling | {"lag_ms": [-10, 0, 10]} | ratios)
    >>> summary = pd.DataFrame({"measure": ["MLI1_dip_Hz"], "slope": [-2.6], "p": [0.01]})
    >>> figure = cb.plot_olive_to_purkinje(
    ...     events, synchrony, correlograms, summary, {"MLI1_dip_Hz": "MLI1 dip (Hz)"}
    ... )
    >>> figure.axes[4].get_ylabel()
    'MLI1 dip (Hz)'
    """
    known = [
        key
        for key in SHOWN
        if key in measures and not bool(np.isnan(events[key].to_numpy(float)).all())
    ]
    n_rows = 1 + -(-len(known) // _COLUMNS)
    with styled():
        figure = new_figure(_WIDTH_IN, _ROW_IN * n_rows + 0.3)
        axes = figure.subplots(n_rows, _COLUMNS, squeeze=False).ravel()
        plot_correlogram(axes[0], correlograms, "same_zone")
        axes[0].set_title("same microzone", loc="right")
        plot_correlogram(axes[1], correlograms, "other_zones")
        axes[1].set_title("other microzones", loc="right")
        plot_distribution(axes[2], synchrony)
        plot_mean_synchrony(axes[3], synchrony)
        for ax, key in zip(axes[_COLUMNS:], known, strict=False):
            plot_against_synchrony(ax, events, summary, key)
            ax.set_ylabel(measures[key])
        for ax in axes[_COLUMNS + len(known) :]:
            ax.set_axis_off()
        for ax in axes[max(_COLUMNS, len(known)) : _COLUMNS + len(known)]:
            ax.set_xlabel("CFs within ± 5 ms")
        letter_panels(axes[: _COLUMNS + len(known)])
        figure.supxlabel(_HOW_EVENTS_ARE_SHOWN, fontsize=6.5)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 6))
    return figure


def plot_correlogram(ax: Axes, correlograms: pd.DataFrame, pairs: str) -> None:
    """Plot the correlogram of ``"same_zone"`` or ``"other_zones"`` for each coupling."""
    for coupling, color in _colors(correlograms):
        own = correlograms.loc[correlograms["coupling_per_ms"] == coupling]
        mean = own.groupby("lag_ms")[pairs].mean()
        ax.plot(mean.index, mean, color=color, label=f"coupling {coupling:g} /ms")
    ax.axhline(1.0, color=OTHER_COLOR, linewidth=0.5, linestyle=":")
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("Lag (ms)")
    ax.set_ylabel("Coincidences / chance")


def plot_distribution(ax: Axes, synchrony: pd.DataFrame) -> None:
    """Plot the distribution of the number of synchronous CFs per event, by coupling."""
    shares = [name for name in synchrony if str(name).startswith("share_")]
    n = np.arange(len(shares))
    for coupling, color in _colors(synchrony):
        own = synchrony.loc[synchrony["coupling_per_ms"] == coupling, shares]
        mean = own.to_numpy(float).mean(axis=0)
        ax.plot(n[mean > 0], mean[mean > 0], "o-", color=color, markersize=2.5)
    ax.set_yscale("log")
    ax.xaxis.set_major_locator(few_round_ticks(6))
    ax.set_xlabel("CFs within ± 5 ms")
    ax.set_ylabel("Fraction of events")


def plot_mean_synchrony(ax: Axes, synchrony: pd.DataFrame) -> None:
    """Plot the mean number of synchronous CFs of each loop, compared with chance."""
    colors = dict(_colors(synchrony))
    couplings = list(colors)
    place = [couplings.index(coupling) for coupling in synchrony["coupling_per_ms"]]
    of_point = [colors[coupling] for coupling in synchrony["coupling_per_ms"]]
    ax.scatter(place, synchrony["mean_synchronous"], s=12, c=of_point)
    ax.plot(
        place,
        synchrony["chance_synchronous"],
        "_",
        color=OTHER_COLOR,
        markersize=12,
        label="chance",
    )
    ax.set_xticks(range(len(couplings)), [f"{coupling:g}" for coupling in couplings])
    ax.set_xlim(-0.5, len(couplings) - 0.5)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("Coupling (1/ms)")
    ax.set_ylabel("Mean CFs within ± 5 ms")
    ax.legend(loc="best")


def plot_against_synchrony(
    ax: Axes, events: pd.DataFrame, summary: pd.DataFrame, measure: str
) -> None:
    """Plot a measure of each event against its number of synchronous CFs, with the fit."""
    colors = _colors(events)
    for place, (coupling, color) in enumerate(colors):
        own = events.loc[events["coupling_per_ms"] == coupling]
        shift = _JITTER * (place - (len(colors) - 1) / 2)
        ax.plot(own["n_synchronous"] + shift, own[measure], "o", color=color, markersize=2.5)
    known = events.loc[events[measure].notna()]
    fit = summary.loc[summary["measure"] == measure].iloc[0]
    if not np.isnan(fit["slope"]):
        x = known["n_synchronous"].to_numpy(float)
        ends = np.array([x.min(), x.max()])
        line = known[measure].mean() + fit["slope"] * (ends - x.mean())
        ax.plot(ends, line, color=OTHER_COLOR, linewidth=0.8)
    if not np.isnan(fit["p"]):
        text = p_text(fit["p"])
        ax.set_title(f"p {text}" if text.startswith("<") else f"p = {text}", loc="right")
    ax.xaxis.set_major_locator(few_round_ticks(6))
    ax.yaxis.set_major_locator(few_round_ticks(5))


def _colors(table: pd.DataFrame) -> list[tuple[float, str]]:
    """Return (coupling, color) pairs in increasing order of coupling."""
    couplings = sorted(set(table["coupling_per_ms"]))
    return [
        (coupling, CONDITION_COLORS[place % len(CONDITION_COLORS)])
        for place, coupling in enumerate(couplings)
    ]
