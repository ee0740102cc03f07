"""Measures of the loop and of the detailed cell around the CS, before and after learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.conditioning import bin_times_ms
from cerebella.analysis.paired import compute_paired_difference
from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.analysis.reduced_calcium import read_reduced_calcium
from cerebella.experiments.eyelid.measures import EyelidMeasures
from cerebella.experiments.eyelid_to_purkinje.drive import (
    AFTER,
    BEFORE,
    BEFORE_CS_MS,
    STAGES,
    ZONES,
    CellTrial,
)
from cerebella.experiments.eyelid_to_purkinje.tasks import cf_times_of, evoked_cf_ms
from cerebella.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

REST_MS, BEFORE_US_MS = (-250.0, 0.0), 100.0
"""Window of rest, relative to the CS, and duration of the window before the US."""

CF_PAUSE_MS = 100.0
"""Time from a CF spike in which spikes are no simple spikes: complex spike and pause after it."""

LABELS = {
    "loop_rest_Hz": "Loop: PC at rest (Hz)",
    "loop_before_us_Hz": "Loop: PC before the US (Hz)",
    "transmitted_before_us_Hz": "Transmitted PF spikes before the US (Hz, each contact)",
    "mli_before_us_Hz": "MLI1 before the US (Hz)",
    "rest_Hz": "Simple spikes at rest (Hz)",
    "before_us_Hz": "Simple spikes before the US (Hz)",
    "change_Hz": "Simple spikes before the US minus rest (Hz)",
    "longest_interval_ms": "Longest interval before the US (ms)",
    "cf_evoked": "P(CF within 60 ms of the US)",
    "n_spikelets": "Spikelets of the evoked complex spike",
    "width_ms": "Width of the evoked complex spike (ms)",
    "pause_ms": "Pause after the evoked complex spike (ms)",
    "calcium_rest_nM": "Spiny calcium at rest (nM)",
    "calcium_before_us_nM": "Spiny calcium before the US (nM)",
    "calcium_evoked_nM": "Spiny calcium after an evoked CF (nM)",
    "n_above_5uM": "Compartments reaching 5 µM after an evoked CF",
}
"""Measures by the names of their columns."""


def measure_cell(run: Run, cell: CellTrial, of_loop: EyelidMeasures) -> dict[str, float]:
    """Return the measures of a cell and of its zones in the loop, by the names of `LABELS`.

    Parameters
    ----------
    run : Run
        Run of the cell.
    cell : CellTrial
        Its trial.
    of_loop : EyelidMeasures
        Measures of the session.

    Returns
    -------
    dict of str to float
        NaN where a measure is not defined.
    """
    isi_ms = of_loop.one.case.isi_ms
    before_us = (isi_ms - BEFORE_US_MS, isi_ms)
    cf_ms = cf_times_of(run)
    evoked_ms = evoked_cf_ms(cf_ms.tolist(), isi_ms)
    later = cf_ms[cf_ms > evoked_ms] if evoked_ms is not None else cf_ms[:0]
    summary = compute_purkinje_summary(
        run, cf_time_ms=evoked_ms, next_cf_ms=float(later[0]) if len(later) else None
    )
    response = summary.response
    spikes_ms = response.spike_times_ms - BEFORE_CS_MS
    rest_Hz = _simple_rate_Hz(spikes_ms, cf_ms - BEFORE_CS_MS, REST_MS)
    before_Hz = _simple_rate_Hz(spikes_ms, cf_ms - BEFORE_CS_MS, before_us)
    complex_spike = None if evoked_ms is None else response.complex_spike
    calcium, spread = read_reduced_calcium(run.traces)
    calcium_nM = _mean_in(calcium.times_ms - BEFORE_CS_MS, calcium.mean_nM)
    undisturbed = not (
        (cf_ms > -CF_PAUSE_MS + BEFORE_CS_MS) & (cf_ms < BEFORE_CS_MS + isi_ms)
    ).any()
    return {
        **_of_zones(of_loop, cell, before_us),
        "transmitted_before_us_Hz": _rate_Hz(run, "PF", before_us),
        "mli_before_us_Hz": _rate_Hz(run, "MLI1", before_us),
        "rest_Hz": rest_Hz,
        "before_us_Hz": before_Hz,
        "change_Hz": before_Hz - rest_Hz,
        "longest_interval_ms": _longest_interval_ms(spikes_ms, before_us)
        if undisturbed
        else np.nan,
        "cf_evoked": float(evoked_ms is not None),
        "n_spikelets": complex_spike.n_spikelets if complex_spike else np.nan,
        "width_ms": complex_spike.width_ms if complex_spike else np.nan,
        "pause_ms": response.pause_ms if complex_spike else np.nan,
        "calcium_rest_nM": calcium_nM(REST_MS),
        "calcium_before_us_nM": calcium_nM(before_us),
        "calcium_evoked_nM": response.calcium_mean_nM if complex_spike else np.nan,
        "n_above_5uM": np.nan if spread is None else float(spread),
    }


def _of_zones(of_loop: EyelidMeasures, cell: CellTrial, before_us: tuple[float, float]) -> Any:
    """Return the rates of the recorded PCs of all zones with or without US in the same trial."""
    trials = of_loop.one.session.trials
    number = trials.index(cell.trial_in(of_loop.one.session))
    responses = of_loop.trained if cell.zones == "trained" else of_loop.untrained
    mean_Hz = _mean_in(bin_times_ms(), responses.pc_Hz[number])
    return {"loop_rest_Hz": mean_Hz(REST_MS), "loop_before_us_Hz": mean_Hz(before_us)}


def _mean_in(times_ms: Floats, values: Floats) -> Any:
    """Return the function from a window to the mean of values in it."""

    def mean(window_ms: tuple[float, float]) -> float:
        inside = (times_ms >= window_ms[0]) & (times_ms < window_ms[1])
        return float(values[inside].mean())

    return mean


def _rate_Hz(run: Run, population: str, window_ms: tuple[float, float]) -> float:
    """Return the mean rate of the cells of a population that drives the cell."""
    spikes = run.spikes.of(population)
    inside = spikes.between(window_ms[0] + BEFORE_CS_MS, window_ms[1] + BEFORE_CS_MS)
    n_cells = spikes.populations[0].n_cells
    return len(inside) * 1000 / (window_ms[1] - window_ms[0]) / n_cells


def is_simple(times_ms: Floats, cf_ms: Floats) -> npt.NDArray[np.bool_]:
    """Return whether times are not within `CF_PAUSE_MS` after a CF spike.

    Parameters
    ----------
    times_ms : ndarray of float, shape (n,)
        Times in ms.
    cf_ms : ndarray of float, shape (n_cf,)
        CF spikes in ms.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    since = times_ms[:, None] - cf_ms
    return ((since >= 0) & (since < CF_PAUSE_MS)).sum(axis=1) == 0


