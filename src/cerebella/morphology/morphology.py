"""Morphology of a Purkinje cell: unbranched sections of four regions, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from cerebella.results.html_table import table_as_html

REGIONS = ("soma", "ais", "smooth", "spiny")
"""Soma, axon initial segment, smooth (main) dendrite, spiny dendrite."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Morphology:
    """Sections of one cell, with the soma first and parents before children; read-only.

    Attributes
    ----------
    name : str
        Name in tables and figures.
    section_names : tuple of str, length n_sections
        Unique names.
    regions : ndarray of int64, shape (n_sections,)
        Index into ``("soma", "ais", "smooth", "spiny")``.
    parents : ndarray of int64, shape (n_sections,)
        Index of the parent section; -1 for the soma.
    parent_ends : ndarray of int64, shape (n_sections,)
        End of the parent, 0 or 1, to which the 0-end of the section connects.
    n_compartments : ndarray of int64, shape (n_sections,)
        Number of compartments of equal length.
    first_points : ndarray of int64, shape (n_sections + 1,)
        Section k consists of the points ``first_points[k]:first_points[k + 1]``.
    points_um : ndarray of float, shape (n_points, 4)
        x, y, z and diameter (µm) along each section, from its 0-end.

    Examples
    --------
    >>> morphology = cb.load_default_morphology()
    >>> morphology.n_sections
    1137
    >>> len(morphology.sections_of("smooth"))
    30
    >>> morphology.points_of(0).shape  # soma: x, y, z, diameter
    (41, 4)
    """

    name: str
    section_names: tuple[str, ...]
    regions: IntArray
    parents: IntArray
    parent_ends: IntArray
    n_compartments: IntArray
    first_points: IntArray
    points_um: FloatArray

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                view = value.view()
                view.setflags(write=False)
                object.__setattr__(self, field.name, view)

    @property
    def n_sections(self) -> int:
        """Number of sections."""
        return len(self.section_names)

    def points_of(self, section: int) -> FloatArray:
        """Return the points of one section.

        Parameters
        ----------
        section : int
            Index of the section.

        Returns
        -------
        ndarray of float, shape (n_points, 4)
            x, y, z and diameter in µm.
        """
        return self.points_um[self.first_points[section] : self.first_points[section + 1]]

    def sections_of(self, region: str) -> IntArray:
        """Return the indices of the sections in a region.

        Parameters
        ----------
        region : {"soma", "ais", "smooth", "spiny"}
            Name of the region.

        Returns
        -------
        ndarray of int64
            Indices in increasing order.
        """
        return np.flatnonzero(self.regions == REGIONS.index(region))

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.sections_of(region))} {region}" for region in REGIONS)
        return (
            f"<Morphology {self.name!r}: {self.n_sections} sections ({counts}), "
            f"{int(self.n_compartments.sum())} compartments>"
        )

    def _repr_html_(self) -> str:
        rows = {}
        for region in REGIONS:
            own = self.sections_of(region)
            length_um = sum(length_of(self.points_of(section)) for section in own.tolist())
            n = int(self.n_compartments[own].sum())
            rows[region] = f"{len(own):,} sections, {n:,} compartments, {length_um:,.0f} µm"
        return table_as_html(f"Morphology {self.name}", rows)


def length_of(points_um: FloatArray) -> float:
    """Return the arc length along points, whose first three columns are x, y, z."""
    return float(np.linalg.norm(np.diff(points_um[:, :3], axis=0), axis=1).sum())
