"""Compartments of a morphology: size, position and distance from the soma.

Lengths, diameters, areas and axial resistances equal those that NEURON derives from the same
3-D points, with a frustum (truncated cone) between consecutive points.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

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
    halves = np.concatenate(
        [_cut(morphology.points_of(s), 2 * n) for s, n in enumerate(counts.tolist())]
    ).reshape(-1, 2, len(_COLUMNS))
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
        position_um=np.concatenate(
            [_positions(morphology.points_of(s), n) for s, n in enumerate(counts.tolist())]
        ),
    )


_COLUMNS = ("length", "∫ d dx", "area", "∫ 4/(π d²) dx")


def _cut(points_um: FloatArray, n_pieces: int) -> FloatArray:
    """Integrate `_COLUMNS` over pieces of equal length of one section, shape (n_pieces, 4)."""
    arc = _arc(points_um)
    edges = np.linspace(0, arc[-1], n_pieces + 1)
    cuts = np.sort(np.concatenate([arc, edges[1:-1]]))
    length = np.diff(cuts)
    real = length > 0
    length, middle = length[real], (cuts[1:] + cuts[:-1])[real] / 2
    frustum = np.clip(np.searchsorted(arc, middle) - 1, 0, len(arc) - 2)
    slope = np.diff(points_um[:, 3])[frustum] / np.diff(arc)[frustum]
    mean = points_um[frustum, 3] + slope * (middle - arc[frustum])
    low, high = mean - slope * length / 2, mean + slope * length / 2
    slant = np.hypot(length, (high - low) / 2)
    values = (length, mean * length, np.pi * mean * slant, 4 * length / (np.pi * low * high))
    piece = np.clip(np.searchsorted(edges, middle) - 1, 0, n_pieces - 1)
    sums = np.zeros((n_pieces, len(_COLUMNS)))
    np.add.at(sums, piece, np.stack(values, axis=1))
    return sums


def _arc(points_um: FloatArray) -> FloatArray:
    """Return the arc length from the first point to each point, shape (n_points,)."""
    steps = np.linalg.norm(np.diff(points_um[:, :3], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _positions(points_um: FloatArray, n: int) -> FloatArray:
    arc = _arc(points_um)
    at = (np.arange(n) + 0.5) / n * arc[-1]
    return np.stack([np.interp(at, arc, points_um[:, axis]) for axis in range(3)], axis=1)


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
