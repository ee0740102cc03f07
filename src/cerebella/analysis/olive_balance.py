"""Balance of the loop: weights and rates, compared with the prediction of the theory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cerebella.analysis.olive_rates import (
    BY_10_S_MS,
    compute_isi_cv,
    compute_olive_rates,
    compute_pair_correlation,
    compute_rate_over_time,
)
from cerebella.olive.rules.table import RULES
from cerebella.parameters.olive_simulation import PlasticityParameters
from cerebella.runs.run import Run

SMALLEST_DISTANCE = 0.05
"""Smallest distance of the mean weight from its final value that exceeds its fluctuation."""


def compute_predicted_rate(run: Run) -> float | None:
    """Compute the CF rate at which the plasticity rule of a run is balanced.

    Parameters
    ----------
    run : Run
        Run of the loop.

    Returns
    -------
    float or None
        Rate in Hz; None without plasticity, or if the source does not hold the parameters.

    Notes
    -----
    For the rule *pair*, the balanced rate depends on the rate of the PCs, which is measured in
    the last fifth of the run.
    """
    if run.parameters is None:
        return None
    plasticity: PlasticityParameters = run.parameters.plasticity  # type: ignore[attr-defined]
    if plasticity.rule == "own":
        return run.manifest.get("predicted_cf_rate_Hz")
    return RULES[plasticity.rule].predicted_rate(
        plasticity, lambda: compute_olive_rates(run, 0.8 * run.duration_ms)
    )


def compute_weight_means(run: Run, bin_ms: float = BY_10_S_MS) -> list[float]:
    """Average the mean weight in time bins.

    Parameters
    ----------
    run : Run
        Run of the loop.
    bin_ms : float, default 10 000
        Bin width in ms.

    Returns
    -------
    list of float
        Mean over the samples in each bin.
    """
    weights = run.weights
    inside = weights.times_ms < run.duration_ms
    bins = (weights.times_ms[inside] // bin_ms).astype(int)
    n = np.bincount(bins)
    sums = np.bincount(bins, weights=weights.mean[inside])
    return [float(total / count) for total, count in zip(sums, n, strict=True) if count]


TIME_CONSTANTS_TO_SETTLE = 4.0


class Settling(NamedTuple):
    """Convergence of the mean weight of a run.

    Attributes
    ----------
    end_weight : float
        Mean over the last third of the run.
    time_s : float
        Time in s until the distance to `end_weight` has dropped to 1/e; NaN if the initial
        distance does not exceed the fluctuation.
    is_settled : bool
        Whether the last third begins after `TIME_CONSTANTS_TO_SETTLE` such times, so that less
        than 2 % of the initial distance remains.
    """

    end_weight: float
    time_s: float
    is_settled: bool


def compute_settling(run: Run) -> Settling:
    """Compute the final mean weight and the time constant of its convergence.

    Parameters
    ----------
    run : Run
        Run of the loop.

    Returns
    -------
    Settling
    """
    weights = run.weights
    end = float(weights.mean[weights.times_ms >= 2 / 3 * run.duration_ms].mean())
    distance = np.abs(weights.mean - end)
    if distance[0] < SMALLEST_DISTANCE:
        return Settling(end, float("nan"), is_settled=True)
    threshold = distance[0] / np.e
    reached = int(np.flatnonzero(distance <= threshold)[0])
    pair = [reached, reached - 1]
    time_ms = float(np.interp(threshold, distance[pair], weights.times_ms[pair]))
    is_settled = TIME_CONSTANTS_TO_SETTLE * time_ms <= 2 / 3 * run.duration_ms
    return Settling(end, time_ms / 1000, is_settled)


def summarize_olive(run: Run) -> dict[str, Any]:
    """Summarize a run of the loop, as printed by ``cerebella analyze --json``.

    Parameters
    ----------
    run : Run
        Run of the loop.

    Returns
    -------
    dict of str to object
        ``rates_Hz``, ``io_rate_Hz_by_10s``, ``weight_mean_by_10s``, ``predicted_cf_rate_Hz``,
        ``io_isi_cv`` and ``io_pair_correlation``; None where undefined or not in the source.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> populations = (cb.Population("DCN", 0, 1), cb.Population("IO", 1, 2))
    >>> spikes = cb.SpikeTrains([100, 102, 400, 700, 703], [1, 2, 1, 1, 2], populations, 1000)
    >>> weights = SimpleNamespace(times_ms=np.arange(0, 1000, 100), mean=np.full(10, 0.5))
    >>> plasticity = {"rule": "conjunctive", "ltp": 0.001, "ltd": 0.015, "window_ms": 100}
    >>> manifest = {"kind": "olive", "parameters": {"plasticity": plasticity}}
    >>> summary = cb.summarize_olive(cb.Run(manifest, spikes=spikes, weights=weights))
    >>> summary["rates_Hz"], summary["predicted_cf_rate_Hz"], summary["weight_mean_by_10s"]
    ({'DCN': 0.0, 'IO': 2.5}, 0.625, [0.5])
    """
    has_io = "IO" in compute_olive_rates(run)
    return {
        "rates_Hz": compute_olive_rates(run),
        "io_rate_Hz_by_10s": compute_rate_over_time(run).rate_Hz.tolist() if has_io else None,
        "weight_mean_by_10s": None if run.weights is None else compute_weight_means(run),
        "predicted_cf_rate_Hz": compute_predicted_rate(run),
        "io_isi_cv": _known(compute_isi_cv(run)) if has_io else None,
        "io_pair_correlation": _known(compute_pair_correlation(run)) if has_io else None,
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
