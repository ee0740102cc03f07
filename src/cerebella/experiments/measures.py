"""Measures of a network and the Purkinje cell driven by it, computed from kept runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.analysis.purkinje_levels import MEASURES
from cerebella.analysis.reduced_calcium import MEAN
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.state import TaskResult

NETWORK_MEASURES = {"MLI2_peak_Hz": "MLI2 peak (Hz)", "MLI1_dip_Hz": "MLI1 dip (Hz)"}
LABELS = NETWORK_MEASURES | {measure.key: measure.label for measure in MEASURES}
"""{key of a measure: its label in tables and figures}."""

_OLDER_NUMBERS = "response"
"""Key of run.json under which older sweeps stored measures instead of the underlying data."""


class Measured(NamedTuple):
    """Measures of one network and its Purkinje cell.

    Attributes
    ----------
    values : dict of str to float
        One value for each key of `LABELS` (NaN if undefined), and the baselines of
        `CFResponse`.
    missing : tuple of str
        Keys of measures for which the runs lack data.
    """

    values: dict[str, float]
    missing: tuple[str, ...] = ()


def load_measures(network: TaskResult, cell: TaskResult) -> Measured:
    """Compute the measures of a network and its Purkinje cell from their run directories.

    Parameters
    ----------
    network, cell : TaskResult
        The finished or failed runs.

    Returns
    -------
    Measured
        Values are NaN, and none is missing, unless both runs are complete.
    """
    values = dict.fromkeys(LABELS, np.nan)
    if cell.error is not None:
        return Measured(values)
    values |= compute_cf_response(load_run(network.path).spikes)._asdict()
    run = load_run(cell.path)
    of_cell, missing = _measure_cell(run)
    return Measured(values | of_cell, missing)


def describe_missing(missing: Iterable[tuple[str, ...]]) -> str:
    """Describe the measures for which runs lack data; the text is empty if there are none.

    Parameters
    ----------
    missing : iterable of tuple of str
        Keys of the measures for which data are missing, for each run.

    Returns
    -------
    str
        A sentence for each measure.

    Examples
    --------
    >>> from cerebella.experiments.measures import describe_missing
    >>> print(describe_missing([("pause_ms",), (), ("pause_ms",)]))
    2 kept runs lack the data for pause_ms. Remove their folders to simulate them again
    """
    n_runs: dict[str, int] = {}
    for keys in missing:
        for key in keys:
            n_runs[key] = n_runs.get(key, 0) + 1
    sentences = [
        f"{n} kept {'run lacks' if n == 1 else 'runs lack'} the data for {key}. "
        f"Remove {'its folder' if n == 1 else 'their folders'} to simulate "
        f"{'it' if n == 1 else 'them'} again"
        for key, n in n_runs.items()
    ]
    return "\n".join(sentences)


def _measure_cell(run: Run) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return measures of a Purkinje cell, and the keys of those for which it lacks data."""
    response = compute_purkinje_summary(run).response
    older = run.manifest.get(_OLDER_NUMBERS, {})
    kept = {*run.traces, *(("calcium",) if MEAN in run.traces else ())}
    values, missing = {}, []
    for measure in MEASURES:
        if measure.needs in kept:
            values[measure.key] = float(measure.of(response))
        elif measure.key in older:
            number = older[measure.key]
            values[measure.key] = np.nan if number is None else float(number)
        else:
            missing.append(measure.key)
    return values, tuple(missing)
