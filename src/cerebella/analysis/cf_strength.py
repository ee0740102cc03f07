"""The effect of synchrony against the strength of the climbing fiber (CF), in many cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_threshold import CFThreshold, cf_scale_of_strength
from cerebella.analysis.level_statistics import CONDITION, LEVEL, TRIAL, summarize_levels
from cerebella.analysis.paired import compute_mcnemar, compute_paired_difference
from cerebella.analysis.strength_responses import CELL, STRENGTH

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]

ALL = "all"
"""Value of ``cell`` for the means of the cells."""

STRENGTH_MEASURES = {
    "calcium_percent": "Calcium (% of lowest level)",
    "recruitment": "Recruitment",
    "n_spikelets": "Spikelets",
    "width_ms": "Complex spike width (ms)",
    "simple_spike_rate_Hz": "Simple spikes (Hz)",
}
"""{key of a measure: its label}."""

_GROUP = [CELL, STRENGTH]


def add_percent(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with calcium in % of its mean over trials at the lowest level.

    Parameters
    ----------
    runs : pandas.DataFrame
        Rows of `measure_responses`.

    Returns
    -------
    pandas.DataFrame
    """
    lowest = runs.loc[runs[LEVEL] == runs[LEVEL].min()].groupby(_GROUP)["calcium_mean_nM"].mean()
    reference = lowest.reindex([*zip(runs[CELL], runs[STRENGTH], strict=True)]).to_numpy()
    return runs.assign(calcium_percent=100 * runs["calcium_mean_nM"].to_numpy() / reference)


def summarize_strengths(runs: pd.DataFrame) -> pd.DataFrame:
    """Summarize measures by cell, strength and level.

    Parameters
    ----------
    runs : pandas.DataFrame
        Rows of `measure_responses` with a column ``trial``.

    Returns
    -------
    pandas.DataFrame
        Columns ``cell``, ``strength`` and those of `summarize_levels`. Rows of the cell ``"all"``
        are of the means of cells: their numbers of trials are numbers of cells.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame(
    ...     {"cell": "default", "strength": 1.0, "cf_sync": [0, 8, 0, 8], "trial": [1, 1, 2, 2]}
    ... )
    >>> runs["calcium_mean_nM"] = [200.0, 210.0, 300.0, 310.0]
    >>> runs[["recruitment", "n_spikelets", "width_ms", "simple_spike_rate_Hz"]] = 1.0
    >>> table = cb.summarize_strengths(runs)
    >>> table.loc[table["measure"] == "calcium_percent", ["cell", "cf_sync", "difference"]]
          cell  cf_sync  difference
    0  default        0         NaN
    1  default        8         4.0
    10     all        0         NaN
    11     all        8         4.0
    """
    import pandas as pd

    measures = [*STRENGTH_MEASURES]
    runs = add_percent(runs)
    means = pd.DataFrame(runs.groupby([*_GROUP, LEVEL], sort=False)[measures].mean()).reset_index()
    of_all = means.assign(**{TRIAL: pd.factorize(means[CELL])[0], CELL: ALL})
    tables = []
    for table in (runs, of_all):
        number = table.groupby(_GROUP, sort=False).ngroup()
        names = table[_GROUP].groupby(number).first()
        summary = summarize_levels(table.assign(**{CONDITION: number}), measures)
        named = names.loc[summary.pop(CONDITION)].reset_index(drop=True)
        tables.append(pd.concat([named, summary], axis=1))
    return pd.concat(tables, ignore_index=True)


def summarize_recruitment(events: pd.DataFrame) -> pd.DataFrame:
    """Compare the recruitment of territories at the lowest level with that at each other level.

    Parameters
    ----------
    events : pandas.DataFrame
        Rows of `tabulate_events` with a column ``trial``.

    Returns
    -------
    pandas.DataFrame
        One row for each cell, strength and level above the lowest, and for all cells: ``n_pairs``
        (territories × trials), the probability of recruitment at both levels, how many pairs are
        recruited at this level only (``gained``) and at the lowest only (``lost``), and
        ``p_mcnemar`` of the exact test.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame(
    ...     {"cell": "default", "territory": 1, "strength": 1.0, "trial": [1, 1, 2, 2]}
    ... )
    >>> events["cf_sync"], events["recruited"] = [0, 8, 0, 8], [False, True, True, True]
    >>> table = cb.summarize_recruitment(events)
    >>> table[["cell", "probability_lowest", "probability", "gained", "lost"]]
          cell  probability_lowest  probability  gained  lost
    0  default                 0.5          1.0       1     0
    1      all                 0.5          1.0       1     0
    """
    import pandas as pd

    wide = events.pivot(
        index=[CELL, STRENGTH, "territory", TRIAL], columns=LEVEL, values="recruited"
    )
    lowest, *higher = sorted(wide.columns)
    rows = []
    order = {cell: i for i, cell in enumerate(dict.fromkeys(events[CELL]))}
    for cell in (*order, ALL):
        own = wide if cell == ALL else wide.xs(cell, level=CELL, drop_level=False)
        for strength, at_strength in own.groupby(level=STRENGTH):
            for level in higher:
                pairs = at_strength[[lowest, level]].dropna().to_numpy(bool)
                first, second = pairs.T
                found = compute_mcnemar(first, second)
                rows.append(
                    {
                        CELL: cell,
                        STRENGTH: strength,
                        LEVEL: level,
                        "n_pairs": found.n_pairs,
                        "probability_lowest": first.mean(),
                        "probability": second.mean(),
                        "gained": found.gained,
                        "lost": found.lost,
                        "p_mcnemar": found.p,
                    }
                )
    return pd.DataFrame(rows)


