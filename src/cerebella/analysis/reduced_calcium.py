"""Calcium of the spiny dendrite reduced to the data for measures and figures, for many runs.

A run of the Purkinje cell with calcium of all compartments takes 30 MB. Reduced, it has the mean
over the spiny dendrite at every sample, and the highest calcium of each spiny compartment in three
bins of `CALCIUM_WINDOW_MS` after the climbing fiber: 60 kB.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cerebella.analysis.dendritic_calcium import (
    CALCIUM_WINDOW_MS,
    DENDRITIC_SPIKE_MM,
    SpinyCalcium,
    compute_spiny_calcium,
    compute_spiny_mask,
)
from cerebella.analysis.soma_spikes import covers, window_around
from cerebella.morphology.recording_sites import load_recording_sites
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.traces import Traces
from cerebella.runs.run import Run

MEAN, PEAKS = "spiny_calcium", "spiny_calcium_peaks"
"""Names of the reduced traces in a run."""

_N_BINS = 3
_SAMPLE_TOLERANCE_MS = 1e-6


def reduce_calcium(
    calcium: Traces, sites: RecordingSites, cf_time_ms: float | None
) -> dict[str, Traces]:
    """Return the mean and the peaks of calcium of the spiny dendrite.

    Parameters
    ----------
    calcium : Traces
        Calcium in mM of all compartments.
    sites : RecordingSites
        Of the columns of `calcium`.
    cf_time_ms : float or None
        When the climbing fiber fires; None for never.

    Returns
    -------
    dict of str to Traces
        ``"spiny_calcium"``: (n_samples, 1) mean in nM. ``"spiny_calcium_peaks"``: (3, n_spiny)
        maxima in mM; left out without a climbing fiber, or where the recording ends in the window.

    Raises
    ------
    InputError
        The sites are not those of the traces, or none of them is in the spiny dendrite.
    """
    spiny = compute_spiny_calcium(calcium, sites)
    mask = compute_spiny_mask(sites)
    reduced = {
        MEAN: Traces(
            spiny.times_ms,
            spiny.mean_nM[:, np.newaxis],
            calcium.gids[:1],
            np.array(["spiny dendrite"]),
            np.array([0.5]),
            calcium.variable,
            "nM",
        )
    }
    window_ms = window_around(cf_time_ms, CALCIUM_WINDOW_MS) if cf_time_ms is not None else None
    if window_ms is not None and covers(calcium.times_ms, window_ms):
        edges = np.linspace(*window_ms, _N_BINS + 1)
        first = np.searchsorted(calcium.times_ms, edges - _SAMPLE_TOLERANCE_MS)
        inside = calcium.values[first[0] : first[-1], mask]
        reduced[PEAKS] = Traces(
            edges[:-1],
            np.maximum.reduceat(inside, first[:-1] - first[0], axis=0),
            calcium.gids[mask],
            calcium.sections[mask],
            calcium.positions[mask],
            calcium.variable,
            calcium.unit,
        )
    return reduced


def with_reduced_calcium(run: Run, cf_time_ms: float | None) -> Run:
    """Return a run with reduced calcium in place of that of all compartments.

    Parameters
    ----------
    run : Run
        Run of a Purkinje cell with the trace ``"calcium"``.
    cf_time_ms : float or None
        Spike of the climbing fiber after which peaks are kept; None for none.

    Returns
    -------
    Run
    """
    calcium = run.traces["calcium"]
    reduced = reduce_calcium(calcium, load_recording_sites(run, calcium), cf_time_ms)
    others = {name: one for name, one in run.traces.items() if name != "calcium"}
    return run.replace(traces=others | reduced)


def read_reduced_calcium(traces: Mapping[str, Traces]) -> tuple[SpinyCalcium, int | None]:
    """Return time course and spread of dendritic spikes from reduced traces.

    Parameters
    ----------
    traces : mapping
        Those of a run, with ``"spiny_calcium"`` among them.

    Returns
    -------
    tuple of SpinyCalcium and int or None
        The mean over time, and how many spiny compartments reach 5 µM after the climbing fiber;
        None where there are no peaks.
    """
    times_ms, mean_nM = traces[MEAN].times_ms, traces[MEAN].values[:, 0].astype(np.float64)
    if PEAKS not in traces:
        return SpinyCalcium(times_ms, mean_nM, 0), None
    highest = traces[PEAKS].values.max(axis=0)
    spiny = SpinyCalcium(times_ms, mean_nM, len(highest))
    return spiny, int((highest >= DENDRITIC_SPIKE_MM).sum())
