"""Tracings as they come: any order of ids, types and roots that other programs accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.text import lines_of, read_text
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.preparation.repair import (
    AXON,
    SMOOTH,
    SOMA,
    SPINY,
    Repair,
    parents_first,
    rows_text,
)
from cerebella.morphology.swc_points import (
    NO_PARENT,
    SWCPoints,
    check_no_loop,
    indices_of_parents,
    read_values,
)

IntArray = npt.NDArray[np.int64]

TRACING_CODES: Mapping[int, str] = {1: "soma", 2: "ais", 3: "spiny", 4: "spiny", 5: "smooth"}
"""Region of each type code in tracings; 3 and 4 are dendrites, to be divided."""

_UNKNOWN = -1
_FORK_CODE = 5
_NEAR_SOMA_UM = 40.0


def read_tracing(file: Path, type_codes: Mapping[int, str]) -> tuple[SWCPoints, list[Repair]]:
    """Read the points of an SWC file as a tree with the soma, if there is one, at its root.

    Parameters
    ----------
    file : Path
        SWC file.
    type_codes : mapping of int to str
        Regions of type codes that differ from `TRACING_CODES`.

    Returns
    -------
    points : SWCPoints
        Points in file order, each in a region. Several dendrites may start at the soma.
    repairs : list of Repair
        What differs from the file.

    Raises
    ------
    InputError
        A line is malformed; an id occurs twice; a parent is missing; parents form a loop; there
        are two somata; a part of the cell is far from the soma.
    """
    text = read_text(file, kind="morphology", replace_others=True)
    if not text.strip():
        raise InputError("is empty", file=file, remedy="Copy or export the file again")
    lines = lines_of(text)
    rows, whole, points_um = read_values(file, lines)
    points_um[:, 3] *= 2
    points, repairs = tree_of(file, rows, whole, points_um, type_codes)
    if lines[-1].strip():
        repairs.insert(
            0, Repair("last row without line ending", 1, f"row {len(lines)}", "–", "read as it is")
        )
    if "\ufffd" in text:
        repairs.insert(0, Repair("text that is not UTF-8", 0, "", "–", "ignored in comments"))
    return points, repairs


def tree_of(
    file: Path,
    rows: IntArray,
    whole: IntArray,
    points_um: npt.NDArray[np.float64],
    type_codes: Mapping[int, str],
) -> tuple[SWCPoints, list[Repair]]:
    """Return the tree of points given by `whole`: id, type and id of the parent."""
    ids, codes, parent_ids = whole.T
    parent_ids = parent_ids.copy()
    parent_ids[(parent_ids < 0) | ((parent_ids == 0) & ~np.isin(0, ids))] = NO_PARENT
    known = {**TRACING_CODES, **type_codes}
    regions = np.array(
        [REGIONS.index(known[code]) if code in known else _UNKNOWN for code in codes.tolist()]
    )
    points = SWCPoints(
        file, rows, ids, codes, regions, indices_of_parents(ids, parent_ids, rows, file), points_um
    )
    check_no_loop(points)
    repairs: list[Repair] = []
    points = _root_in_soma(points, repairs)
    points = _join_roots(points, repairs)
    if _FORK_CODE not in type_codes:
        points = _without_fork_marks(points)
    return _complete_regions(points, repairs), repairs


def _root_in_soma(points: SWCPoints, repairs: list[Repair]) -> SWCPoints:
    """Turn the path from the root to the soma around if the root is not in the soma."""
    parents, inside = points.parents.copy(), points.regions == SOMA
    entries = np.flatnonzero(inside & (parents != NO_PARENT))
    entries = entries[~inside[parents[entries]]]
    if not len(entries):
        return points
    if len(entries) > 1 or (inside & (parents == NO_PARENT)).any():
        points.refuse(
            int(entries[-1]),
            "is in the soma but its parent is not",
            "The soma must be connected: correct the types or the parents",
        )
    path = [int(entries[0])]
    while parents[path[-1]] != NO_PARENT:
        path.append(int(parents[path[-1]]))
    parents[path] = [NO_PARENT, *path[:-1]]
    repairs.append(
        Repair(
            "root moved into the soma",
            len(path),
            rows_text(points, path[:1]),
            f"point {points.ids[path[-1]]}",
            f"point {points.ids[path[0]]}",
        )
    )
    return replace(points, parents=parents)


def _join_roots(points: SWCPoints, repairs: list[Repair]) -> SWCPoints:
    """Attach dendrites that start without a parent to the soma."""
    roots = np.flatnonzero(points.parents == NO_PARENT)
    inside = points.regions == SOMA
    somata, others = roots[inside[roots]], roots[~inside[roots]]
    if len(somata) > 1:
        points.refuse(
            int(somata[1]),
            f"starts a second soma, after point {points.ids[somata[0]]}",
            "Keep one cell in the file, and describe its soma by connected points",
        )
    if not len(somata) or not len(others):
        return points
    places = points.points_um[:, :3]
    for other in others.tolist():
        distance_um = np.linalg.norm(places[inside] - places[other], axis=1).min()
        if distance_um > _NEAR_SOMA_UM + points.points_um[inside, 3].max() / 2:
            points.refuse(
                other,
                f"has no parent and is {distance_um:.0f} µm away from the soma",
                "Connect this part of the cell, or remove it",
            )
    parents = points.parents.copy()
    parents[others] = somata[0]
    repairs.append(
        Repair(
            "branch without a parent attached to the soma",
            len(others),
            rows_text(points, others),
            "no parent",
            f"point {points.ids[somata[0]]}",
        )
    )
    return replace(points, parents=parents)


def _without_fork_marks(points: SWCPoints) -> SWCPoints:
    """Treat points of type 5 as of unknown type unless they form a tree that starts at the soma.

    In files of this package they are smooth dendrite; in others they mark branch points.
    """
    marked = (points.codes == _FORK_CODE) & (points.parents != NO_PARENT)
    before = points.parents[marked]
    if np.all((points.codes[before] == _FORK_CODE) | (points.regions[before] == SOMA)):
        return points
    return replace(points, regions=np.where(points.codes == _FORK_CODE, _UNKNOWN, points.regions))


def _complete_regions(points: SWCPoints, repairs: list[Repair]) -> SWCPoints:
    """Give points of unknown type the region of their branch.

    That is the region of the next point of the unbranched section, or else of the parent. Branches
    at the soma without either have the region of the first known descendant, or are dendrite.
    """
    regions = points.regions.copy()
    unknown = np.flatnonzero(regions == _UNKNOWN)
    if not len(unknown):
        return points
    order, children = parents_first(points), points.children()
    below = regions.copy()
    for point in reversed(order):
        following = [int(below[c]) for c in children[point] if below[c] not in (SOMA, _UNKNOWN)]
        if regions[point] == _UNKNOWN and following:
            below[point] = following[0]
            if len(children[point]) == 1:
                regions[point] = regions[children[point][0]]
    for point in order:
        if regions[point] == _UNKNOWN:
            parent = points.parents[point]
            inherited = parent != NO_PARENT and regions[parent] != SOMA
            regions[point] = regions[parent] if inherited else below[point]
            if regions[point] == _UNKNOWN:
                regions[point] = SPINY
    found = ", ".join(
        name
        for region, name in ((AXON, "axon"), (SMOOTH, "smooth dendrite"), (SPINY, "dendrite"))
        if (regions[unknown] == region).any()
    )
    codes = ", ".join(str(code) for code in np.unique(points.codes[unknown]))
    repairs.append(
        Repair(
            "type without a meaning taken from the branch",
            len(unknown),
            rows_text(points, unknown),
            f"type {codes}",
            found,
        )
    )
    return replace(points, regions=regions)
