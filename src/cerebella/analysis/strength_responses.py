"""Measures of stored responses to climbing fibers (CF) of several strengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_threshold import CFThreshold, cf_scale_of_strength
from cerebella.analysis.level_statistics import LEVEL
from cerebella.analysis.soma_spikes import (
    compute_complex_spike,
    compute_simple_spikes,
    compute_spike_times,
    simple_spike_window,
)
from cerebella.morphology.compartments import compute_compartments
from cerebella.results.traces import Traces

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]

CELL, STRENGTH = "cell", "strength"


class StoredResponses(NamedTuple):
    """Responses of a cell in one trial, at levels of synchrony and strengths of the CF.

    Attributes
    ----------
    times_ms : ndarray of float, shape (n_samples,)
        Times of the potential of the soma.
    before_mV : ndarray of float32, shape (n_levels, n_before)
        Potential of the soma before the window of the complex spike, which strengths share.
    soma_mV : ndarray of float32, shape (n_levels, n_strengths, n_samples - n_before)
        Potential of the soma in that window.
    recruited : ndarray of bool, shape (n_levels, n_strengths, n_compartments)
        Whether each compartment was recruited.
    calcium_nM : ndarray of float32, shape (n_levels, n_strengths, n_spiny)
        Mean calcium of each spiny compartment after the CF.
    """

    times_ms: npt.NDArray[np.float64]
    before_mV: FloatArray
    soma_mV: FloatArray
    recruited: BoolArray
    calcium_nM: FloatArray


def measure_responses(
    found: CFThreshold,
    stored: StoredResponses,
    cf_time_ms: float,
    levels: Sequence[int],
    strengths: Sequence[float],
) -> pd.DataFrame:
    """Measure the responses of a cell in one trial.

    Parameters
    ----------
    found : CFThreshold
        Thresholds of the cell.
    stored : StoredResponses
        Its responses.
    cf_time_ms : float
        Time of the CF in ms.
    levels, strengths : sequence of float
        Levels of synchrony and strengths of the responses.

    Returns
    -------
    pandas.DataFrame
        One row for each level and strength. ``recruitment`` is the share of the territories that
        is recruited, by membrane; ``calcium_mean_nM`` is weighted by membrane, too.
    """
    import pandas as pd

    compartments = compute_compartments(found.morphology)
    spiny = compartments.of("spiny")
    weight = compartments.area_um2[spiny] / compartments.area_um2[spiny].sum()
    shares = np.array([one.share for one in found.territories])
    of_territories = recruited_territories(found, stored.recruited)
    n_before = stored.before_mV.shape[1]
    rows = []
    for i, level in enumerate(levels):
        before = _soma(stored.times_ms[:n_before], stored.before_mV[i])
        window = simple_spike_window(cf_time_ms, float(stored.times_ms[-1]))
        simple = compute_simple_spikes(compute_spike_times(before), window)
        for j, strength in enumerate(strengths):
            soma = _soma(stored.times_ms[n_before:], stored.soma_mV[i, j])
            spike = compute_complex_spike(soma, cf_time_ms)
            assert spike is not None
            rows.append(
                {
                    CELL: found.morphology.name,
                    STRENGTH: strength,
                    "cf_scale": cf_scale_of_strength(strength, found.main_threshold),
                    LEVEL: level,
                    "simple_spike_rate_Hz": simple.rate_Hz,
                    "n_spikelets": float(spike.n_spikelets),
                    "width_ms": spike.width_ms,
                    "calcium_mean_nM": float(stored.calcium_nM[i, j] @ weight),
                    "recruited_membrane": float(stored.recruited[i, j, spiny] @ weight),
                    "recruitment": float(of_territories[i, j] @ shares / shares.sum())
                    if len(shares)
                    else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _soma(times_ms: npt.NDArray[np.float64], values_mV: FloatArray) -> Traces:
    return Traces(
        times_ms, values_mV[:, np.newaxis], np.array([0]), np.array(["soma"]), np.array([0.5])
    )


def recruited_territories(found: CFThreshold, recruited: BoolArray) -> BoolArray:
    """Return whether at least half of the membrane of each territory is recruited.

    Parameters
    ----------
    found : CFThreshold
        Thresholds of the cell.
    recruited : ndarray of bool, shape (..., n_compartments)
        Whether each compartment is recruited.

    Returns
    -------
    ndarray of bool, shape (..., n_territories)
    """
    area = compute_compartments(found.morphology).area_um2
    shares = [
        recruited[..., one.compartments] @ area[one.compartments] / area[one.compartments].sum()
        for one in found.territories
    ]
    return np.stack(shares, axis=-1) >= 0.5 if shares else recruited[..., :0]


def tabulate_events(
    found: CFThreshold,
    stored: StoredResponses,
    levels: Sequence[int],
    strengths: Sequence[float],
) -> pd.DataFrame:
    """Return whether each territory of a cell was recruited in one trial.

    Parameters
    ----------
    found, stored, levels, strengths
        See `measure_responses`.

    Returns
    -------
    pandas.DataFrame
        One row for each territory, level and strength.
    """
    import pandas as pd

    recruited = recruited_territories(found, stored.recruited)
    level, strength, territory = np.indices(recruited.shape).reshape(3, -1)
    of = found.territories
    return pd.DataFrame(
        {
            CELL: found.morphology.name,
            "territory": territory + 1,
            "threshold": np.array([one.threshold for one in of])[territory],
            "spiny_share": np.array([one.share for one in of])[territory],
            STRENGTH: np.array(strengths)[strength],
            LEVEL: np.array(levels)[level],
            "recruited": recruited.ravel(),
        }
    )
