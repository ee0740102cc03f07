"""The figure of both levels joined: the olive's synchrony, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.paired import p_text
from cerebella.plots.cf_synchrony import CONDITION_COLORS, SHOWN
from cerebella.plots.style import OTHER_COLOR, few_round_ticks, new_figure, styled

_WIDTH_IN, _ROW_IN, _COLUMNS = 7.1, 2.0, 4
_JITTER = 0.12  # between couplings, so that equal points can be told apart


def plot_olive_to_purkinje(
    events: pd.DataFrame,
    synchrony: pd.DataFrame,
    correlograms: pd.DataFrame,
    summary: pd.DataFrame,
    measures: Mapping[str, str],
) -> Figure:
    """Draw correlograms and synchrony by coupling, and each measure against synchrony.

    Parameters
    ----------
    events, synchrony, correlograms, summary : from `sweep_olive_to_purkinje`; loops of the same
        coupling are averaged over seeds.
    measures : {key: label}; measures without a value have no panel.
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
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 6))
    return figure


def plot_correlogram(ax: Axes, correlograms: pd.DataFrame, pairs: str) -> None:
    """Draw the correlogram of ``"same_zone"`` or ``"other_zones"`` of each coupling into `ax`."""
    for coupling, color in _colors(correlograms):
        own = correlograms.loc[correlograms["coupling_per_ms"] == coupling]
        mean = own.groupby("lag_ms")[pairs].mean()
        ax.plot(mean.index, mean, color=color, label=f"coupling {coupling:g} /ms")
    ax.axhline(1.0, color=OTHER_COLOR, linewidth=0.5, linestyle=":")
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("Lag (ms)")
    ax.set_ylabel("Coincidences / chance")


def plot_distribution(ax: Axes, synchrony: pd.DataFrame) -> None:
    """Draw which share of events has how many synchronous CFs into `ax`, by coupling."""
    shares = [name for name in synchrony if str(name).startswith("share_")]
    n = np.arange(len(shares))
    for coupling, color in _colors(synchrony):
        own = synchrony.loc[synchrony["coupling_per_ms"] == coupling, shares]
        mean = own.to_numpy(float).mean(axis=0)
        ax.plot(n[mean > 0], mean[mean > 0], "o-", color=color, markersize=2.5)
    ax.set_yscale("log")
    ax.xaxis.set_major_locator(few_round_ticks(6))
    ax.set_xlabel("CFs within ± 5 ms")
    ax.set_ylabel("Share of events")


def plot_mean_synchrony(ax: Axes, synchrony: pd.DataFrame) -> None:
    """Draw the mean number of synchronous CFs of each loop into `ax`, beside chance."""
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
    """Draw a measure of each event against its synchronous CFs into `ax`, and the fitted slope."""
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
    """Return (coupling, color), rising."""
    couplings = sorted(set(table["coupling_per_ms"]))
    return [
        (coupling, CONDITION_COLORS[place % len(CONDITION_COLORS)])
        for place, coupling in enumerate(couplings)
    ]
