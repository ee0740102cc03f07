"""Figure of eyelid conditioning: learning, timing, weights, theory, and the rate of the olive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.plots.style import OTHER_COLOR, color_of, few_round_ticks, new_figure, styled

Floats = npt.NDArray[np.float64]

MOUSE_PERCENT = (9, 27, 52, 71, 85, 78, 83, 90, 84, 81)
"""Conditioned responses of wild-type mice in ten blocks, in percent."""

_MOUSE_SD = (4, 7, 10, 9, 4, 7, 6, 3, 6, 6)
_TRIALS_PER_POINT = 10
_COLORS = ("#0077bb", "#cc3311", "#009988", "#ee7733", "#aa4499", "#999933")
_CONTROL_COLORS = {
    "unpaired": "#777777",
    "no-plasticity": "#aaaaaa",
    "yoked-dcn-io": "#aa4499",
    "shuffled": "#999933",
    "mf-plasticity": "#ee7733",
}
_BLOCK_COLORS = {"naive": "#999999", "trained": "#cc3311", "extinguished": "#0077bb"}


def plot_eyelid(
    trials: pd.DataFrame, traces: pd.DataFrame, weights: pd.DataFrame, olive: pd.DataFrame
) -> Figure:
    """Plot an experiment of eyelid conditioning; lines are means over seeds.

    Parameters
    ----------
    trials : pandas.DataFrame
        Trials, as in eyelid_trials.csv.
    traces : pandas.DataFrame
        Lid position and rates around the CS, by block.
    weights : pandas.DataFrame
        Weights and their changes, by group of PFs.
    olive : pandas.DataFrame
        Rate of the olive over time.

    Returns
    -------
    Figure
        Save it with `save_figure`.
    """
    intervals = np.unique(_rows(trials, control="none")["isi_ms"].to_numpy(float)).tolist()
    middle = 500.0 if 500.0 in intervals else intervals[0]
    one = _rows(traces, control="none", isi_ms=middle)
    with styled():
        figure = new_figure(7.1, 4.6)
        axes = figure.subplots(2, 4).ravel()
        _plot_learning(axes[0], trials, intervals)
        _plot_timing(axes[1], traces, intervals)
        _plot_blocks(axes[2], one, middle)
        _plot_rates(axes[3], one, middle)
        _plot_weights(axes[4], weights, intervals)
        _plot_theory(axes[5], weights, intervals)
        _plot_evoked(axes[6], trials, middle)
        _plot_olive(axes[7], _rows(olive, control="none", isi_ms=middle))
        for ax, letter in zip(axes, "abcdefgh", strict=True):
            ax.set_title(letter, loc="left", fontweight="bold")
            ax.xaxis.set_major_locator(few_round_ticks(4)) if ax is not axes[4] else None
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


def _rows(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Return the rows with some values."""
    mask = np.ones(len(table), dtype=bool)
    for name, value in values.items():
        mask &= table[name].to_numpy() == value
    return pd.DataFrame(table[mask])


def _means(table: pd.DataFrame, x: str, y: str) -> tuple[Floats, Floats]:
    """Return the values of one column, and the mean of another for each; NaN is left out."""
    values = table[y].to_numpy(float)
    known = ~np.isnan(values)
    found, place = np.unique(table[x].to_numpy(float)[known], return_inverse=True)
    return found, np.bincount(place, values[known]) / np.bincount(place)


def _in_points(trials: pd.DataFrame) -> pd.DataFrame:
    """Add the middle of the ten trials of each trial, counted from the first of each seed."""
    first = trials.groupby("seed")["trial"].transform("min").to_numpy()
    point = (trials["trial"].to_numpy() - first) // _TRIALS_PER_POINT
    middle = (point + 0.5) * _TRIALS_PER_POINT
    return trials.assign(point=middle, percent=100 * trials["is_conditioned"].to_numpy(float))


def _plot_learning(ax: Axes, trials: pd.DataFrame, intervals: list[float]) -> None:
    """Plot the share of conditioned responses over blocks of ten trials after the naive ones."""
    naive = trials["block"].isin(["blank", "naive"]).to_numpy()
    after = pd.DataFrame(trials[~naive])
    for isi_ms, color in zip(intervals, _COLORS, strict=False):
        points = _in_points(_rows(after, control="none", isi_ms=isi_ms))
        ax.plot(*_means(points, "point", "percent"), color=color, label=f"interval {isi_ms:g} ms")
    for control, color in _CONTROL_COLORS.items():
        own = _rows(after, control=control)
        if len(own):
            curve = _means(_in_points(own), "point", "percent")
            ax.plot(*curve, color=color, linestyle="--", label=control)
    acquisition = _rows(after, control="none", block="acquisition", isi_ms=intervals[0])
    n_trials = len(acquisition) / len(np.unique(acquisition["seed"].to_numpy()))
    x = (np.arange(10) + 0.5) * n_trials / 10
    ax.errorbar(
        x, MOUSE_PERCENT, _MOUSE_SD, fmt="o", color="k", markersize=2.5, linewidth=0.6,
        label="mouse, ten blocks",
    )  # fmt: skip
    ax.axvline(n_trials, color=OTHER_COLOR, linewidth=0.5)
    ax.set(xlabel="Trial", ylabel="Conditioned responses (%)", ylim=(-3, 105))


