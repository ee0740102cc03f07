"""The axon initial segment: that of the default cell, or the start of a traced axon."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.preparation.repair import (
    AXON,
    Repair,
    area_um2,
    carried_lengths_um,
    rows_text,
    select,
)
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SAME_LENGTH = 0.05
"""An unbranched axon that differs by less from the initial segment is one."""


@cache
def default_points(section: int) -> FloatArray:
    """Return the points of the soma (0) or the axon initial segment (1) of the default cell."""
    return load_default_morphology().points_of(section)


def initial_segment(
    points: SWCPoints,
    soma_end_um: FloatArray,
    direction: FloatArray,
    keep: bool,
    repairs: list[Repair],
) -> tuple[FloatArray | None, SWCPoints]:
    """Return the initial segment to be added, if any, and the points to be kept.

    Parameters
    ----------
    points : SWCPoints
        Points of the tracing.
    soma_end_um : ndarray of float
        Where the segment starts: x, y, z, and the diameter of the soma there.
    direction : ndarray of float, shape (3,)
        Direction of an added segment.
    keep : bool
        Keep a traced axon as far as the initial segment.
    repairs : list of Repair
        Receives what was done.

    Returns
    -------
    ndarray of float, shape (n, 4), or None
        Points of the added segment; None if that of the tracing is kept.
    SWCPoints
        The other points.

    Raises
    ------
    InputError
        A dendrite is attached to the axon.
    """
    default = default_points(1)
    along = np.concatenate(
        [[0.0], np.cumsum(np.linalg.norm(np.diff(default[:, :3], axis=0), axis=1))]
    )
    added = np.column_stack([soma_end_um[:3] + along[:, None] * direction, default[:, 3]])
    after = f"{along[-1]:.1f} µm, {area_um2(added):.0f} µm²"
    traced = np.flatnonzero(points.regions == AXON)
    if not len(traced):
        repairs.append(Repair("axon initial segment of the default cell added", 0, "", "–", after))
        return added, points
    path_um, branched = _main_axon(points, traced)
    length_um = path_um[-1][1]
    if not branched and abs(length_um - along[-1]) < _SAME_LENGTH * along[-1]:
        return None, points
    total_um = carried_lengths_um(points)[[path_um[0][0]]].sum()
    before = f"{total_um:.1f} µm of axon"
    others = np.flatnonzero(points.regions != AXON)
    lost = others[np.isin(points.parents[others], traced)]
    if len(lost):
        points.refuse(
            int(lost[0]),
            "is not axon but its parent is",
            "Correct the types or the parents; the axon starts at the soma or at a dendrite",
        )
    if keep:
        points = _cut_axon(points, path_um, float(along[-1]))
        after = f"its first {min(length_um, along[-1]):.1f} µm"
        repairs.append(
            Repair("axon cut behind the initial segment", len(traced), "", before, after)
        )
        return None, points
    repairs.append(
        Repair(
            "axon replaced by the initial segment of the default cell",
            len(traced),
            rows_text(points, traced),
            before,
            after,
        )
    )
    return added, select(points, others)


def _main_axon(points: SWCPoints, traced: IntArray) -> tuple[list[tuple[int, float]], bool]:
    """Return points and path distances along the longest axon, and whether there are branches."""
    carried, children = carried_lengths_um(points), points.children()
    parents = points.parents[traced]
    roots = traced[(parents == NO_PARENT) | (points.regions[parents] != AXON)]
    path = [(int(roots[np.argmax(carried[roots])]), 0.0)]
    branched = len(roots) > 1
    while own := [c for c in children[path[-1][0]] if points.regions[c] == AXON]:
        branched |= len(own) > 1
        point, reached = path[-1]
        following = own[int(np.argmax(carried[own]))]
        step = points.points_um[following, :3] - points.points_um[point, :3]
        path.append((following, reached + float(np.linalg.norm(step))))
    return path, branched


def _cut_axon(points: SWCPoints, path: list[tuple[int, float]], length_um: float) -> SWCPoints:
    """Remove all axon but the first `length_um` along `path`."""
    kept = [point for point, reached in path if reached < length_um]
    points_um = points.points_um.copy()
    if len(kept) < len(path):
        (near, reached), (end, beyond) = path[len(kept) - 1], path[len(kept)]
        share = (length_um - reached) / (beyond - reached)
        points_um[end] = points_um[near] + share * (points_um[end] - points_um[near])
        kept.append(end)
    others = np.flatnonzero(points.regions != AXON)
    return select(
        replace(points, points_um=points_um), np.sort(np.concatenate([others, np.array(kept)]))
    )
