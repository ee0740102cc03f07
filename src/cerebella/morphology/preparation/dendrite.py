"""Scale, diameters and zero-length steps of traced branches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cerebella.errors import InputError
from cerebella.morphology.preparation.repair import (
    AXON,
    SOMA,
    Repair,
    parents_first,
    range_text,
    rows_text,
    select,
)
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints

EXTENT_RANGE_UM = (30.0, 700.0)
"""Longest extent of the dendrite of a Purkinje cell, young cells and large species included."""

DIAMETER_RANGE_UM = (0.1, 6.0)
"""Median diameter of the dendrite."""

MIN_DIAMETER_UM = 0.2
"""About the resolution of a light microscope: smaller diameters cannot have been measured."""

MAX_DIAMETER_UM = 12.0
"""Larger than any dendrite of a Purkinje cell."""

MIN_STEP_UM = 1e-3
"""Points closer than this are at the same place."""


def apply_scale(points: SWCPoints, scale: float | None, repairs: list[Repair]) -> SWCPoints:
    """Multiply coordinates and diameters; without a scale, check that they can be in µm.

    Raises
    ------
    InputError
        The extent or the diameters are not those of a Purkinje cell in µm.
    """
    if scale is None:
        _check_scale(points)
        return points
    if not 0 < scale < float("inf"):
        raise InputError(
            f"`scale` is {scale:g}", remedy="Give the size of a unit of the file in µm"
        )
    if scale == 1:
        return points
    repairs.append(
        Repair("coordinates and diameters scaled", len(points.ids), "", "1 unit", f"{scale:g} µm")
    )
    return replace(points, points_um=scale * points.points_um)


def _check_scale(points: SWCPoints) -> None:
    dendrite = points.points_um[(points.regions != SOMA) & (points.regions != AXON)]
    if not len(dendrite):
        raise InputError(
            "has no dendrite",
            file=points.file,
            remedy="Specify the type of its dendrites with type codes",
        )
    measured = dendrite[dendrite[:, 3] > 0, 3]
    for value, (low, high), problem in (
        (float(np.ptp(dendrite[:, :3], axis=0).max()), EXTENT_RANGE_UM, "the dendrite spans"),
        (
            float(np.median(measured)) if len(measured) else DIAMETER_RANGE_UM[0],
            DIAMETER_RANGE_UM,
            "the median diameter is",
        ),
    ):
        if not low <= value <= high:
            in_nm = low <= value / 1000 <= high
            raise InputError(
                f"{problem} {value:,.6g} in units of the file, but {low:g} to {high:g} µm in a "
                "Purkinje cell, so " + ("they appear to be nm" if in_nm else "they are not µm"),
                file=points.file,
                remedy="Give the size of a unit in µm as `scale` of `prepare_morphology`: 0.001 "
                "for nm, or the size of a voxel; 1 if the units are µm in spite of this",
            )


def repair_diameters(points: SWCPoints, min_diameter_um: float, repairs: list[Repair]) -> SWCPoints:
    """Replace impossible diameters outside the soma.

    Those that are not positive or above `MAX_DIAMETER_UM` become that of the nearest point toward
    the soma, or of the first point beyond; small ones become `min_diameter_um`.
    """
    if not 0 < min_diameter_um <= 1:
        raise InputError(
            f"`min_diameter_um` is {min_diameter_um:g}",
            remedy=f"Give a diameter from 0 to 1 µm; the default is {MIN_DIAMETER_UM:g}",
        )
    points_um = points.points_um.copy()
    diameters = points_um[:, 3]  # a view
    outside = points.regions != SOMA
    order, parents = parents_first(points), points.parents
    for bad, why in (
        (outside & (diameters <= 0), "diameter that is not positive"),
        (outside & (diameters > MAX_DIAMETER_UM), f"diameter above {MAX_DIAMETER_UM:g} µm"),
    ):
        if not bad.any():
            continue
        before, missing = diameters[bad], bad.copy()
        for point, source in [
            *((p, int(parents[p])) for p in order),
            *((int(parents[p]), p) for p in reversed(order)),
        ]:
            known = min(point, source) >= 0 and outside[source] and not missing[source]
            if known and missing[point]:
                diameters[point], missing[point] = diameters[source], False
        if missing.any():
            points.refuse(
                int(np.argmax(missing)),
                f"has a {why}, as have all points of its branch",
                "Measure the diameters of this branch",
            )
        repairs.append(
            Repair(
                f"{why} replaced by that of its neighbor",
                int(bad.sum()),
                rows_text(points, np.flatnonzero(bad)),
                range_text(before),
                range_text(diameters[bad]),
            )
        )
    thin = outside & (diameters < min_diameter_um)
    if thin.any():
        repairs.append(
            Repair(
                f"diameter below {min_diameter_um:g} µm raised",
                int(thin.sum()),
                rows_text(points, np.flatnonzero(thin)),
                range_text(diameters[thin]),
                f"{min_diameter_um:g} µm",
            )
        )
        diameters[thin] = min_diameter_um
    return replace(points, points_um=points_um)


def remove_zero_lengths(points: SWCPoints, repairs: list[Repair]) -> SWCPoints:
    """Remove points that are at the place of their parent, except for first points of a section.

    The first point of a section may repeat the place of its parent, with the diameter of the
    section. It is removed, too, if the section has no other point.
    """
    parents = points.parents.copy()
    children = points.children()
    parent = np.maximum(parents, 0)
    at_parent = np.linalg.norm(points.points_um[:, :3] - points.points_um[parent, :3], axis=1)
    repeated = np.flatnonzero(
        (at_parent < MIN_STEP_UM)
        & (parents != NO_PARENT)
        & (points.regions != SOMA)
        & (points.regions[parent] != SOMA)
    ).tolist()
    removed: list[int] = []
    while True:  # the removal of a point can make another one the first of its section, or the last
        left = []
        for point in reversed(repeated):
            parent = int(parents[point])
            starts_section = (
                len(children[parent]) > 1 or points.regions[parent] != points.regions[point]
            )
            has_others = [points.regions[c] for c in children[point]] == [points.regions[point]]
            if starts_section and has_others:
                left.append(point)
                continue
            place = children[parent].index(point)
            children[parent][place : place + 1] = children[point]
            parents[children[point]] = parent
            removed.append(point)
        if len(left) == len(repeated):
            break
        repeated = left[::-1]
    if not removed:
        return points
    repairs.append(
        Repair(
            "step of zero length removed",
            len(removed),
            rows_text(points, sorted(removed)),
            f"below {MIN_STEP_UM:g} µm",
            "–",
        )
    )
    kept = np.setdiff1d(np.arange(len(points.ids)), removed)
    return select(points, kept, parents)
