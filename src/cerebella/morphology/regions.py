"""Smooth and spiny dendrite told apart where a tracing has one type for both.

The thresholds are those that separate the traced cell best: 358 of its 379 µm of smooth dendrite
are found, and 82 of its 9474 µm of spiny dendrite are taken for smooth.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import REGIONS

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SMOOTH_MIN_DIAMETER_UM = 2.2
SMOOTH_MAX_PATH_UM = 175.0

_SOMA, _AIS, _SMOOTH, _SPINY = range(len(REGIONS))


def assign_regions(regions: IntArray, parents: IntArray, points_um: list[FloatArray]) -> IntArray:
    """Find the smooth dendrite if all dendrites have the same region; else change nothing.

    A dendrite is smooth if it starts at the soma, or if its parent is smooth, its mean diameter
    is at least `SMOOTH_MIN_DIAMETER_UM` and it starts at most `SMOOTH_MAX_PATH_UM` along the
    dendrite from the soma.

    Parameters
    ----------
    regions, parents : (n_sections,) as in `Morphology`, parents before children.
    points_um : for each section (n, 4) x, y, z, diameter.

    Returns
    -------
    (n_sections,) index into `REGIONS`
    """
    dendrites = (regions == _SMOOTH) | (regions == _SPINY)
    if len(np.unique(regions[dendrites])) != 1:
        return regions
    found = regions.copy()
    path_um = np.zeros(len(regions))  # from the soma to the end of each section
    for section in np.flatnonzero(dendrites):
        parent = parents[section]
        lengths = np.linalg.norm(np.diff(points_um[section][:, :3], axis=0), axis=1)
        diameters = points_um[section][:, 3]
        mean_diameter = np.average((diameters[1:] + diameters[:-1]) / 2, weights=lengths)
        smooth = regions[parent] == _SOMA or (
            found[parent] == _SMOOTH
            and mean_diameter >= SMOOTH_MIN_DIAMETER_UM
            and path_um[parent] <= SMOOTH_MAX_PATH_UM
        )
        found[section] = _SMOOTH if smooth else _SPINY
        path_um[section] = path_um[parent] + lengths.sum()
    return found
