"""Figure of the learned pause in loop and detailed Purkinje cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.plots.style import OTHER_COLOR, few_round_ticks, letter_panels, new_figure, styled
from cerebella.results.traces import Traces

_COLORS = {"before": "#999999", "after": "#cc3311"}
_LEVELS = {"loop_": "loop", "": "cell"}
_ZONES = {"trained": "US", "untrained": "no US"}
_SMOOTHED_BINS = 5
_APART_MV = 110.0
_FROM_MS = -250.0


def plot_eyelid_to_purkinje(
    cells: pd.DataFrame,
    cell_curves: pd.DataFrame,
    loop_curves: pd.DataFrame,
    weights: pd.DataFrame,
    voltages: Mapping[str, Traces],
) -> Figure:
    """Plot weights, inputs, rates and calcium around the CS, before and after learning.

    Parameters
    ----------
    cells : pandas.DataFrame
        Measures of each cell, as in cells.csv.
    cell_curves, loop_curves : pandas.DataFrame
        Time courses of cell and loop.
    weights : pandas.DataFrame
        Weights by bump center.
    voltages : mapping of str to Traces
        Potential of the soma in one trial of each stage, in ms from the CS.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> import pandas as pd
    >>> of = {"seed": 1, "zones": "trained", "stage": ["before", "after"]}
    >>> rates = {"loop_rest_Hz": 55.0, "rest_Hz": 48.0}
    >>> rates |= {"loop_before_us_Hz": [55.0, 44.0], "before_us_Hz": [48.0, 43.0]}
    >>> courses = {"time_ms": 5.0, "pc_Hz": 55.0, "lid_Hz": 0.0, "isi_ms": 500.0, "mli_Hz": 30.0}
    >>> courses |= {"simple_spikes_Hz": 48.0, "transmitted_Hz": 4.0}
    >>> courses |= {"calcium_nM": 50.0, "calcium_sem_nM": 1.0}
    >>> cells, curves = pd.DataFrame(of | rates), pd.DataFrame(of | courses)
    >>> weights = pd.DataFrame(of | {"center_ms": 500.0, "weight": [0.34, 0.1]})
    >>> figure = cb.plot_eyelid_to_purkinje(cells, curves, curves, weights, {})
    >>> figure.axes[4].get_ylabel()
    'Cell: simple spikes (Hz)'
    """
    isi_ms = float(cell_curves["isi_ms"].to_numpy()[0])
    last_ms = float(cell_curves["time_ms"].to_numpy().max())
    of_cells = _trained(cell_curves)
    of_loop = pd.DataFrame(
        _trained(loop_curves).groupby(["stage", "time_ms"], as_index=False).mean(numeric_only=True)
    )
    with styled():
        figure = new_figure(7.1, 4.4)
        axes = figure.subplots(2, 4).ravel()
        _plot_weights(axes[0], _trained(weights), isi_ms)
        _plot_curve(axes[1], of_loop, "pc_Hz", "Loop: PC (Hz)")
        _plot_curve(axes[2], of_loop, "lid_Hz", "Loop: lid (Hz)")
        _plot_inputs(axes[3], of_cells)
        _plot_curve(axes[4], of_cells, "simple_spikes_Hz", "Cell: simple spikes (Hz)")
        _plot_voltages(axes[5], voltages)
        _plot_calcium(axes[6], of_cells)
        _plot_sessions(axes[7], cells)
        for ax in axes[1:7]:
            ax.axvline(0, color=OTHER_COLOR, linewidth=0.6, linestyle=":")
            ax.axvline(isi_ms, color=OTHER_COLOR, linewidth=0.6, linestyle=":")
            ax.set(xlim=(_FROM_MS, last_ms), xlabel="Time from CS (ms)")
            ax.xaxis.set_major_locator(few_round_ticks(4))
        letter_panels(axes)
        handles, labels = axes[1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def _trained(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[table["zones"] == "trained"]


def _smooth(values: pd.Series) -> np.ndarray:
    """Return a running mean, shorter at both ends."""
    rolling = values.rolling(_SMOOTHED_BINS, center=True, min_periods=1)
    return np.asarray(rolling.mean())


def _plot_weights(ax: Axes, weights: pd.DataFrame, isi_ms: float) -> None:
    for stage, color in _COLORS.items():
        own = weights.loc[weights["stage"] == stage].groupby("center_ms")["weight"].mean()
        ax.plot(own.index, own, color=color)
    ax.axvline(isi_ms, color=OTHER_COLOR, linewidth=0.6, linestyle=":")
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.set(xlabel="Bump center (ms)", ylabel="PF→PC weight, transmission")


def _plot_curve(ax: Axes, curves: pd.DataFrame, column: str, label: str) -> None:
    """Plot a running mean before and after learning."""
    for stage, color in _COLORS.items():
        own = curves.loc[curves["stage"] == stage]
        ax.plot(own["time_ms"], _smooth(own[column]), color=color, label=f"{stage} learning")
    ax.set_ylabel(label)
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))


def _plot_inputs(ax: Axes, curves: pd.DataFrame) -> None:
    """Plot the inputs of the cell relative to their mean before the CS."""
    for stage, color in _COLORS.items():
        own = curves.loc[curves["stage"] == stage]
        rest = own["time_ms"] < 0
        for column, style, name in (("transmitted_Hz", "-", "PF"), ("mli_Hz", "--", "MLI1")):
            relative = own[column] / own.loc[rest, column].mean()
            label = name if stage == "before" else None
            ax.plot(own["time_ms"], _smooth(relative), style, color=color, label=label)
    ax.set(ylabel="Cell: inputs / rest", ylim=(0, 1.6))
    ax.legend(loc="lower left", ncols=2, handlelength=1.6)


def _plot_voltages(ax: Axes, voltages: Mapping[str, Traces]) -> None:
    """Plot the potential of the soma in one trial of each stage, one above the other."""
    for place, (stage, soma_v) in enumerate(voltages.items()):
        shift_mV = -_APART_MV * place
        ax.plot(
            soma_v.times_ms, soma_v.values[:, 0] + shift_mV, color=_COLORS[stage], linewidth=0.4
        )
    ax.plot([_FROM_MS, _FROM_MS], [-20, 30], color="k", linewidth=1.5, clip_on=False)
    ax.annotate("50 mV", (_FROM_MS, 35), fontsize=6)
    ax.set(yticks=[], ylabel="Cell: soma, one trial")
    ax.spines["left"].set_visible(False)


def _plot_calcium(ax: Axes, curves: pd.DataFrame) -> None:
    for stage, color in _COLORS.items():
        own = curves.loc[curves["stage"] == stage]
        mean, sem = (_smooth(own[name]) for name in ("calcium_nM", "calcium_sem_nM"))
        ax.plot(own["time_ms"], mean, color=color)
        ax.fill_between(
            own["time_ms"], mean - sem, mean + sem, color=color, alpha=0.25, linewidth=0
        )
    ax.set_ylabel("Cell: spiny calcium (nM)")
    ax.set_ylim(bottom=0)


def _plot_sessions(ax: Axes, cells: pd.DataFrame) -> None:
    """Plot the rate before the US relative to rest, by session, in loop and cell."""
    ticks, names = [], []
    for level, zones in ((level, zones) for level in _LEVELS for zones in _ZONES):
        x = 2.5 * len(ticks) + np.array([0.0, 1.0])
        own = cells.loc[cells["zones"] == zones]
        change = own[f"{level}before_us_Hz"] - own[f"{level}rest_Hz"]
        means = own.assign(change=change).groupby(["seed", "stage"])["change"].mean().unstack()
        for stage, at in zip(_COLORS, x, strict=True):
            if stage in means:
                ax.plot(np.full(len(means), at), means[stage], ".", color=_COLORS[stage])
        if len(means.columns) == len(x):
            ax.plot(x, means[list(_COLORS)].to_numpy().T, color=OTHER_COLOR, linewidth=0.5)
        ticks.append(x.mean())
        names.append(f"{_LEVELS[level]}\n{_ZONES[zones]}")
    ax.axhline(0, color=OTHER_COLOR, linewidth=0.5, linestyle=":")
    ax.set_xticks(ticks, names)
    ax.set_ylabel("Before the US − rest (Hz)")
