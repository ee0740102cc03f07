"""The result of an integration of the network, the same for all engines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class NetworkResult:
    """Result of an integration, gathered from all ranks.

    Attributes
    ----------
    times_ms, gids : ndarray, shape (n_spikes,)
        MLI spikes.
    recorded_gids : ndarray of int, shape (n_recorded,)
        Cells whose voltage was recorded, sorted.
    voltage_mV : ndarray of float, shape (n_samples, n_recorded)
        Soma voltage at t = 0 and after each time step.
    gates : ndarray of float, shape (n_samples, n_gates)
        Gates that were requested, at the same times.
    timings_s : dict of str to float
        Times in s of the slowest rank.
    peak_memory_MB : float
        Peak memory in MB of the largest rank.
    ranks : int
        Number of ranks.
    library : str
        Key of the compiled mechanisms.
    """

    times_ms: npt.NDArray[np.float64]
    gids: npt.NDArray[np.int64]
    recorded_gids: npt.NDArray[np.int64]
    voltage_mV: npt.NDArray[np.float64]
    gates: npt.NDArray[np.float64]
    timings_s: dict[str, float]
    peak_memory_MB: float
    ranks: int = 1
    library: str = ""
