"""Diameters of generated dendrites, constant along each section.

Quantiles and variation are those of the published traced cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.morphology.branches import Branches
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]


def smooth_diameters(
    branches: Branches,
    proximal: float,
    rng: np.random.Generator,
    p: PurkinjeMorphologyParameters,
) -> FloatArray:
    """Draw diameters of smooth sections with the membrane area of the traced cell.

    Parameters
    ----------
    branches : Branches
        Smooth sections.
    proximal : float
        Factor on the diameters at the fork; it decays to 1 with path distance.
    rng : Generator
        Random generator.
    p : PurkinjeMorphologyParameters
        Target area and range.

    Returns
    -------
    ndarray of float, shape (n_branches,)
        Diameters in µm.
    """
    parents, lengths_um = branches.parents, branches.lengths_um
    noise = rng.normal(0, p.smooth_section_sd, len(branches))
    near = np.exp(-branches.path_um / p.proximal_length_um)
    diameters = branches.n_tips**p.smooth_tips_power * np.exp(noise) * proximal**near
    low, high = p.smooth_diameter_range_um
    trunk = parents < 0
    diameters[trunk] = p.trunk_diameter_um
    for section in np.flatnonzero(~trunk & (parents > 0)):
        parent = diameters[parents[section]]
        diameters[section] = min(diameters[section], p.smooth_child_limit * parent)
    free_area = p.smooth_area_um2 - np.pi * np.sum((diameters * lengths_um)[trunk])
    return _scaled(diameters, lengths_um, ~trunk, free_area, low, high)


def spiny_diameters(
    branches: Branches,
    rng: np.random.Generator,
    p: PurkinjeMorphologyParameters,
) -> FloatArray:
    """Draw diameters of spiny sections with the quantiles and the area of the traced cell.

    Parameters
    ----------
    branches : Branches
        Spiny sections.
    rng : Generator
        Random generator.
    p : PurkinjeMorphologyParameters
        Target quantiles and area.

    Returns
    -------
    ndarray of float, shape (n_branches,)
        Diameters in µm.
    """
    parents, lengths_um, tips = branches.parents, branches.lengths_um, branches.n_tips
    subtree = rng.normal(0, p.subtree_sd, int(branches.trees.max()) + 1)[branches.trees]
    noise = rng.normal(0, p.spiny_section_sd, len(branches))
    noise[tips >= 4] /= 2
    thickness = p.spiny_tips_power * np.log(np.minimum(tips, 20)) + subtree + noise
    thickness -= p.spiny_path_decay_per_um * branches.path_um
    limit = np.log(p.spiny_child_limit)
    for section in np.flatnonzero(parents >= 0):
        thickness[section] = min(thickness[section], thickness[parents[section]] + limit)
    order = np.argsort(thickness, kind="stable")
    middle = np.cumsum(lengths_um[order]) - lengths_um[order] / 2
    ranks = np.empty(len(order))
    ranks[order] = middle / lengths_um.sum()
    shares = np.linspace(0, 1, len(p.spiny_diameter_quantiles_um))
    diameters = np.interp(ranks, shares, p.spiny_diameter_quantiles_um)
    everywhere = np.ones(len(diameters), dtype=bool)
    low, high = p.spiny_diameter_quantiles_um[0], p.spiny_diameter_quantiles_um[-1]
    return _scaled(diameters, lengths_um, everywhere, p.spiny_area_um2, low, high)


def _scaled(
    diameters: FloatArray,
    lengths_um: FloatArray,
    marked: npt.NDArray[np.bool_],
    area_um2: float,
    low_um: float,
    high_um: float,
) -> FloatArray:
    """Scale the marked diameters, clipped to a range, so that they yield a given area."""
    scaled = diameters.copy()
    for _ in range(30):
        area = np.pi * np.sum((scaled * lengths_um)[marked])
        scaled[marked] = np.clip(scaled[marked] * area_um2 / area, low_um, high_um)
    return scaled