def tabulate_territories(events: pd.DataFrame) -> pd.DataFrame:
    """Return the probability of recruitment of each territory, by strength and level.

    Parameters
    ----------
    events : pandas.DataFrame
        Rows of `tabulate_events` with a column ``trial``.

    Returns
    -------
    pandas.DataFrame
        One row for each territory, strength and level.
    """
    keys = [CELL, "territory", "threshold", "spiny_share", STRENGTH, LEVEL]
    found = events.groupby(keys, sort=False)["recruited"]
    return found.agg(n_trials="size", n_recruited="sum", probability="mean").reset_index()


def summarize_cells(
    runs: pd.DataFrame, summary: pd.DataFrame, thresholds: Mapping[str, CFThreshold]
) -> pd.DataFrame:
    """Return threshold, largest effect and shift of the thresholds of each cell.

    Parameters
    ----------
    runs : pandas.DataFrame
        Rows of `measure_responses` with a column ``trial``.
    summary : pandas.DataFrame
        Table of `summarize_strengths`.
    thresholds : mapping of str to CFThreshold
        Thresholds by name of the cell.

    Returns
    -------
    pandas.DataFrame
        One row for each cell; the effect is that of the highest level. ``shift`` is the area
        between the recruitment curves of both levels: by how much, in units of strength, synchrony
        lowers the thresholds, with 95 % interval and paired t-test over trials.
        ``rank_correlation`` is that of the effect on calcium, over strengths, with p(1 − p) of the
        recruitment p.
    """
    import pandas as pd

    lowest, *_, highest = sorted(set(runs[LEVEL]))
    rows = []
    for cell, found in thresholds.items():
        own = runs.loc[runs[CELL] == cell]
        if own.empty:
            continue
        of_cell = summary.loc[summary[CELL] == cell]
        calcium, recruitment = (
            _by_strength(of_cell, measure, highest)
            for measure in ("calcium_percent", "recruitment")
        )
        at_lowest = _by_strength(of_cell, "recruitment", lowest)["mean"]
        middle = (at_lowest + recruitment["mean"]) / 2
        peak = calcium["difference"].idxmax()
        rows.append(
            {
                CELL: cell,
                "main_threshold": found.main_threshold,
                "cf_scale_1x": cf_scale_of_strength(1.0, found.main_threshold),
                "n_territories": len(found.territories),
                "n_trials": own[TRIAL].nunique(),
                "simple_spike_rate_Hz": own.loc[
                    own[LEVEL] == lowest, "simple_spike_rate_Hz"
                ].mean(),
                "peak_strength": peak,
                "peak_calcium_percent": calcium.loc[peak, "difference"],
                "peak_ci_low": calcium.loc[peak, "ci_low"],
                "peak_ci_high": calcium.loc[peak, "ci_high"],
                "peak_recruitment": middle[peak],
                "rank_correlation": _rank_correlation(
                    calcium["difference"].to_numpy(float), (middle * (1 - middle)).to_numpy(float)
                ),
                **_shift(own, lowest, highest),
            }
        )
    return pd.DataFrame(rows)


def _by_strength(summary: pd.DataFrame, measure: str, level: int) -> pd.DataFrame:
    chosen = (summary["measure"] == measure) & (summary[LEVEL] == level)
    return summary.loc[chosen].set_index(STRENGTH)


def _rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's correlation; NaN if a value does not vary."""
    pairs = np.array([first, second])[:, ~(np.isnan(first) | np.isnan(second))]
    if pairs.shape[1] < 2 or (np.ptp(pairs, axis=1) == 0).any():
        return np.nan
    from scipy import stats  # takes more than a second to import

    found: Any = stats.spearmanr(*pairs)
    return float(found.statistic)


def _shift(runs: pd.DataFrame, lowest: int, highest: int) -> dict[str, Any]:
    """Return the area between the recruitment curves of two levels, over trials."""
    areas = []
    for level in (lowest, highest):
        curves = runs.loc[runs[LEVEL] == level].pivot(
            index=TRIAL, columns=STRENGTH, values="recruitment"
        )
        areas.append(np.trapezoid(curves.to_numpy(float), curves.columns.to_numpy(float), axis=1))
    found = compute_paired_difference(*areas)
    return {
        "shift": found.mean,
        "shift_ci_low": found.ci_low,
        "shift_ci_high": found.ci_high,
        "shift_p": found.p,
    }
