"""Smooth and spiny tree of a generated dendrite, grown to the target lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.growth.carriers import generate_carriers
from cerebella.morphology.growth.smooth_tree import SmoothTree, grow_smooth_tree
from cerebella.morphology.growth.spiny_tree import SpinyTree, grow_spiny_tree, prune, straighten
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters
from cerebella.parameters.traced_morphology import PATH_ORIGIN_X
from cerebella.randomness import Purpose, generator

FloatArray = npt.NDArray[np.float64]

STAGES = (
    "outline",
    "lattice",
    "depth",
    "smooth tree",
    "spiny tree",
    "smooth diameters",
    "spiny diameters",
)
"""Stages with a random stream each, in this order; append new ones at the end."""

PATH_BIN_UM = 50.0
_MAX_SPACINGS, _MAX_PRUNINGS = 16, 5
_LENGTH_TOLERANCE, _PATH_TOLERANCE = 0.008, 0.12
_WORTH_RANGE = (0.25, 4.0)


@dataclass(frozen=True)
class Arbor:
    """Smooth and spiny dendrite, and their deviation from the targets.

    Attributes
    ----------
    smooth : SmoothTree
    spiny : SpinyTree
    error : float
        Largest deviation of the total length and of its distribution over path distance, each
        in units of its tolerance.
    """

    smooth: SmoothTree
    spiny: SpinyTree
    error: float


def streams(seed: int) -> dict[str, np.random.Generator]:
    """Return a new random generator for each of the `STAGES`."""
    return dict(zip(STAGES, generator(seed, Purpose.MORPHOLOGY).spawn(len(STAGES)), strict=True))


def grow_arbor(seed: int, p: PurkinjeMorphologyParameters) -> Arbor:
    """Grow trees, adjusting carrier spacing and pruning until the lengths match the targets.

    The spacing determines the total length; the value of twigs as a function of distance from
    the soma determines its distribution.

    Parameters
    ----------
    seed : int
        Seed, at least 0.
    p : PurkinjeMorphologyParameters
        Target lengths and growth parameters.

    Returns
    -------
    Arbor
        The trial with the smallest error.
    """
    spacing_um, log_worth = p.first_spacing_um, np.log(p.first_worth_by_path)
    trials: list[Arbor] = []
    total = 1.0
    for _ in range(_MAX_SPACINGS):
        smooth, raw = _grow(spacing_um, seed, p)
        for _ in range(_MAX_PRUNINGS):
            spiny = prune(raw, smooth, p.n_tips, raw.steps_um * _worth(raw, log_worth, p))
            total = spiny.steps_um.sum() / p.spiny_length_um
            by_path = length_by_path(spiny, p) / p.length_by_path_um / total
            # Few seeds reach the last bin of the traced cell, which contains little length.
            path_error = float(np.abs(by_path - 1)[:-1].max()) / _PATH_TOLERANCE
            length_error = abs(total - 1) / _LENGTH_TOLERANCE
            trials.append(Arbor(smooth, spiny, max(length_error, path_error)))
            if path_error < 1:
                break
            log_worth = log_worth - np.log(np.maximum(by_path, 0.2))
            log_worth = np.clip(log_worth - log_worth[1:-1].mean(), *np.log(_WORTH_RANGE))
        if trials[-1].error < 1:
            break
        spacing_um *= total
    return min(trials, key=lambda trial: trial.error)


def _worth(raw: SpinyTree, log_worth: FloatArray, p: PurkinjeMorphologyParameters) -> FloatArray:
    """Return the value of 1 µm of twig at each point, shape (n_points,)."""
    middles_um = PATH_BIN_UM * (np.arange(len(log_worth)) + 1.5)
    return np.exp(np.interp(raw.path_um + _to_origin_um(p), middles_um, log_worth))


def length_by_path(spiny: SpinyTree, p: PurkinjeMorphologyParameters) -> FloatArray:
    """Return the length (µm) of the spiny dendrite in bins of path distance from the soma."""
    middle = spiny.path_um - spiny.steps_um / 2 + _to_origin_um(p)
    edges = PATH_BIN_UM * (np.arange(len(p.length_by_path_um) + 1) + 1)
    return np.histogram(middle, edges, weights=spiny.steps_um)[0]


def _to_origin_um(p: PurkinjeMorphologyParameters) -> float:
    """Return the distance from the 1-end of the soma to the origin of path distances."""
    return p.soma_length_um * (1 - PATH_ORIGIN_X)


def _grow(
    spacing_um: float, seed: int, p: PurkinjeMorphologyParameters
) -> tuple[SmoothTree, SpinyTree]:
    rng = streams(seed)
    carriers = generate_carriers(spacing_um, rng["outline"], rng["lattice"], rng["depth"], p)
    if len(carriers) < p.n_tips:
        raise InputError(
            f"the outline has room for {len(carriers)} carrier points, too few for {p.n_tips} tips",
            remedy="Choose a wider outline, fewer gaps or a smaller first_spacing_um",
        )
    root = np.array([0, p.soma_length_um / 2, 0])
    smooth = grow_smooth_tree(carriers, root, rng["smooth tree"], p)
    spiny = grow_spiny_tree(carriers, spacing_um, smooth, rng["spiny tree"], p)
    return smooth, straighten(spiny, smooth)
