"""The shape of a Purkinje cell: unbranched sections of four regions, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

REGIONS = ("soma", "ais", "smooth", "spiny")
"""Soma, axon initial segment, smooth (main) dendrite, spiny dendrite."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Morphology:
    """Sections of one cell: the soma first, parents before children.

    Attributes
    ----------
    name : what tables and figures call it.
    section_names : (n_sections,) unique.
    regions : (n_sections,) index into `REGIONS`.
    parents : (n_sections,) index of the parent section, -1 for the soma.
    parent_ends : (n_sections,) end of the parent, 0 or 1, to which a section's 0-end connects.
    n_compartments : (n_sections,) compartments of equal length.
    first_points : (n_sections + 1,) section k owns points first_points[k]:first_points[k + 1].
    points_um : (n_points, 4) x, y, z and diameter along each section, from its 0-end.
    """

    name: str
    section_names: tuple[str, ...]
    regions: IntArray
    parents: IntArray
    parent_ends: IntArray
    n_compartments: IntArray
    first_points: IntArray
    points_um: FloatArray

    @property
    def n_sections(self) -> int:
        """Number of sections."""
        return len(self.section_names)

    def points_of(self, section: int) -> FloatArray:
        """Return the points of one section: (n, 4) x, y, z, diameter in µm."""
        return self.points_um[self.first_points[section] : self.first_points[section + 1]]

    def sections_of(self, region: str) -> IntArray:
        """Return the indices of the sections of a region, in order."""
        return np.flatnonzero(self.regions == REGIONS.index(region))

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.sections_of(region))} {region}" for region in REGIONS)
        return (
            f"<Morphology {self.name!r}: {self.n_sections} sections ({counts}), "
            f"{int(self.n_compartments.sum())} compartments>"
        )


def length_of(points_um: FloatArray) -> float:
    """Length along points, of which the first three columns are x, y, z."""
    return float(np.linalg.norm(np.diff(points_um[:, :3], axis=0), axis=1).sum())
