"""Analysis of the published NPZ files of the loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from cerebella.analysis.olive_rates import BY_10_S_MS
from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.results.olive_npz import BinnedSpikes
from cerebella.results.spikes import Window
from cerebella.runs.run import Run

LEFT_OUT = {
    "predicted_cf_rate_Hz": "the file does not contain the constants of plasticity",
    "io_isi_cv": "the file contains binned counts instead of spike times",
    "io_pair_correlation": "the file does not contain the zones of cells",
    "weight_mean_by_10s": "the file contains the weights of some synapses, not the mean of all",
}
"""Keys of `summarize_olive` that cannot be computed from an NPZ file, and the reason."""


def summarize_counts(counts: BinnedSpikes) -> dict[str, Any]:
    """Summarize a published NPZ file, as printed by ``cerebella analyze --json``.

    Parameters
    ----------
    counts : BinnedSpikes
        Contents of the file.

    Returns
    -------
    dict of str to object
        ``rates_Hz``, ``io_rate_Hz_by_10s`` (None without IO), ``recorded_weights``, ``bin_ms``
        and ``left_out``.
    """
    weights = counts.weights
    means = weights.mean(axis=1) if weights.size else np.full(2, np.nan)
    return {
        "rates_Hz": counts.rates_Hz,
        "io_rate_Hz_by_10s": _io_rate_by_10_s(counts),
        "recorded_weights": {
            "n_synapses": weights.shape[1],
            "mean_at_start": float(means[0]),
            "mean_at_end": float(means[-1]),
        }
        if weights.size
        else None,
        "bin_ms": counts.bin_ms,
        "left_out": LEFT_OUT,
    }


def compute_rates_of_counts(run: Run, window_ms: Window) -> dict[str, float]:
    """Compute the mean rate of each recorded population in a window of whole bins.

    Parameters
    ----------
    run : Run
        Run loaded from a published file of spike counts.
    window_ms : tuple of float
        Start and stop in ms.

    Returns
    -------
    dict of str to float
        Rates in Hz by population.

    Raises
    ------
    InputError
        If the window exceeds the file or does not consist of whole bins.
    """
    counts: BinnedSpikes = run.require("binned")
    check_window(window_ms, counts.duration_ms)
    edges = np.array(window_ms) / counts.bin_ms
    first, last = np.rint(edges).astype(int)
    if np.abs(edges - (first, last)).max() > 1e-6:
        raise InputError(
            f"window {window_ms[0]:g}-{window_ms[1]:g} ms is not aligned with bins of "
            f"{counts.bin_ms:g} ms",
            file=run.path,
            remedy=f"Give multiples of {counts.bin_ms:g} ms",
        )
    return {
        name: float(values[first:last].mean() * 1000 / counts.bin_ms)
        for name, values in counts.counts.items()
        if values.size
    }


def _io_rate_by_10_s(counts: BinnedSpikes) -> list[float] | None:
    io = counts.counts.get("IO")
    if io is None or not io.size:
        return None
    starts = np.arange(0, len(io), max(1, round(BY_10_S_MS / counts.bin_ms)))
    n_bins = np.diff(np.append(starts, len(io)))
    by_bin = np.add.reduceat(io.mean(axis=1), starts) / n_bins
    return (by_bin * 1000 / counts.bin_ms).tolist()
