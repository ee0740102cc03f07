"""Territories: parts of the spiny dendrite that respond to the climbing fiber as a whole.

They are found from responses to climbing fibers (CF) of several strengths, in several trials:

* A compartment is *recruited* if its potential reaches `RECRUITED_MV` after the spike of the CF.
* Its *threshold in a trial* is the middle between the strongest CF that does not recruit it and the
  next stronger one that was tried.
* A *territory* is a set of spiny compartments that every CF, in every trial, recruited as a whole
  or not at all. It is connected, through the set or through parts of the cell that are not
  recruited earlier, such as the smooth dendrite, and has at least `MIN_SHARE` of the spiny
  membrane.
* The *threshold of a territory* is the median of its thresholds in the trials, the CF scale that
  recruits it in half of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology

RECRUITED_MV = -30.0
"""Few compartments have a peak near this potential (docs/cf-threshold.md)."""

MIN_SHARE = 0.01
"""Smallest share of the spiny membrane that is listed as a territory."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Responses(NamedTuple):
    """Responses of one trial to CFs of increasing strength.

    Attributes
    ----------
    scales : ndarray of float, shape (n_scales,)
        CF scales in increasing order.
    recruited : ndarray of bool, shape (n_scales, n_compartments)
        Whether each compartment of the cell was recruited.
    """

    scales: FloatArray
    recruited: BoolArray


class Territory(NamedTuple):
    """A part of the spiny dendrite that is recruited as a whole.

    Attributes
    ----------
    compartments : ndarray of int, shape (n,)
        Indices into `compute_compartments`.
    root_section : str
        Section of its compartment nearest to the soma.
    path_distance_um : float
        Path distance of that compartment from the middle of the soma in µm.
    n_parts : int
        Number of parts of which it consists, connected through other dendrite.
    area_um2 : float
        Membrane area without spines in µm².
    share : float
        Share of the spiny membrane.
    thresholds : ndarray of float, shape (n_trials,)
        Threshold in each trial, as CF scale.

    Examples
    --------
    >>> thresholds = np.array([25.5, 26.0, 27.5])
    >>> part = cb.Territory(np.arange(3), "spiny[0]", 60.0, 1, 300.0, 0.2, thresholds)
    >>> part.threshold
    26.0
    """

    compartments: IntArray
    root_section: str
    path_distance_um: float
    n_parts: int
    area_um2: float
    share: float
    thresholds: FloatArray

    @property
    def threshold(self) -> float:
        """The CF scale that recruits it in half of the trials."""
        return float(np.median(self.thresholds))

    def probability(self, cf_scale: float) -> float:
        """Return the share of the trials in which a CF of this scale recruits it."""
        return float((self.thresholds <= cf_scale).mean())


def compute_thresholds(responses: Sequence[Responses]) -> FloatArray:
    """Compute the threshold of each compartment in each trial.

    Parameters
    ----------
    responses : sequence of Responses
        One for each trial.

    Returns
    -------
    ndarray of float, shape (n_trials, n_compartments)
        CF scales; infinite if the strongest CF does not recruit the compartment, and minus
        infinity if every CF does.
    """
    return np.stack([_thresholds_of(*one) for one in responses])


def _thresholds_of(scales: FloatArray, recruited: BoolArray) -> FloatArray:
    middles = np.concatenate([[-np.inf], (scales[1:] + scales[:-1]) / 2, [np.inf]])
    n_from_last_failure = np.argmin(recruited[::-1], axis=0)
    n_from_last_failure[recruited.all(axis=0)] = len(scales)
    return middles[len(scales) - n_from_last_failure]


def find_territories(morphology: Morphology, thresholds: FloatArray) -> list[Territory]:
    """Find the territories of a cell.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    thresholds : ndarray of float, shape (n_trials, n_compartments)
        Thresholds of compartments, see `compute_thresholds`.

    Returns
    -------
    list of Territory
        In the order of their thresholds, then from large to small.
    """
    compartments = compute_compartments(morphology)
    is_spiny = compartments.region == REGIONS.index("spiny")
    spiny_um2 = float(compartments.area_um2[is_spiny].sum())
    parent = _parents(morphology)
    found = []
    for members in _recruited_together(thresholds, parent, is_spiny):
        area = compartments.area_um2[members]
        if area.sum() < MIN_SHARE * spiny_um2:
            continue
        root = members[compartments.path_distance_um[members].argmin()]
        found.append(
            Territory(
                members,
                morphology.section_names[compartments.section[root]],
                float(compartments.path_distance_um[root]),
                int((~np.isin(parent[members], members)).sum()),
                float(area.sum()),
                float(area.sum() / spiny_um2),
                thresholds[:, root],
            )
        )
    return sorted(found, key=lambda one: (one.threshold, -one.area_um2))


def _recruited_together(
    thresholds: FloatArray, parent: IntArray, is_spiny: BoolArray
) -> Iterator[IntArray]:
    """Yield connected sets of spiny compartments with equal thresholds in every trial."""
    from scipy.sparse import coo_array  # takes a third of a second to import
    from scipy.sparse.csgraph import connected_components

    candidates = np.flatnonzero(is_spiny & np.isfinite(thresholds).all(axis=0))
    different, which = np.unique(thresholds[:, candidates], axis=1, return_inverse=True)
    child = np.flatnonzero(parent >= 0)
    for number, of_set in enumerate(different.T):
        members = candidates[which.ravel() == number]
        passes = ~is_spiny | (thresholds >= of_set[:, None]).all(axis=0)
        inside = child[passes[child] & passes[parent[child]]]
        edges = coo_array((np.ones(len(inside)), (inside, parent[inside])), (len(parent),) * 2)
        label = connected_components(edges, directed=False)[1][members]
        yield from (members[label == one] for one in np.unique(label))


def _parents(morphology: Morphology) -> IntArray:
    """Return the compartment from which each compartment comes off; -1 for the first."""
    counts = morphology.n_compartments
    starts = np.cumsum(counts) - counts
    parent = np.arange(-1, counts.sum() - 1)
    of, end = morphology.parents[1:], morphology.parent_ends[1:]
    parent[starts[1:]] = starts[of] + np.where(end == 1, counts[of] - 1, 0)
    return parent
