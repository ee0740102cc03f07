"""Climbing-fiber synchrony levels: which CFs fire when (mli-network specification §8.1).

In level n, the first n CFs of the joining order fire together with the background CFs; the
others are silent, which the tables say by adding 10 000 ms to their time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cerebella.network.network import SILENT_FROM_MS
from cerebella.parameters.mli_network import MLINetworkParameters

FloatArray = npt.NDArray[np.float64]


def generate_cf_times(n_cf: int, parameters: MLINetworkParameters) -> dict[int, FloatArray]:
    """Return the times (n_cf,) in ms of all CFs for every level, from 0 to all synchronous CFs."""
    template = _template_index(n_cf, parameters)
    baseline_ms = np.array(parameters.cf_times_ms)[template]
    return {
        level: _times_of_level(level, template, baseline_ms, parameters)
        for level in range(len(parameters.cf_joining_order) + 1)
    }


def derive_missing_levels(
    tables: Mapping[int, FloatArray], parameters: MLINetworkParameters
) -> dict[int, FloatArray]:
    """Levels that the given tables lack, with the times that the given tables have.

    Empty if the tables do not follow the joining order: then nobody can say who joins next.

    Parameters
    ----------
    tables : for at least one level the time (n_cf,) in ms of every CF.
    """
    stacked = np.stack([tables[level] for level in sorted(tables)])
    # 10 000 ms cost a time its last digits, so a time that was never shifted is preferred.
    lowest = stacked.min(axis=0)
    baseline_ms = np.where(lowest >= SILENT_FROM_MS, lowest - SILENT_FROM_MS, lowest)
    template = _template_index(len(baseline_ms), parameters)
    levels = {
        level: _times_of_level(level, template, baseline_ms, parameters)
        for level in range(len(parameters.cf_joining_order) + 1)
    }
    for level, times in tables.items():
        expected = levels.get(level)
        if expected is None or not np.allclose(times, expected, rtol=0, atol=1e-6):
            return {}
    return {level: times for level, times in levels.items() if level not in tables}


def _template_index(n_cf: int, parameters: MLINetworkParameters) -> npt.NDArray[np.int64]:
    """Which entry of the published times each CF takes: (n_cf,)."""
    return np.arange(n_cf) * len(parameters.cf_times_ms) // max(n_cf, 1)


def _times_of_level(
    level: int,
    template: npt.NDArray[np.int64],
    baseline_ms: FloatArray,
    parameters: MLINetworkParameters,
) -> FloatArray:
    silent = np.isin(template, parameters.cf_joining_order[level:])
    return np.where(silent, baseline_ms + SILENT_FROM_MS, baseline_ms)
