"""Calcium in the spiny dendrite of a Purkinje cell (purkinje-cell specification, section 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.rates import Window
from cerebella.analysis.soma_spikes import CF_TIME_MS, covers, window_around
from cerebella.errors import InputError
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.traces import Traces

MAX_DIAMETER_UM = 1.5
"""Spiny compartments below this diameter are analyzed."""

CALCIUM_WINDOW_MS: Window = (-1.7, 28.3)
"""Relative to the climbing fiber: 150-180 ms with the fiber at 151.7 ms."""

DENDRITIC_SPIKE_MM = 5e-3
"""A compartment whose calcium reaches this had a dendritic spike."""

NM_PER_MM = 1e6

_SAMPLE_TOLERANCE_MS = 1e-6  # times that were summed up step by step are off by less


class SpinyCalcium(NamedTuple):
    """Mean calcium of the spiny dendrite over time.

    Attributes
    ----------
    times_ms : (n_samples,)
    mean_nM : (n_samples,) mean over the compartments, each counting once.
    n_compartments : how many were averaged.
    """

    times_ms: npt.NDArray[np.float64]
    mean_nM: npt.NDArray[np.float64]
    n_compartments: int


def compute_spiny_mask(sites: RecordingSites) -> npt.NDArray[np.bool_]:
    """Return which compartments are analyzed: spiny, below 1.5 µm, off the soma.

    In the traced cell, 1895 of the 2356 spiny compartments are thinner and 58 measure 1.5 µm.
    The published count, 1901, holds six of the latter, whose computed diameters are less by a
    rounding error; published files of calcium hold those diameters, and there it is found again.
    """
    return (
        (sites.regions == "spiny")
        & (sites.diameters_um < MAX_DIAMETER_UM)
        & (sites.path_distances_um > 0)
    )


def compute_spiny_calcium(calcium: Traces, sites: RecordingSites) -> SpinyCalcium:
    """Return the mean calcium of the spiny dendrite over time.

    Parameters
    ----------
    calcium : calcium in mM of all compartments.
    sites : of the columns of `calcium`.

    Raises
    ------
    InputError : the sites are not those of the traces, or none of them is analyzed.
    """
    values = _spiny_values(calcium, sites)
    mean_nM = values.mean(axis=1, dtype=np.float64) * NM_PER_MM
    return SpinyCalcium(calcium.times_ms, mean_nM, values.shape[1])


def compute_calcium_mean_nM(spiny: SpinyCalcium, cf_time_ms: float = CF_TIME_MS) -> float:
    """Return the mean over compartments and over `CALCIUM_WINDOW_MS`; NaN if cut short."""
    inside = _inside(spiny.times_ms, window_around(cf_time_ms, CALCIUM_WINDOW_MS))
    return float(spiny.mean_nM[inside].mean()) if inside is not None else np.nan


def compute_spike_spread(
    calcium: Traces, sites: RecordingSites, cf_time_ms: float = CF_TIME_MS
) -> int | None:
    """Return how many spiny compartments reach 5 µM in `CALCIUM_WINDOW_MS`; None if cut short."""
    values = _spiny_values(calcium, sites)
    inside = _inside(calcium.times_ms, window_around(cf_time_ms, CALCIUM_WINDOW_MS))
    if inside is None:
        return None
    return int((values[inside].max(axis=0) >= DENDRITIC_SPIKE_MM).sum())


def _spiny_values(calcium: Traces, sites: RecordingSites) -> npt.NDArray[np.floating]:
    """Return (n_samples, n_compartments) calcium (mM) of the compartments analyzed."""
    if not sites.fit(calcium):
        raise InputError(
            "the compartments are not those that calcium was recorded in",
            remedy="Give the morphology of the same run",
        )
    mask = compute_spiny_mask(sites)
    if not mask.any():
        raise InputError(
            f"no spiny compartment is thinner than {MAX_DIAMETER_UM:g} µm",
            remedy="Check the regions and diameters of the morphology",
        )
    return calcium.values[:, mask]


def _inside(times_ms: npt.NDArray[np.float64], window_ms: Window) -> slice | None:
    """Return the samples with start <= t < stop, None if some are missing."""
    if not covers(times_ms, window_ms):
        return None
    return slice(*np.searchsorted(times_ms, np.array(window_ms) - _SAMPLE_TOLERANCE_MS))
