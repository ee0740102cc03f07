"""Climbing-fiber synchrony levels of the published protocol (park2026).

In level n, the first n CFs of the joining order fire synchronously, in addition to the
background CFs. The others are silent, which the tables encode by adding 10 000 ms to their time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cerebella.network.network import SILENT_FROM_MS
from cerebella.parameters.mli_network import MLINetworkParameters

FloatArray = npt.NDArray[np.float64]


def generate_cf_times(n_cf: int, parameters: MLINetworkParameters) -> dict[int, FloatArray]:
    """Generate the CF times of every synchrony level.

    Parameters
    ----------
    n_cf : int
        Number of CFs.
    parameters : MLINetworkParameters
        Published times and the order in which CFs join.

    Returns
    -------
    dict of int to ndarray of float, shape (n_cf,)
        Times in ms by level, from 0 to the number of synchronous CFs.
    """
    template = _template_index(n_cf, parameters)
    baseline_ms = np.array(parameters.cf_times_ms)[template]
    return {
        level: _times_of_level(level, template, baseline_ms, parameters)
        for level in range(len(parameters.cf_joining_order) + 1)
    }


def derive_missing_levels(
    tables: Mapping[int, FloatArray], parameters: MLINetworkParameters
) -> dict[int, FloatArray]:
    """Derive the levels missing from a set of tables, using the times in these tables.

    Parameters
    ----------
    tables : mapping of int to ndarray of float, shape (n_cf,)
        CF times in ms of at least one level.
    parameters : MLINetworkParameters
        Order in which CFs join.

    Returns
    -------
    dict of int to ndarray of float, shape (n_cf,)
        Missing levels; empty if the tables do not follow the joining order, since the next CF
        to join is then unknown.
    """
    stacked = np.stack([tables[level] for level in sorted(tables)])
    # Adding 10 000 ms loses the last digits of a time, so unshifted times are preferred.
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
    """Return the index of the published time assigned to each CF, shape (n_cf,)."""
    return np.arange(n_cf) * len(parameters.cf_times_ms) // max(n_cf, 1)


def _times_of_level(
    level: int,
    template: npt.NDArray[np.int64],
    baseline_ms: FloatArray,
    parameters: MLINetworkParameters,
) -> FloatArray:
    silent = np.isin(template, parameters.cf_joining_order[level:])
    return np.where(silent, baseline_ms + SILENT_FROM_MS, baseline_ms)
