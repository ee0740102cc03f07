"""Distinction of smooth and spiny dendrite in tracings with one type for both.

Diameters alone do not distinguish them: tracings differ in their mean diameter by a factor of four,
and many vary along a branch by more than the regions differ. Three criteria are combined, each
relative to the cell. Their values were chosen on the published traced cell, where the rule finds
359 of the 379 µm of smooth dendrite and takes 30 of the 9475 µm of spiny dendrite for smooth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import REGIONS

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SMOOTH_MIN_SHARE = 0.05
"""Share of the length of the dendrite that a smooth section carries: itself and all beyond it."""

SMOOTH_MAX_PATH = 0.6
"""Path distance at which a smooth section starts, relative to the longest path."""

SMOOTH_MIN_THICKNESS = 0.6
"""Logarithm of the diameter, 0 at the median of the dendrite and 1 at its main branches."""

MAIN_SHARE = 0.2
"""Share of the length that main branches carry."""

DIAMETER_WINDOW_UM = 20.0
"""Diameters are averaged over this length from the start of a section, along larger branches."""

_SMOOTH, _SPINY = REGIONS.index("smooth"), REGIONS.index("spiny")
_NOT_THICKER = 1.05


class _Dendrite(NamedTuple):
    """Measures of sections; those of soma and axon are 0, arrays have shape (n_sections,)."""

    length_um: FloatArray
    diameter_um: FloatArray  # mean along the section
    path_um: FloatArray  # where it starts, from the start of the dendrite
    carried_um: FloatArray  # length of itself and of all sections beyond it
    larger_child: IntArray  # -1 at tips


def assign_regions(regions: IntArray, parents: IntArray, points_um: list[FloatArray]) -> IntArray:
    """Identify the smooth dendrite if all dendrites have the same region.

    A section is smooth if it meets three criteria or leads to one that does:

    * it carries at least 5 % of the length of the dendrite (itself and all sections beyond it);
    * it starts within 60 % of the longest path;
    * its diameter, the mean over the first 20 µm from its start along the larger branches, is at
      least 60 % of the way from the median diameter of the dendrite to the mean diameter of its
      main branches, which carry at least 20 % of the length each, on a logarithmic scale. This
      criterion is omitted if main branches are not thicker than the median.

    The largest dendrite starts with a smooth section in any case.

    Parameters
    ----------
    regions, parents : ndarray of int64, shape (n_sections,)
        As in `Morphology`, parents before children.
    points_um : list of ndarray of float, shape (n_points, 4)
        x, y, z and diameter of each section.

    Returns
    -------
    ndarray of int64, shape (n_sections,)
        Index into `REGIONS`; unchanged if the dendrites have different regions.
    """
    is_dendrite = (regions == _SMOOTH) | (regions == _SPINY)
    if len(np.unique(regions[is_dendrite])) != 1:
        return regions
    measured = _measure(is_dendrite, parents, points_um)
    total_um = measured.length_um.sum()
    smooth = is_dendrite & (measured.carried_um >= SMOOTH_MIN_SHARE * total_um)
    smooth &= measured.path_um <= SMOOTH_MAX_PATH * np.max(measured.path_um + measured.length_um)
    smooth &= _thickness(measured) >= SMOOTH_MIN_THICKNESS
    smooth[np.argmax(measured.carried_um)] = True
    for section in np.flatnonzero(is_dendrite)[::-1]:
        if smooth[section] and is_dendrite[parents[section]]:
            smooth[parents[section]] = True
    return np.where(is_dendrite, np.where(smooth, _SMOOTH, _SPINY), regions)


def _measure(
    is_dendrite: npt.NDArray[np.bool_], parents: IntArray, points_um: list[FloatArray]
) -> _Dendrite:
    n = len(parents)
    length, diameter, path = np.zeros(n), np.zeros(n), np.zeros(n)
    for section in np.flatnonzero(is_dendrite):
        steps = np.linalg.norm(np.diff(points_um[section][:, :3], axis=0), axis=1)
        means = (points_um[section][1:, 3] + points_um[section][:-1, 3]) / 2
        length[section] = steps.sum()
        diameter[section] = np.average(means, weights=steps)
        path[section] = path[parents[section]] + length[parents[section]]
    carried, larger = length.copy(), np.full(n, -1)
    for section in np.flatnonzero(is_dendrite)[::-1]:
        parent = parents[section]
        if is_dendrite[parent]:
            carried[parent] += carried[section]
            if larger[parent] < 0 or carried[section] >= carried[larger[parent]]:
                larger[parent] = section
    return _Dendrite(length, diameter, path, carried, larger)


def _thickness(measured: _Dendrite) -> FloatArray:
    """Return the diameter relative to the dendrite, see `SMOOTH_MIN_THICKNESS`, (n_sections,)."""
    length, diameter = measured.length_um, measured.diameter_um
    order = np.argsort(diameter, kind="stable")
    reached = np.cumsum(length[order])
    median = diameter[order][np.searchsorted(reached, reached[-1] / 2)]
    is_main = measured.carried_um >= MAIN_SHARE * reached[-1]
    main = np.average(diameter[is_main], weights=length[is_main])
    if main < _NOT_THICKER * median:
        return np.ones(len(length))
    local = np.ones(len(length))
    for section in np.flatnonzero(length):
        local[section] = _mean_ahead(measured, int(section))
    return np.log(local / median) / np.log(main / median)


def _mean_ahead(measured: _Dendrite, section: int) -> float:
    """Return the mean diameter over `DIAMETER_WINDOW_UM` from the start of a section."""
    rest_um, sum_um2 = DIAMETER_WINDOW_UM, 0.0
    while section >= 0 and rest_um > 0:
        part_um = min(measured.length_um[section], rest_um)
        sum_um2 += part_um * measured.diameter_um[section]
        rest_um -= part_um
        section = int(measured.larger_child[section])
    return float(sum_um2 / (DIAMETER_WINDOW_UM - rest_um))
