"""Is the loop where theory says it must be? Weights, rates and the prediction together."""

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
from cerebella.olive.theory import predicted_cf_rate, predicted_pair_rate
from cerebella.results.olive_run import OliveRun

LEAST_WAY = 0.05
"""Distance of a mean weight from its end that can be told from its fluctuation."""


def compute_predicted_rate(run: OliveRun) -> float | None:
    """Return the CF rate (Hz) at which the run's rule balances; None without plasticity.

    The rule *pair* balances at a rate that follows that of the PCs, which is taken from the
    last fifth of the run.
    """
    plasticity = run.manifest["parameters"]["plasticity"]
    rule = plasticity["rule"]
    constants = {name: plasticity[name] for name in ("ltp", "ltd", "window_ms")}
    if rule in ("conjunctive", "judged"):
        return predicted_cf_rate(**constants)
    if rule == "pair":
        rates = compute_olive_rates(run, 0.8 * run.duration_ms)
        if {"PC", "PF"} <= set(rates):
            return predicted_pair_rate(rates["PC"], rates["PF"], **constants)
    return None


def compute_weight_means(run: OliveRun, bin_ms: float = BY_10_S_MS) -> list[float]:
    """Return the mean weight in bins of time, each the mean of the samples in it."""
    weights = run.weights
    inside = weights.times_ms < run.duration_ms
    bins = (weights.times_ms[inside] // bin_ms).astype(int)
    n = np.bincount(bins)
    sums = np.bincount(bins, weights=weights.mean[inside])
    return [float(total / count) for total, count in zip(sums, n, strict=True) if count]


class Settling(NamedTuple):
    """How the mean weight of a run settles.

    Attributes
    ----------
    end_weight : mean of the last third of the run.
    time_s : until 1/e of the way to the end is left; NaN if the way is too short to tell.
    """

    end_weight: float
    time_s: float


def compute_settling(run: OliveRun) -> Settling:
    """Return where the mean weight ends, and how long it takes to get there."""
    weights = run.weights
    end = float(weights.mean[weights.times_ms >= 2 / 3 * run.duration_ms].mean())
    way = np.abs(weights.mean - end)
    if way[0] < LEAST_WAY:
        return Settling(end, float("nan"))
    left = way[0] / np.e
    there = int(np.flatnonzero(way <= left)[0])
    pair = [there, there - 1]
    return Settling(end, float(np.interp(left, way[pair], weights.times_ms[pair])) / 1000)


def summarize_olive(run: OliveRun) -> dict[str, Any]:
    """Return what `cerebella analyze --json` prints of a run of the loop.

    Keys: rates_Hz, io_rate_Hz_by_10s, weight_mean_by_10s, predicted_cf_rate_Hz, io_isi_cv,
    io_pair_correlation; None for what the run cannot tell.
    """
    has_io = "IO" in compute_olive_rates(run)
    return {
        "rates_Hz": compute_olive_rates(run),
        "io_rate_Hz_by_10s": compute_rate_over_time(run).rate_Hz.tolist() if has_io else None,
        "weight_mean_by_10s": compute_weight_means(run),
        "predicted_cf_rate_Hz": compute_predicted_rate(run),
        "io_isi_cv": _known(compute_isi_cv(run)) if has_io else None,
        "io_pair_correlation": _known(compute_pair_correlation(run)) if has_io else None,
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
