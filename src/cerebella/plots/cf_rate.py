"""Figures of the CF rate: measured against predicted rates, recovery, and settling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from cerebella.analysis.olive_rates import compute_rate_over_time
from cerebella.olive.perturbation_grammar import stored_perturbations
from cerebella.plots.style import axes_to_draw_on, color_of, few_round_ticks
from cerebella.runs.run import Run

_PREDICTED = "#009988"
_CONTOURS_Hz = (0.25, 0.5, 1, 2, 4, 8)
_COLORS = ("#cc3311", "#0077bb", "#222222", "#999933", "#aa4499", "#117733")


def plot_cf_rate(
    predicted_Hz: Sequence[float],
    measured_Hz: Sequence[Sequence[float]],
    ax: Axes | None = None,
) -> Axes:
    """Plot measured against predicted rates, with the identity line.

    Parameters
    ----------
    predicted_Hz : sequence of float, length n_cases
        Predicted rates in Hz.
    measured_Hz : sequence of sequence of float
        Measured rates in Hz, by case and seed.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
    """
    with axes_to_draw_on(ax) as ax:
        top = 1.15 * max(predicted_Hz)
        ax.plot([0, top], [0, top], color=_PREDICTED, linestyle="--", label="predicted")
        for number, (x, rates) in enumerate(zip(predicted_Hz, measured_Hz, strict=True)):
            ax.plot(
                [x] * len(rates),
                rates,
                "o",
                color=color_of("IO"),
                markersize=3.5,
                markerfacecolor="none",
                label=None if number else "measured, by seed",
            )
        ax.set_xlim(0, top)
        ax.set_ylim(0, top)
        _label(ax, "Predicted IO rate (Hz)", "Measured IO rate (Hz)")
        ax.legend(loc="upper left")
    return ax


def plot_rate_map(
    ratios: npt.ArrayLike,
    windows_ms: npt.ArrayLike,
    predicted_Hz: npt.ArrayLike,
    measured_Hz: npt.ArrayLike,
    ax: Axes | None = None,
) -> Axes:
    """Plot the difference between measured and predicted rates over a grid, with the rates.

    Parameters
    ----------
    ratios : array_like of float, shape (n,)
        Ratios LTP/LTD, ascending.
    windows_ms : array_like of float, shape (m,)
        Plasticity windows in ms, ascending.
    predicted_Hz, measured_Hz : array_like of float, shape (m, n)
        Rates in Hz.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
    """
    predicted = np.asarray(predicted_Hz, dtype=float)
    percent = 100 * (np.asarray(measured_Hz) / predicted - 1)
    most = float(np.abs(percent).max()) or 1.0
    with axes_to_draw_on(ax) as ax:
        image = ax.pcolormesh(
            np.asarray(ratios), np.asarray(windows_ms), percent, cmap="RdBu_r", vmin=-most,
            vmax=most, shading="nearest", rasterized=True,
        )  # fmt: skip
        lines = ax.contour(
            ratios, windows_ms, predicted, _CONTOURS_Hz, colors="#222222", linewidths=0.6
        )
        ax.clabel(lines, fmt=lambda rate: f"{rate:g} Hz", fontsize=5)
        ax.set_xscale("log")
        ticks = [tick for tick in (0.02, 0.05, 0.1, 0.2, 0.5, 1) if _in_range(tick, ratios)]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.set_xlabel("LTP / LTD")
        ax.set_ylabel("Plasticity window (ms)")
        ax.figure.colorbar(image, ax=ax, label="Measured − predicted (%)")
    return ax


def _in_range(value: float, values: npt.ArrayLike) -> bool:
    """Return whether a value lies within the range of others."""
    return bool(np.min(values) <= value <= np.max(values))


def plot_recovery(
    runs: Mapping[str, Sequence[Run]], bin_ms: float = 20_000.0, ax: Axes | None = None
) -> Axes:
    """Plot the recovery of the IO rate after lasting perturbations, averaged over seeds.

    Parameters
    ----------
    runs : mapping of str to sequence of Run
        Perturbed runs of all seeds, by case.
    bin_ms : float, default 20 000
        Bin width of the rate in ms.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
    """
    with axes_to_draw_on(ax) as ax:
        for of_case, color in zip(runs.values(), cycle(_COLORS)):
            rates = [compute_rate_over_time(run, "IO", bin_ms) for run in of_case]
            mean = np.mean([rate.rate_Hz for rate in rates], axis=0)
            edges = np.append(rates[0].start_ms, of_case[0].duration_ms) / 1000
            perturbations = stored_perturbations(of_case[0].manifest)
            label = ", ".join(one.change for one in perturbations)
            ax.stairs(mean, edges, baseline=None, color=color, label=label)
            ax.axvline(
                perturbations[0].time_ms / 1000,
                ymax=0.78,
                color="#999999",
                linestyle=":",
                linewidth=0.6,
            )
        ax.axhline(1.0, color=_PREDICTED, linestyle="--")
        ax.set_ylim(0, (1.15 + 0.12 * len(runs)) * ax.get_ylim()[1])
        _label(ax, "Time (s)", "IO rate (Hz)")
        ax.legend(loc="upper right", ncols=2, columnspacing=1.0, handlelength=1.2)
    return ax


def plot_settling(
    runs: Mapping[str, Sequence[Run]],
    predicted_s: Sequence[float],
    predicted_weight: Sequence[float],
    ax: Axes | None = None,
) -> Axes:
    """Plot the convergence of mean weights, with the predicted time constants.

    Parameters
    ----------
    runs : mapping of str to sequence of Run
        Runs of all seeds, by initial weight.
    predicted_s : sequence of float
        Predicted time constant for each initial weight in s.
    predicted_weight : sequence of float
        Predicted final weight for each initial weight.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
    """
    with axes_to_draw_on(ax) as ax:
        for (label, of_start), color in zip(runs.items(), cycle(_COLORS)):
            for number, run in enumerate(of_start):
                weights = run.weights
                ax.plot(
                    weights.times_ms / 1000,
                    weights.mean,
                    color=color,
                    linewidth=0.6,
                    label=None if number else f"{label}, one seed each",
                )
        for number, (of_start, time_s, end) in enumerate(
            zip(runs.values(), predicted_s, predicted_weight, strict=True)
        ):
            left = (of_start[0].weights.mean[0] - end) / np.e
            ax.plot(
                time_s,
                end + left,
                "o",
                color=_PREDICTED,
                markersize=4.5,
                label=None if number else "predicted, 1/e left",
            )
        ax.set_ylim(0, 1.35 * ax.get_ylim()[1])
        _label(ax, "Time (s)", "Mean PF→PC weight")
        ax.legend(loc="upper right")
    return ax


def _label(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.xaxis.set_major_locator(few_round_ticks(5))
    ax.yaxis.set_major_locator(few_round_ticks(5))
