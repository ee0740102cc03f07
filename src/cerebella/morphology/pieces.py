"""Pieces of a cell between its points and the borders of compartments, as figures draw them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import Morphology

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SOMA_PIECES = 40
_BLUNT = 0.5
"""Diameter of the thinner end of a blunt soma, relative to its largest diameter."""


class Pieces(NamedTuple):
    """Truncated cones, each within one compartment.

    Attributes
    ----------
    starts, ends : ndarray of float, shape (n_pieces, 4)
        x, y, z and diameter in µm at both ends.
    compartments : ndarray of int64, shape (n_pieces,)
        Compartment of each piece.
    """

    starts: FloatArray
    ends: FloatArray
    compartments: IntArray


def divide_sections(morphology: Morphology) -> Pieces:
    """Divide all sections at their points and at the borders of compartments.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    """
    starts, ends, compartments, first = [], [], [], 0
    for section, n in enumerate(morphology.n_compartments.tolist()):
        points = morphology.points_of(section)
        steps = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(steps)])
        cuts = np.union1d(arc, np.linspace(0, arc[-1], n + 1)[1:-1])
        if section == 0:
            cuts = np.union1d(cuts, np.linspace(0, arc[-1], _SOMA_PIECES + 1))
        at = np.stack([np.interp(cuts, arc, column) for column in points.T], axis=1)
        starts.append(at[:-1])
        ends.append(at[1:])
        middles = (cuts[1:] + cuts[:-1]) / 2
        compartments.append(first + np.minimum((middles * n / arc[-1]).astype(np.int64), n - 1))
        first += n
    return Pieces(np.concatenate(starts), np.concatenate(ends), np.concatenate(compartments))


def rounded_soma(starts: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the pieces of a soma with round ends.

    A cylinder that stands for a sphere is then drawn as a sphere.

    Parameters
    ----------
    starts, ends : ndarray of float, shape (n_pieces, 4)
        Ends of the pieces, in order along the soma.

    Returns
    -------
    starts, ends : ndarray of float, shape (n_pieces, 4)
        The same, with smaller diameters near blunt ends: no larger than twice the distance from
        the end.
    """
    starts, ends = starts.copy(), ends.copy()
    if not len(starts):
        return starts, ends
    thinner, largest = min(starts[0, 3], ends[-1, 3]), max(starts[:, 3].max(), ends[:, 3].max())
    if thinner > _BLUNT * largest:
        arc = np.cumsum(np.linalg.norm(ends[:, :3] - starts[:, :3], axis=1))
        for points, at in ((starts, np.append(0.0, arc[:-1])), (ends, arc)):
            points[:, 3] = np.minimum(points[:, 3], 2 * np.minimum(at, arc[-1] - at))
    return starts, ends
