"""Dendritic calcium of parallel fibers (PF) and the climbing fiber (CF) together.

It is compared with the linear sum of the responses to each alone, with interneurons (MLI) active
and inhibited, as gaffield2018 measured it in slices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_strength import ALL
from cerebella.analysis.paired import compute_paired_difference

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

ACTIVE, INHIBITED = "active", "inhibited"
PLACEMENTS = ["cf_placement", "mli_placement"]


class Pairing(NamedTuple):
    """Stimuli of one simulation.

    Attributes
    ----------
    mli : str
        ``"active"`` or ``"inhibited"``.
    n_pulses : int
        Pulses of the PF tetanus; 0 for none.
    cf : bool
        Whether the CF fires.
    site : int or None
        Number of the stimulated site; None without a tetanus.
    """

    mli: str
    n_pulses: int
    cf: bool
    site: int | None


class PublishedValue(NamedTuple):
    """A published mean with its s.e.m. and number of sites or cells."""

    mean: float
    sem: float
    n: int


PUBLISHED_PAIRING: Mapping[str, PublishedValue] = {
    "percent_active_3": PublishedValue(100.5, 2.1, 31),
    "percent_inhibited_3": PublishedValue(109.9, 2.4, 31),
    "percent_inhibited_9": PublishedValue(114.7, 3.6, 14),
    "spikelets_active": PublishedValue(4.2, 0.2, 6),
    "spikelets_inhibited": PublishedValue(4.5, 0.3, 6),
}
"""Values of gaffield2018; those of sites with nine pulses were 101.1 ± 2.5 % with three."""

_EFFECTS = {
    "percent_inhibition": ("percent_active_3", "percent_inhibited_3"),
    "percent_pulses": ("percent_inhibited_3", "percent_inhibited_9"),
    "spikelets_inhibition": ("spikelets_active", "spikelets_inhibited"),
}
"""Differences, second minus first."""

PAIRING_LABELS = {
    "percent_active_3": "Calcium, MLIs active, 3 pulses (% of linear sum)",
    "percent_inhibited_3": "Calcium, MLIs inhibited, 3 pulses (% of linear sum)",
    "percent_inhibited_9": "Calcium, MLIs inhibited, 9 pulses (% of linear sum)",
    "percent_inhibition": "Effect of inhibiting MLIs, 3 pulses (% of linear sum)",
    "percent_pulses": "Effect of 9 instead of 3 pulses, MLIs inhibited (% of linear sum)",
    "spikelets_active": "Spikelets of the CF, MLIs active",
    "spikelets_inhibited": "Spikelets of the CF, MLIs inhibited",
    "spikelets_inhibition": "Effect of inhibiting MLIs on spikelets",
}
"""{key of a measure: its label}."""


def percent_of_linear_sum(both: float, pf: float, cf: float, neither: float) -> float:
    """Return the response to PF and CF together in % of the sum of both alone.

    Parameters
    ----------
    both, pf, cf, neither : float
        Calcium in the same window with both, with each alone, and without stimuli, in nM.

    Returns
    -------
    float
        NaN if neither PF nor CF adds calcium.

    Examples
    --------
    >>> cb.percent_of_linear_sum(both=150.0, pf=60.0, cf=130.0, neither=50.0)
    111.11111111111111
    """
    linear = (pf - neither) + (cf - neither)
    return 100 * (both - neither) / linear if linear > 0 else float("nan")


def measure_sites(
    pairings: Sequence[Pairing],
    calcium_nM: FloatArray,
    n_spikelets: FloatArray,
    site_weights: Sequence[FloatArray],
) -> pd.DataFrame:
    """Measure all sites of a cell in one trial.

    Parameters
    ----------
    pairings : sequence of Pairing
        Stimuli of the simulations.
    calcium_nM : ndarray of float, shape (n_simulations, n_spiny)
        Mean calcium of each spiny compartment after the CF.
    n_spikelets : ndarray of float, shape (n_simulations,)
        Spikelets.
    site_weights : sequence of ndarray of float, shape (n_spiny,)
        Share of each compartment in the membrane of a site, by site.

    Returns
    -------
    pandas.DataFrame
        One row for each site: columns ``site`` and the measures of `PUBLISHED_PAIRING`, and
        calcium in nM with MLIs active: ``cf_nM``, ``pf_nM``, ``neither_nM``.
    """
    import pandas as pd

    row_of = {pairing: row for row, pairing in enumerate(pairings)}
    rows = []
    for site, weights in enumerate(site_weights):
        calcium = calcium_nM @ weights
        of = {
            (one.mli, one.n_pulses, one.cf): float(calcium[row])
            for one, row in row_of.items()
            if one.site in (site, None)
        }
        percents = {
            f"percent_{mli}_{n_pulses}": percent_of_linear_sum(
                both=of[mli, n_pulses, True],
                pf=of[mli, n_pulses, False],
                cf=of[mli, 0, True],
                neither=of[mli, 0, False],
            )
            for mli, n_pulses in ((ACTIVE, 3), (INHIBITED, 3), (INHIBITED, 9))
        }
        spikelets = {
            f"spikelets_{mli}": float(n_spikelets[row_of[Pairing(mli, 0, True, None)]])
            for mli in (ACTIVE, INHIBITED)
        }
        rows.append(
            {"site": site}
            | percents
            | spikelets
            | {
                "cf_nM": of[ACTIVE, 0, True],
                "pf_nM": of[ACTIVE, 3, False],
                "neither_nM": of[ACTIVE, 0, False],
            }
        )
    return pd.DataFrame(rows)


def groups_by(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[tuple[Any, ...], Any]]:
    """Return values of some columns and the rows that have them, in the order of the table."""
    groups: Any = table.groupby([*names], sort=False)
    return [(tuple(keys), own) for keys, own in groups]


def summarize_pairing(sites: pd.DataFrame) -> pd.DataFrame:
    """Summarize sites by cell and placement of synapses, beside the published values.

    Parameters
    ----------
    sites : pandas.DataFrame
        Rows of `measure_sites` with columns ``cell``, ``cf_placement``, ``mli_placement`` and
        ``trial``. Trials of a site are averaged first; spikelets are those of a cell.

    Returns
    -------
    pandas.DataFrame
        One row for each cell (and ``"all"``), placement and measure: ``n`` sites (cells for
        spikelets of ``"all"``, trials for those of one cell), ``mean``, ``sem``; for effects, which
        are paired differences, ``ci_low``, ``ci_high`` (95 %) and ``p`` (t-test); and the published
        ``published``, ``published_sem`` and ``published_n``.

    Examples
    --------
    >>> import pandas as pd
    >>> sites = pd.DataFrame({"cell": "default", "site": [0, 1], "trial": 1})
    >>> sites[["cf_placement", "mli_placement"]] = ["uniform", "dendrite"]
    >>> sites["percent_active_3"], sites["percent_inhibited_3"] = [99.0, 103.0], [104.0, 110.0]
    >>> sites[["percent_inhibited_9", "spikelets_active", "spikelets_inhibited"]] = 5.0
    >>> table = cb.summarize_pairing(sites).set_index(["cell", "measure"])
    >>> print(table.loc[("default", "percent_inhibition"), "mean"])
    6.0
    """
    import pandas as pd

    measures = [*PUBLISHED_PAIRING]
    rows = []
    for keys, own in groups_by(sites, PLACEMENTS):
        placement = dict(zip(PLACEMENTS, keys, strict=True))
        for cell in (*dict.fromkeys(own["cell"]), ALL):
            of_cell = own if cell == ALL else own.loc[own["cell"] == cell]
            by_site = of_cell.groupby(["cell", "site"])[measures].mean()
            replicates = of_cell.groupby("cell" if cell == ALL else "trial")[measures].mean()
            for measure in PAIRING_LABELS:
                table = replicates if measure.startswith("spikelets") else by_site
                values = {name: table[name].to_numpy(float) for name in measures}
                rows.append(
                    {"cell": cell, **placement, "measure": measure, **_row(measure, values)}
                )
    return pd.DataFrame(rows)


_STATISTICS = ("n", "mean", "sem", "ci_low", "ci_high", "p")


def _row(measure: str, values: Mapping[str, FloatArray]) -> dict[str, float]:
    """Return the statistics of a measure, or of an effect, and the published ones."""
    nan = float("nan")
    published = PUBLISHED_PAIRING.get(measure, PublishedValue(nan, nan, 0))
    if measure in _EFFECTS:
        first, second = (values[name] for name in _EFFECTS[measure])
        if (~np.isnan(first) & ~np.isnan(second)).any():
            found = compute_paired_difference(first, second)
            numbers = (found.n_trials, found.mean, found.sem, found.ci_low, found.ci_high, found.p)
        else:
            numbers = (0, nan, nan, nan, nan, nan)
        if measure == "percent_inhibition":  # the others are of other sites, or few cells
            low, high = (PUBLISHED_PAIRING[name].mean for name in _EFFECTS[measure])
            published = published._replace(mean=round(high - low, 1))
    else:
        own = values[measure][~np.isnan(values[measure])]
        sem = float(own.std(ddof=1) / len(own) ** 0.5) if len(own) > 1 else nan
        numbers = (len(own), float(own.mean()) if len(own) else nan, sem, nan, nan, nan)
    return dict(zip(_STATISTICS, numbers, strict=True)) | {
        "published": published.mean,
        "published_sem": published.sem,
        "published_n": published.n,
    }
