"""Purkinje cell runs by condition: means over trials, and differences between levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cerebella.analysis.paired import PairedDifference, compute_paired_difference
from cerebella.analysis.purkinje import PurkinjeResponse, PurkinjeSummary
from cerebella.results.condition import Condition, group_by_condition


class Measure(NamedTuple):
    """A scalar measure of a run.

    Attributes
    ----------
    key : str
        Name in machine-readable output.
    label : str
        Name in tables and figures, with the unit.
    digits : int
        Decimal places in tables.
    is_count : bool
        Whether it is an integer in a single run.
    of : callable
        Function that returns it from a `PurkinjeResponse`; NaN if undefined.
    needs : str
        Name of the trace without which a run cannot give it.
    """

    key: str
    label: str
    digits: int
    is_count: bool
    of: Callable[[PurkinjeResponse], float]
    needs: str = "soma_v"


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
    Measure(
        "calcium_mean_nM",
        "Mean spiny calcium (nM)",
        1,
        False,
        lambda r: r.calcium_mean_nM,
        needs="calcium",
    ),
    Measure("dendritic_spike_spread", "Compartments ≥ 5 µM", 0, True, _spread, needs="calcium"),
)


class Mean(NamedTuple):
    """Mean of a measure over the trials in which it is defined.

    Attributes
    ----------
    n_trials : int
        Number of these trials.
    mean : float
        NaN for no trial.
    sem : float
        Standard error; NaN for fewer than two trials.
    """

    n_trials: int
    mean: float
    sem: float


def compute_means(summaries: Sequence[PurkinjeSummary]) -> dict[str, Mean]:
    """Average each measure over the trials of one condition.

    Parameters
    ----------
    summaries : sequence of PurkinjeSummary
        Trials.

    Returns
    -------
    dict of str to Mean
        By key of the measure.
    """
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
    """Paired comparison of two synchrony levels.

    Attributes
    ----------
    first, second : str
        Titles of the conditions; differences are second - first.
    pairs : list of (PurkinjeSummary, PurkinjeSummary)
        Runs of the two levels for each common trial.
    differences : dict of str to PairedDifference
        By key of the measure, for measures defined in both runs of at least one pair.
    """

    first: str
    second: str
    pairs: list[tuple[PurkinjeSummary, PurkinjeSummary]]
    differences: dict[str, PairedDifference]


def compare_levels(summaries: Sequence[PurkinjeSummary]) -> list[LevelComparison]:
    """Compare each synchrony level with the lowest level of the same experiment.

    Runs are paired if they differ only in the level. With the same network, weights, cell, trial
    and seed, all random streams are identical. Levels without common trials are omitted, and so
    are trials that occur more than once in a level.

    Parameters
    ----------
    summaries : sequence of PurkinjeSummary
        Runs of any number of conditions.

    Returns
    -------
    list of LevelComparison
        One per level above the lowest.

    Examples
    --------
    Two levels with two trials of regular firing each:

    >>> runs = []
    >>> for level, trial, interval in ((0, 1, 200), (0, 2, 201), (8, 1, 250), (8, 2, 252)):
    ...     voltage_mV = np.full((3000, 1), -65.0)
    ...     voltage_mV[::interval] = 20
    ...     soma_v = cb.Traces(0.1 * np.arange(3000), voltage_mV, [0], ["soma"], [0.5])
    ...     manifest = {"kind": "purkinje", "cf_sync": level, "trial": trial, "cf_time_ms": 151.7}
    ...     runs.append(cb.Run(manifest, traces={"soma_v": soma_v}))
    >>> (comparison,) = cb.compare_levels([cb.compute_purkinje_summary(run) for run in runs])
    >>> comparison.first, comparison.second
    ('CF synchrony 0', 'CF synchrony 8')
    >>> print(f"{comparison.differences['simple_spike_rate_Hz'].mean:.1f} Hz")
    -10.0 Hz
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
    """Return the runs by (trial, seed), without those that occur more than once."""
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