def _simple_rate_Hz(spikes_ms: Floats, cf_ms: Floats, window_ms: tuple[float, float]) -> float:
    """Return the rate of simple spikes in the part of a window that CF spikes do not affect.

    It is NaN if that is less than half of the window.
    """
    grid_ms = np.arange(*window_ms) + 0.5
    free_ms = float(is_simple(grid_ms, cf_ms).sum())
    if free_ms < (window_ms[1] - window_ms[0]) / 2:
        return np.nan
    inside = spikes_ms[(spikes_ms >= window_ms[0]) & (spikes_ms < window_ms[1])]
    return float(is_simple(inside, cf_ms).sum()) * 1000 / free_ms


def _longest_interval_ms(spikes_ms: Floats, window_ms: tuple[float, float]) -> float:
    """Return the longest interval between successive spikes that overlaps a window."""
    first, last = spikes_ms[:-1], spikes_ms[1:]
    overlaps = (last > window_ms[0]) & (first < window_ms[1])
    return float((last - first)[overlaps].max()) if overlaps.any() else np.nan


def summarize_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Compare each measure before and after learning, with sessions as the unit.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row for each cell and trial: ``seed``, ``stage``, ``zones`` and the measures.

    Returns
    -------
    pandas.DataFrame
        One row for each measure and kind of zones: means over trials, then over sessions, before
        and after learning, with standard errors over sessions (``before``, ``before_sem``,
        ``after``, ``after_sem``), number of trials with a value, and the paired difference of
        sessions (``n_sessions``, ``difference``, ``ci_low``, ``ci_high``: 95 %, ``p``).
    """
    import pandas as pd

    rows = []
    for measure in LABELS:
        for zones in ZONES:
            own = cells.loc[cells["zones"] == zones]
            of_stage = {
                stage: own.loc[own["stage"] == stage].groupby("seed")[measure].mean()
                for stage in STAGES
            }
            rows.append(
                {
                    "measure": measure,
                    "zones": zones,
                    **{
                        name: value
                        for stage, means in of_stage.items()
                        for name, value in (
                            (stage, means.mean()),
                            (f"{stage}_sem", means.sem()),
                            (f"{stage}_trials", _n_known(own, stage, measure)),
                        )
                    },
                    **_difference(of_stage[BEFORE], of_stage[AFTER]),
                }
            )
    return pd.DataFrame(rows)


def _n_known(cells: pd.DataFrame, stage: str, measure: str) -> int:
    return int(cells.loc[cells["stage"] == stage, measure].notna().sum())


def _difference(before: pd.Series, after: pd.Series) -> dict[str, float]:
    """Return the paired difference over sessions that have both values."""
    both = before.notna() & after.notna()
    if not both.any():
        nan = float("nan")
        return {"n_sessions": 0, "difference": nan, "ci_low": nan, "ci_high": nan, "p": nan}
    found = compute_paired_difference(before.to_numpy(), after.to_numpy())
    return {
        "n_sessions": found.n_trials,
        "difference": found.mean,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "p": found.p,
    }
