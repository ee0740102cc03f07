"""Compartments of a morphology: size, position and distance from the soma.

Lengths, diameters, areas and axial resistances equal those that NEURON derives from the same
3-D points, with a frustum (truncated cone) between consecutive points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import REGIONS, Morphology

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compartments:
    """All compartments of a cell, section by section from 0-end to 1-end; arrays are read-only.

    Attributes
    ----------
    section : ndarray of int64, shape (n_compartments,)
        Index of the section.
    region : ndarray of int64, shape (n_compartments,)
        Index into ``("soma", "ais", "smooth", "spiny")``.
    x : ndarray of float, shape (n_compartments,)
        Center along the section, from 0 to 1.
    length_um : ndarray of float, shape (n_compartments,)
        Length in µm.
    diameter_um : ndarray of float, shape (n_compartments,)
        Mean diameter in µm (``seg.diam`` in NEURON).
    area_um2 : ndarray of float, shape (n_compartments,)
        Membrane area in µm² (``seg.area()`` in NEURON). It exceeds π · diameter · length where
        the diameter changes steeply, as in the soma.
    axial_per_um : ndarray of float, shape (n_compartments, 2)
        Integral of 4/(π d²) over the half toward the 0-end and the half toward the 1-end, in
        1/µm. Multiplied by the axial resistivity, it is the axial resistance.
    path_distance_um : ndarray of float, shape (n_compartments,)
        Path distance from the origin in the soma, in µm.
    position_um : ndarray of float, shape (n_compartments, 3)
        x, y, z of the center in µm.

    Examples
    --------
    >>> compartments = cb.compute_compartments(cb.load_default_morphology())
    >>> spiny = compartments.of("spiny")
    >>> print(f"{compartments.diameter_um[spiny].mean():.2f} µm")
    1.13 µm
    """

    section: IntArray
    region: IntArray
    x: FloatArray
    length_um: FloatArray
    diameter_um: FloatArray
    area_um2: FloatArray
    axial_per_um: FloatArray
    path_distance_um: FloatArray
    position_um: FloatArray

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.x)

    def of(self, region: str) -> IntArray:
        """Return the indices of the compartments in a region.

        Parameters
        ----------
        region : {"soma", "ais", "smooth", "spiny"}
            Name of the region.

        Returns
        -------
        ndarray of int64
            Indices in increasing order.
        """
        return np.flatnonzero(self.region == REGIONS.index(region))

    def __repr__(self) -> str:
        return f"<Compartments: {len(self)}, {self.length_um.sum():.1f} µm>"


def compute_compartments(morphology: Morphology, *, origin_x: float = 0.5) -> Compartments:
    """Divide each section into compartments of equal length; results of the last cells are kept.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    origin_x : float, default 0.5
        Relative position in the soma from which path distances are measured. 0.5 is the middle;
        0.05 is the first of ten compartments, as in the published calcium files.

    Returns
    -------
    Compartments

    Examples
    --------
    >>> compartments = cb.compute_compartments(cb.load_default_morphology())
    >>> compartments
    <Compartments: 2569, 9939.5 µm>
    >>> farthest = compartments.path_distance_um.argmax()
    >>> print(f"{compartments.path_distance_um[farthest]:.0f} µm from the soma")
    267 µm from the soma
    """
    return _compute_compartments(morphology, origin_x)


@lru_cache(maxsize=4)
def _compute_compartments(morphology: Morphology, origin_x: float) -> Compartments:
    counts = morphology.n_compartments
    section = np.repeat(np.arange(morphology.n_sections), counts)
    rank = np.arange(len(section)) - np.repeat(np.cumsum(counts) - counts, counts)
    x = (rank + 0.5) / counts[section]
    arc_um = _arcs_um(morphology)
    halves = _cut(morphology, arc_um, 2 * counts).reshape(-1, 2, len(_COLUMNS))
    length, diameter_integral, area, axial = np.moveaxis(halves, 2, 0)
    lengths_um = np.add.reduceat(length.sum(axis=1), np.cumsum(counts) - counts)
    starts_um = _starts_um(morphology, lengths_um, origin_x)
    return Compartments(
        section=section,
        region=morphology.regions[section],
        x=x,
        length_um=length.sum(axis=1),
        diameter_um=diameter_integral.sum(axis=1) / length.sum(axis=1),
        area_um2=area.sum(axis=1),
        axial_per_um=axial,
        path_distance_um=np.where(
            section == 0,
            np.abs(x - origin_x) * lengths_um[0],
            starts_um[section] + x * lengths_um[section],
        ),
        position_um=_positions_um(morphology, arc_um),
    )


_COLUMNS = ("length", "∫ d dx", "area", "∫ 4/(π d²) dx")


def _arcs_um(morphology: Morphology) -> FloatArray:
    """Return the arc length from the first point of its section to each point, (n_points,)."""
    steps = np.linalg.norm(np.diff(morphology.points_um[:, :3], axis=0), axis=1)
    arc = np.zeros(len(morphology.points_um))
    for first, stop in _ranges(morphology):
        np.cumsum(steps[first : stop - 1], out=arc[first + 1 : stop])
    return arc


def _ranges(morphology: Morphology) -> Iterator[tuple[int, int]]:
    """Yield the first point of each section, and that after its last."""
    return pairwise(morphology.first_points.tolist())


def _cut(morphology: Morphology, arc_um: FloatArray, n_pieces: IntArray) -> FloatArray:
    """Integrate `_COLUMNS` over pieces of equal length of each section, shape (n, 4)."""
    frusta = []
    first_pieces = (np.cumsum(n_pieces) - n_pieces).tolist()
    for (first, stop), n, first_piece in zip(
        _ranges(morphology), n_pieces.tolist(), first_pieces, strict=True
    ):
        arc = arc_um[first:stop]
        edges = np.arange(n + 1) * (arc[-1] / n)
        cuts = np.sort(np.concatenate([arc, edges[1:-1]]))
        length = np.diff(cuts)
        middle = (cuts[1:] + cuts[:-1]) / 2
        # Rounding can put the middle of a short frustum beyond an end.
        frustum = np.minimum(np.maximum(np.searchsorted(arc, middle) - 1, 0), stop - first - 2)
        piece = np.minimum(np.maximum(np.searchsorted(edges, middle) - 1, 0), n - 1)
        frusta.append((length, middle, frustum + first, piece + first_piece))
    length, middle, frustum, piece = map(np.concatenate, zip(*frusta, strict=True))
    real = length > 0
    length, middle, frustum, piece = length[real], middle[real], frustum[real], piece[real]
    diameter_um = morphology.points_um[:, 3]
    slope = np.diff(diameter_um)[frustum] / np.diff(arc_um)[frustum]
    mean = diameter_um[frustum] + slope * (middle - arc_um[frustum])
    low, high = mean - slope * length / 2, mean + slope * length / 2
    slant = np.hypot(length, (high - low) / 2)
    values = (length, mean * length, np.pi * mean * slant, 4 * length / (np.pi * low * high))
    sums = np.zeros((int(n_pieces.sum()), len(_COLUMNS)))
    np.add.at(sums, piece, np.stack(values, axis=1))
    return sums


def _positions_um(morphology: Morphology, arc_um: FloatArray) -> FloatArray:
    """Return the centers of all compartments, shape (n_compartments, 3)."""
    positions = np.empty((int(morphology.n_compartments.sum()), 3))
    row = 0
    for (first, stop), n in zip(
        _ranges(morphology), morphology.n_compartments.tolist(), strict=True
    ):
        arc, points = arc_um[first:stop], morphology.points_um[first:stop]
        at = (np.arange(n) + 0.5) / n * arc[-1]
        for axis in range(3):
            positions[row : row + n, axis] = np.interp(at, arc, points[:, axis])
        row += n
    return positions


def _starts_um(morphology: Morphology, lengths_um: FloatArray, origin_x: float) -> FloatArray:
    """Return the path distance of the 0-end of each section from the origin, (n_sections,)."""
    starts = np.zeros(morphology.n_sections)
    for section in range(1, morphology.n_sections):
        parent, end = morphology.parents[section], morphology.parent_ends[section]
        if parent == 0:
            starts[section] = abs(end - origin_x) * lengths_um[0]
        else:
            starts[section] = starts[parent] + end * lengths_um[parent]
    return starts