def _plot_timing(ax: Axes, traces: pd.DataFrame, intervals: list[float]) -> None:
    """Plot the lid in probes of each interval."""
    for isi_ms, color in zip(intervals, _COLORS, strict=False):
        own = _rows(traces, control="none", block="trained", isi_ms=isi_ms)
        ax.plot(*_means(own, "time_ms", "lid_Hz"), color=color)
        ax.axvline(isi_ms, color=color, linewidth=0.6, linestyle=":")
    ax.set(xlabel="Time from CS (ms)", ylabel="Lid in probes (Hz)", xlim=(-300, 1500))


def _plot_blocks(ax: Axes, one: pd.DataFrame, isi_ms: float) -> None:
    """Plot the lid without US before and after learning, and after extinction."""
    for block, color in _BLOCK_COLORS.items():
        own = _rows(one, block=block)
        if len(own):
            ax.plot(*_means(own, "time_ms", "lid_Hz"), color=color, label=block)
    ax.axvline(isi_ms, color=OTHER_COLOR, linewidth=0.6, linestyle=":")
    ax.set(xlabel="Time from CS (ms)", ylabel=f"Lid, {isi_ms:g} ms (Hz)", xlim=(-300, 1500))
    ax.set_ylim(top=2 * ax.get_ylim()[1])
    ax.legend(loc="upper right", handlelength=1)


def _plot_rates(ax: Axes, one: pd.DataFrame, isi_ms: float) -> None:
    """Plot the rates of PCs and DCN around the CS, before and after learning."""
    for block, style in (("naive", ":"), ("trained", "-")):
        for name, column in (("PC", "pc_Hz"), ("DCN", "dcn_Hz")):
            x, mean = _means(_rows(one, block=block), "time_ms", column)
            smooth = np.convolve(mean, np.full(5, 0.2), mode="valid")
            label = f"{name}, {block}"
            ax.plot(x[2:-2], smooth, color=color_of(name), linestyle=style, label=label)
    ax.axvline(isi_ms, color=OTHER_COLOR, linewidth=0.6, linestyle=":")
    ax.set(xlabel="Time from CS (ms)", ylabel="Rate (Hz)", xlim=(-300, 1500), ylim=(0, 130))
    ax.legend(loc="upper right", handlelength=1.4)


def _plot_weights(ax: Axes, weights: pd.DataFrame, intervals: list[float]) -> None:
    """Plot the mean weight of each group of PFs against the center of its bumps."""
    own = _rows(weights, control="none")
    for isi_ms, color in zip(intervals, _COLORS, strict=False):
        curve = _means(_rows(own, isi_ms=isi_ms), "center_ms", "late_weight")
        ax.plot(*curve, color=color)
        ax.axvline(isi_ms, color=color, linewidth=0.6, linestyle=":")
    naive = _means(own, "center_ms", "naive_weight")
    ax.plot(*naive, color=OTHER_COLOR, linestyle=":", label="before learning")
    ax.set_xscale("log")
    ax.set(xlabel="Bump center (ms)", ylabel="PF→PC weight after learning")
    ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
    # Above the axes: curves of any interval may reach their top.
    ax.legend(loc="lower right", bbox_to_anchor=(1, 0.98), handlelength=1.4)


def _plot_theory(ax: Axes, weights: pd.DataFrame, intervals: list[float]) -> None:
    """Plot measured against predicted changes of weights."""
    own = _rows(weights, control="none")
    for isi_ms, color in zip(intervals, _COLORS, strict=False):
        points = _rows(own, isi_ms=isi_ms)
        x, y = (points[f"{name}_change"].to_numpy(float) for name in ("predicted", "measured"))
        ax.plot(x, y, ".", color=color, markersize=2.5)
    predicted = own["predicted_change"].to_numpy(float)
    ends = [predicted.min(), predicted.max()]
    ax.plot(ends, ends, color=OTHER_COLOR, linewidth=0.6)
    ax.set(xlabel="Predicted Δw, 50 trials", ylabel="Measured Δw")


def _plot_evoked(ax: Axes, trials: pd.DataFrame, isi_ms: float) -> None:
    """Plot the probability of a CF spike after the US, with the loop closed and opened."""
    labels = {"none": "loop closed", "yoked-dcn-io": "DCN→IO yoked"}
    for control, label in labels.items():
        own = _rows(trials, control=control, isi_ms=isi_ms, block="acquisition")
        if len(own):
            color = _CONTROL_COLORS.get(control, _COLORS[1])
            curve = _means(_in_points(own), "point", "us_evoked")
            ax.plot(*curve, color=color, label=label)
    ax.set(xlabel="Trial", ylabel="P(CF within 60 ms of US)", ylim=(0, 0.8))
    ax.legend(loc="upper right", handlelength=1.4)


def _plot_olive(ax: Axes, olive: pd.DataFrame) -> None:
    """Plot the rate of the olive over the session."""
    for column, label, color in (
        ("trained_Hz", "with US", _COLORS[1]),
        ("untrained_Hz", "without US", OTHER_COLOR),
    ):
        start_s, mean = _means(olive, "start_s", column)
        ax.plot(start_s + 25, mean, color=color, label=label)
    ax.axhline(1, color=OTHER_COLOR, linewidth=0.5, linestyle=":")
    ax.set(xlabel="Time (s)", ylabel="IO rate (Hz)", ylim=(0.8, 1.2))
    ax.legend(loc="upper right", handlelength=1.4)
