"""Purkinje cell runs by condition: means over trials, and differences between levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cerebella.analysis.paired import PairedDifference, compute_paired_difference
from cerebella.analysis.purkinje import PurkinjeResponse, PurkinjeSummary
from cerebella.results.condition import Condition, group_by_condition


class Measure(NamedTuple):
    """One number of a run.

    Attributes
    ----------
    key : its name for programs.
    label : its name for tables and figures, with the unit.
    digits : after the decimal point, in tables.
    is_count : whether it is a whole number in a single run.
    of : returns it from the numbers of a run; NaN where it is not known.
    """

    key: str
    label: str
    digits: int
    is_count: bool
    of: Callable[[PurkinjeResponse], float]


def _n_spikelets(response: PurkinjeResponse) -> float:
    return np.nan if response.complex_spike is None else response.complex_spike.n_spikelets


def _width_ms(response: PurkinjeResponse) -> float:
    return np.nan if response.complex_spike is None else response.complex_spike.width_ms


def _spread(response: PurkinjeResponse) -> float:
    spread = response.dendritic_spike_spread
    return np.nan if spread is None else spread


MEASURES: tuple[Measure, ...] = (
    Measure(
        "simple_spike_rate_Hz", "Simple spikes (Hz)", 1, False, lambda r: r.simple_spikes.rate_Hz
    ),
    Measure("simple_spike_cv", "CV of intervals", 3, False, lambda r: r.simple_spikes.cv),
    Measure("n_spikelets", "Spikelets", 2, True, _n_spikelets),
    Measure("width_ms", "Complex spike width (ms)", 1, False, _width_ms),
    Measure("pause_ms", "Pause (ms)", 1, False, lambda r: r.pause_ms),
    Measure("calcium_mean_nM", "Mean spiny calcium (nM)", 1, False, lambda r: r.calcium_mean_nM),
    Measure("dendritic_spike_spread", "Compartments ≥ 5 µM", 0, True, _spread),
)


class Mean(NamedTuple):
    """A measure over the trials in which it is known.

    Attributes
    ----------
    n_trials : how many these are.
    mean : NaN for none.
    sem : its standard error; NaN for fewer than two.
    """

    n_trials: int
    mean: float
    sem: float


def compute_means(summaries: Sequence[PurkinjeSummary]) -> dict[str, Mean]:
    """Return the mean of each measure over trials of one condition; {key: Mean}."""
    means = {}
    for measure in MEASURES:
        values = np.array([measure.of(summary.response) for summary in summaries], dtype=float)
        known = values[~np.isnan(values)]
        n = known.size
        means[measure.key] = Mean(
            n,
            float(known.mean()) if n else np.nan,
            float(known.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan,
        )
    return means


class LevelComparison(NamedTuple):
    """Two synchrony levels, trial by trial.

    Attributes
    ----------
    first, second : titles of the conditions; differences are second - first.
    pairs : (run of the first, run of the second) of each trial that both have.
    differences : {key of the measure: PairedDifference}, where both have it in some trial.
    """

    first: str
    second: str
    pairs: list[tuple[PurkinjeSummary, PurkinjeSummary]]
    differences: dict[str, PairedDifference]


def compare_levels(summaries: Sequence[PurkinjeSummary]) -> list[LevelComparison]:
    """Compare each synchrony level with the lowest one of the same experiment.

    Runs are paired that differ in nothing but the level: with the same network, weights, cell,
    trial and seed, all random streams are the same, too. Levels without common trials are left
    out, and trials that one level has more than once.
    """
    lowest: dict[Condition, str] = {}
    groups = group_by_condition(summaries)
    comparisons = []
    for title, group in groups.items():
        condition = group[0].condition
        if condition.cf_sync is None:
            continue
        first = lowest.setdefault(condition.of_all_levels, title)
        pairs = _pairs(groups[first], group)
        if first != title and pairs:
            comparisons.append(LevelComparison(first, title, pairs, _differences(pairs)))
    return comparisons


def _pairs(
    first: Sequence[PurkinjeSummary], second: Sequence[PurkinjeSummary]
) -> list[tuple[PurkinjeSummary, PurkinjeSummary]]:
    of_first, of_second = _once_by_trial(first), _once_by_trial(second)
    return [(of_first[trial], of_second[trial]) for trial in sorted(of_first.keys() & of_second)]


def _once_by_trial(summaries: Sequence[PurkinjeSummary]) -> dict[tuple[int, int], PurkinjeSummary]:
    """Return {(trial, seed): run} of those that are there once."""
    found: dict[tuple[int, int], list[PurkinjeSummary]] = {}
    for summary in summaries:
        if summary.condition.trial is not None:
            found.setdefault((summary.condition.trial, summary.seed), []).append(summary)
    return {key: runs[0] for key, runs in found.items() if len(runs) == 1}


def _differences(
    pairs: Sequence[tuple[PurkinjeSummary, PurkinjeSummary]],
) -> dict[str, PairedDifference]:
    differences = {}
    for measure in MEASURES:
        values = np.array([[measure.of(run.response) for run in pair] for pair in pairs], float)
        if not np.isnan(values).any(axis=1).all():
            differences[measure.key] = compute_paired_difference(values[:, 0], values[:, 1])
    return differences
