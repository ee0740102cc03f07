"""Strength of the climbing fiber relative to the threshold of the cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cerebella.analysis.dendritic_territories import (
    Responses,
    Territory,
    compute_thresholds,
    find_territories,
)
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import Morphology
from cerebella.results.html_table import frame_as_html

if TYPE_CHECKING:
    import pandas as pd

TRACED_CF_SCALE = 29.0
"""CF scale of the published simulations, all of the traced cell."""

TRACED_THRESHOLD = 27.4
"""Main threshold of the traced cell (``cerebella purkinje threshold pc_morphology.swc
--sections pc_morphology_sections.csv``)."""

DEFAULT_CELL_THRESHOLD = 26.6015625
"""Main threshold of the default cell with the default parameters (``cerebella purkinje
threshold``), so that its strengths are known without a search."""

_MAX_SHARE_AT_WEAKEST = 0.05
"""Share of the spiny membrane that the weakest CF may recruit."""

_MIN_SHARE_AT_STRONGEST = 0.5
"""Share that the strongest CF must recruit, so that the main threshold means something."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CFThreshold:
    """Thresholds of a cell, as scales of its climbing fiber (CF).

    Attributes
    ----------
    morphology : Morphology
        The cell.
    trials : tuple of int
        Trials.
    scales : tuple of ndarray of float
        CF scales that were simulated in each trial, in increasing order.
    shares : tuple of ndarray of float
        Share of the spiny membrane that each of them recruited.
    territories : tuple of Territory
        Territories in the order of their thresholds.
    main_thresholds : ndarray of float, shape (n_trials,)
        CF scale that recruits half of the recruitable spiny membrane in each trial.
    cf_scale : float
        CF scale of the parameters.

    Examples
    --------
    >>> cell = cb.load_default_morphology()
    >>> found = cb.CFThreshold(cell, (1,), (), (), (), np.array([26.0]), 29.0)
    >>> found.main_threshold, round(found.strength, 2)
    (26.0, 1.05)
    """

    morphology: Morphology
    trials: tuple[int, ...]
    scales: tuple[FloatArray, ...]
    shares: tuple[FloatArray, ...]
    territories: tuple[Territory, ...]
    main_thresholds: FloatArray
    cf_scale: float

    @property
    def main_threshold(self) -> float:
        """Median over trials of the CF scale that recruits half of the recruitable membrane."""
        return float(np.median(self.main_thresholds))

    @property
    def strength(self) -> float:
        """Relative strength of the CF of the parameters; see `cf_scale_of_strength`."""
        return self.cf_scale / cf_scale_of_strength(1.0, self.main_threshold)

    def table(self) -> pd.DataFrame:
        """Return a table of the territories, one row each.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas as pd

        rows = [
            {
                "territory": number,
                "root_section": one.root_section,
                "path_distance_um": one.path_distance_um,
                "parts": one.n_parts,
                "area_um2": one.area_um2,
                "spiny_share": one.share,
                "threshold": one.threshold,
                "lowest_threshold": one.thresholds.min(),
                "highest_threshold": one.thresholds.max(),
                "probability": one.probability(self.cf_scale),
            }
            for number, one in enumerate(self.territories, start=1)
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return (
            f"<CFThreshold of {self.morphology.name}: {self.main_threshold:.1f}, "
            f"{len(self.territories)} territories, {len(self.trials)} trials>"
        )

    def _repr_html_(self) -> str:
        return frame_as_html(repr(self), self.table())


def cf_scale_of_strength(strength: float, threshold: float) -> float:
    """Return the CF scale of a relative strength.

    A strength of 1 is to the main threshold of a cell as the published scale is to that of the
    traced cell.

    Parameters
    ----------
    strength : float
        Relative strength.
    threshold : float
        Main threshold of the cell, see `compute_cf_threshold`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(cb.cf_scale_of_strength(1.0, threshold=26.0), 1)
    27.5
    """
    return strength * threshold * TRACED_CF_SCALE / TRACED_THRESHOLD


def analyze_recruitment(
    morphology: Morphology,
    responses: dict[int, Responses],
    *,
    cf_scale: float,
) -> CFThreshold:
    """Find territories and thresholds from responses.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    responses : dict of int to Responses
        Responses by trial.
    cf_scale : float
        CF scale of the parameters.

    Returns
    -------
    CFThreshold

    Raises
    ------
    InputError
        The weakest CF recruits too much, or the strongest too little.
    """
    compartments = compute_compartments(morphology)
    spiny = compartments.of("spiny")
    area = compartments.area_um2[spiny]
    thresholds = compute_thresholds(list(responses.values()))
    own = thresholds[:, spiny]
    for trial, in_trial, one in zip(responses, own, responses.values(), strict=True):
        _check_range(trial, in_trial, area, one.scales)
    return CFThreshold(
        morphology,
        tuple(responses),
        tuple(one.scales for one in responses.values()),
        tuple(one.recruited[:, spiny] @ area / area.sum() for one in responses.values()),
        tuple(find_territories(morphology, thresholds)),
        np.array([_half_recruited(in_trial, area) for in_trial in own]),
        cf_scale,
    )


def _half_recruited(thresholds: FloatArray, area: FloatArray) -> float:
    """Return the CF scale that recruits half of the membrane that can be recruited."""
    order = np.argsort(thresholds, kind="stable")
    reached = np.cumsum(np.where(np.isfinite(thresholds), area, 0.0)[order])
    return float(thresholds[order][np.searchsorted(reached, reached[-1] / 2)])


def _check_range(trial: int, thresholds: FloatArray, area: FloatArray, scales: FloatArray) -> None:
    """Raise InputError unless the weakest CF recruits little and the strongest something."""
    at_weakest = area[np.isneginf(thresholds)].sum() / area.sum()
    if at_weakest > _MAX_SHARE_AT_WEAKEST:
        raise InputError(
            f"a CF of scale {scales[0]:g} recruits {at_weakest:.0%} of the spiny membrane in trial "
            f"{trial}, so that thresholds are below `scale_range`",
            remedy=f"Start at {scales[0] / 2:g}",
        )
    at_strongest = area[thresholds < np.inf].sum() / area.sum()
    if at_strongest < _MIN_SHARE_AT_STRONGEST:
        raise InputError(
            f"a CF of scale {scales[-1]:g}, the end of `scale_range`, recruits {at_strongest:.0%} "
            f"of the spiny membrane in trial {trial}",
            remedy=f"End at {2 * scales[-1]:g}, or check the morphology with `morphology describe`",
        )
