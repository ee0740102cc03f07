"""What a preparation did to a tracing: rows of a table, and the points that they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SOMA, AXON = REGIONS.index("soma"), REGIONS.index("ais")
SMOOTH, SPINY = REGIONS.index("smooth"), REGIONS.index("spiny")

_LISTED = 4


class Repair(NamedTuple):
    """One kind of change of a tracing.

    Attributes
    ----------
    what : str
        The change and its reason.
    n_points : int
        Number of points of the file that were changed; 0 if none was.
    where : str
        Rows of the file, the first few.
    before, after : str
        Value before and after.

    Examples
    --------
    >>> cb.Repair("diameter raised", 2, "rows 7 and 9", "0.05 to 0.1 µm", "0.2 µm").n_points
    2
    """

    what: str
    n_points: int
    where: str
    before: str
    after: str

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}: {self.before} → {self.after}"


def rows_text(points: SWCPoints, of: Sequence[int] | IntArray) -> str:
    """Return the rows of some points in the file, as ``"rows 3, 4, 8, 9 and 17 more"``."""
    rows = [str(row) for row in points.rows[list(of)].tolist()]
    if len(rows) < 2:
        return "".join(f"row {row}" for row in rows)
    if len(rows) > _LISTED:
        return f"rows {', '.join(rows[:_LISTED])} and {len(rows) - _LISTED} more"
    return f"rows {', '.join(rows[:-1])} and {rows[-1]}"


def range_text(values: npt.ArrayLike, unit: str = "µm") -> str:
    """Return the range of values with four digits, as ``"0.05 to 0.1 µm"``."""
    low, high = (f"{value:.4g}" for value in (np.min(values), np.max(values)))
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def parents_first(points: SWCPoints) -> list[int]:
    """Return all points that descend from a root, each after its parent."""
    children = points.children()
    order = np.flatnonzero(points.parents == NO_PARENT).tolist()
    for point in order:  # grows
        order += children[point]
    return order


def step_lengths_um(points: SWCPoints) -> FloatArray:
    """Return the distance of each point from its parent, 0 at roots and next to the soma."""
    parent = np.maximum(points.parents, 0)
    steps = np.linalg.norm(points.points_um[:, :3] - points.points_um[parent, :3], axis=1)
    at_start = (points.parents == NO_PARENT) | (
        (points.regions != SOMA) & (points.regions[parent] == SOMA)
    )
    return np.where(at_start, 0.0, steps)


def carried_lengths_um(points: SWCPoints) -> FloatArray:
    """Return the length of all branches that descend from each point, its own step included."""
    carried = step_lengths_um(points)
    for point in reversed(parents_first(points)):
        if points.parents[point] != NO_PARENT:
            carried[points.parents[point]] += carried[point]
    return carried


def select(points: SWCPoints, kept: IntArray, parents: IntArray | None = None) -> SWCPoints:
    """Return some of the points, in the order given.

    Parameters
    ----------
    points : SWCPoints
        All points.
    kept : ndarray of int64
        Indices of those to keep.
    parents : ndarray of int64, optional
        Index of the parent of each of all points, kept itself; by default as in `points`.

    Returns
    -------
    SWCPoints
    """
    place = np.full(len(points.ids) + 1, NO_PARENT)  # the last one serves the parent -1
    place[kept] = np.arange(len(kept))
    old = points.parents if parents is None else parents
    return replace(
        points,
        rows=points.rows[kept],
        ids=points.ids[kept],
        codes=points.codes[kept],
        regions=points.regions[kept],
        parents=place[old[kept]],
        points_um=points.points_um[kept],
    )


def prepend(points: SWCPoints, lines: Sequence[tuple[int, FloatArray, int]]) -> SWCPoints:
    """Put unbranched lines of new points before the others.

    Parameters
    ----------
    points : SWCPoints
        Existing points.
    lines : sequence of (region, ndarray of float of shape (n, 4), parent)
        Region and points of each line, and the index of the parent of its first point among the
        new points; `NO_PARENT` for none.

    Returns
    -------
    SWCPoints
        The row of new points is 0.
    """
    n_new = sum(len(line) for _, line, _ in lines)
    regions = np.concatenate([np.full(len(line), region) for region, line, _ in lines])
    parents = np.arange(n_new) - 1
    first = 0
    for _, line, parent in lines:
        parents[first] = parent
        first += len(line)
    shifted = np.where(points.parents == NO_PARENT, NO_PARENT, points.parents + n_new)
    largest = points.ids.max(initial=0)
    return replace(
        points,
        rows=np.concatenate([np.zeros(n_new, np.int64), points.rows]),
        ids=np.concatenate([largest + 1 + np.arange(n_new), points.ids]),
        codes=np.concatenate([regions, points.codes]),
        regions=np.concatenate([regions, points.regions]),
        parents=np.concatenate([parents, shifted]),
        points_um=np.concatenate([*(line for _, line, _ in lines), points.points_um]),
    )


def area_um2(points_um: FloatArray) -> float:
    """Return the lateral area of the truncated cones between consecutive points."""
    steps = np.linalg.norm(np.diff(points_um[:, :3], axis=0), axis=1)
    first, last = points_um[:-1, 3], points_um[1:, 3]
    return float(np.sum(np.pi * (first + last) / 2 * np.hypot(steps, (last - first) / 2)))
