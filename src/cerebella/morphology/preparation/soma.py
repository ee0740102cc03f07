"""Soma and axon initial segment of a tracing."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.morphology import length_of
from cerebella.morphology.preparation.axon import default_points, initial_segment
from cerebella.morphology.preparation.repair import (
    AXON,
    SOMA,
    Repair,
    area_um2,
    carried_lengths_um,
    prepend,
    rows_text,
    select,
)
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints

FloatArray = npt.NDArray[np.float64]

_N_SLICES = 20
_SAME = 0.05
_UP = np.array([0.0, 1.0, 0.0])


class _Form(NamedTuple):
    """A soma as a stack of disks, from its 0-end to its 1-end, shape (n, 4)."""

    stack_um: FloatArray
    before: str  # how it was described; empty if the stack is as traced


def set_soma_and_axon(
    points: SWCPoints, *, soma: str, keep_axon: bool, repairs: list[Repair]
) -> SWCPoints:
    """Describe the soma as a stack of disks, and give it the axon initial segment.

    Parameters
    ----------
    points : SWCPoints
        Points with clean branches.
    soma : {"traced", "default"}
        Keep the traced soma, or give the cell that of the default cell.
    keep_axon : bool
        Keep a traced axon as far as the initial segment.
    repairs : list of Repair
        Receives what was done.

    Returns
    -------
    SWCPoints
        The soma first, from its 0-end; dendrites are attached to its 1-end and the axon to its
        0-end, unless it leaves a dendrite.

    Raises
    ------
    InputError
        No soma was traced, or a dendrite is attached to the axon.
    """
    is_soma = points.regions == SOMA
    if soma == "traced" and not is_soma.any():
        raise InputError(
            "has no soma: no point of type 1",
            file=points.file,
            remedy='Give `soma` "default" to add that of the default cell, or specify the type of '
            "the soma with type codes",
        )
    start = _main_start(points)
    start_um = points.points_um[start, :3]
    if soma == "default":
        stack_um = _default_soma(points, start)
        repairs.append(
            Repair(
                "soma of the default cell used",
                int(is_soma.sum()),
                rows_text(points, np.flatnonzero(is_soma)),
                f"{is_soma.sum()} point{'s' if is_soma.sum() > 1 else ''}"
                if is_soma.any()
                else "–",
                f"{length_of(stack_um):.1f} µm long, {area_um2(stack_um):.0f} µm²",
            )
        )
    else:
        stack_um, before = _form(points, start_um)
        _check_diameters(points, stack_um)
        if before:
            repairs.append(
                Repair(
                    "soma described as a stack of disks",
                    int(is_soma.sum()),
                    rows_text(points, np.flatnonzero(is_soma)),
                    before,
                    f"{length_of(stack_um):.1f} µm long, {area_um2(stack_um):.0f} µm²",
                )
            )
    center_um = _center(stack_um)
    backward = _unit(center_um - start_um)
    axon_um, points = initial_segment(points, stack_um[0], backward, keep_axon, repairs)
    return _joined(points, stack_um, axon_um)


def _main_start(points: SWCPoints) -> int:
    """Return the first point of the largest dendrite."""
    after_soma = (points.parents == NO_PARENT) | (points.regions[points.parents] == SOMA)
    starts = np.flatnonzero(after_soma & (points.regions != SOMA) & (points.regions != AXON))
    if not len(starts):
        raise InputError(
            "has no dendrite at the soma",
            file=points.file,
            remedy="Specify the type of its dendrites with type codes",
        )
    return int(starts[np.argmax(carried_lengths_um(points)[starts])])


def _form(points: SWCPoints, start_um: FloatArray) -> _Form:
    """Return the soma as a stack whose 1-end faces the start of the main dendrite."""
    inside = np.flatnonzero(points.regions == SOMA)
    own = points.points_um[inside]
    children = [
        [c for c in some if points.regions[c] == SOMA]
        for i, some in enumerate(points.children())
        if points.regions[i] == SOMA
    ]
    place = {point: i for i, point in enumerate(inside.tolist())}
    root = next(place[p] for p in inside.tolist() if points.parents[p] == NO_PARENT)
    if len(own) == 1:
        return _Form(_cylinder(own[0, :3], own[0, 3], start_um), "one point")
    if _is_three_point_sphere(own, root):
        return _Form(_cylinder(own[root, :3], own[root, 3], start_um), "three points")
    chain, is_middle = [root], len(own) == 3 and len(children[root]) == 2
    if is_middle:
        ends = [place[c] for c in children[root]]
        chain = [ends[0], root, ends[1]]
    elif all(len(some) <= 1 for some in children):
        while children[chain[-1]]:
            chain.append(place[children[chain[-1]][0]])
    else:
        area = sum(
            area_um2(own[[place[int(points.parents[p])], place[p]]])
            for p in inside.tolist()
            if points.parents[p] != NO_PARENT
        )
        middle = own[:, :3].mean(axis=0)
        return _Form(_cylinder(middle, np.sqrt(area / np.pi), start_um), "branched points")
    stack = own[chain]
    stack = stack[np.insert(np.linalg.norm(np.diff(stack[:, :3], axis=0), axis=1) > 0, 0, True)]
    if len(stack) > 1 and not _is_contour(stack):
        return _Form(_turned(stack, start_um), "")
    if len(stack) < 3:
        return _Form(_cylinder(stack[0, :3], stack[0, 3], start_um), "one point")
    return _Form(_turned(_sliced(stack[:, :3]), start_um), f"contour of {len(stack)} points")


def _check_diameters(points: SWCPoints, stack_um: FloatArray) -> None:
    """Raise InputError if a disk has no diameter; an outline needs none at its points."""
    if (stack_um[:, 3] <= 0).any():
        inside = np.flatnonzero(points.regions == SOMA)
        points.refuse(
            int(inside[np.argmax(points.points_um[inside, 3] <= 0)]),
            "is in the soma and its diameter is not positive",
            'Measure it, or give `soma` "default"',
        )


def _is_three_point_sphere(own: FloatArray, root: int) -> bool:
    """Whether two points lie on opposite sides of a sphere about the root (NeuroMorpho.Org)."""
    if len(own) != 3:
        return False
    radius = own[root, 3] / 2
    arms = np.delete(own[:, :3], root, axis=0) - own[root, :3]
    near = np.abs(np.linalg.norm(arms, axis=1) - radius) < _SAME * radius
    same = np.abs(own[:, 3] / 2 - radius) < _SAME * radius
    return bool(near.all() and same.all() and np.linalg.norm(arms.sum(axis=0)) < 2 * _SAME * radius)


def _is_contour(stack: FloatArray) -> bool:
    """Whether points are an outline: a closed line whose diameters are small against its size."""
    places = stack[:, :3]
    size = np.linalg.norm(places - places.mean(axis=0), axis=1).mean()
    is_closed = np.linalg.norm(places[-1] - places[0]) < length_of(stack) / 2
    return bool(len(stack) > 3 and is_closed and np.median(stack[:, 3]) < size)


def _sliced(outline_um: FloatArray) -> FloatArray:
    """Return disks along the longest axis of an outline, as wide as the outline is there."""
    center = outline_um.mean(axis=0)
    _, _, axes = np.linalg.svd(outline_um - center, full_matrices=False)
    along, across = (outline_um - center) @ axes[0], (outline_um - center) @ axes[1]
    at = along.min() + (np.arange(_N_SLICES) + 0.5) / _N_SLICES * np.ptp(along)
    disks = []
    for place in at:
        side = along - place
        crossing = np.flatnonzero(side * np.roll(side, -1) <= 0)
        following = (crossing + 1) % len(side)
        share = side[crossing] / np.where(
            side[crossing] == side[following], 1, side[crossing] - side[following]
        )
        cut = across[crossing] + share * (across[following] - across[crossing])
        middle = center + place * axes[0] + (cut.min() + cut.max()) / 2 * axes[1]
        disks.append([*middle, np.ptp(cut)])
    return np.array(disks)


def _cylinder(center_um: FloatArray, diameter_um: float, start_um: FloatArray) -> FloatArray:
    """Return a cylinder as long as wide, with the area of a sphere, toward the main dendrite."""
    half = diameter_um / 2 * _unit(start_um - center_um)
    return np.array([[*(center_um - half), diameter_um], [*(center_um + half), diameter_um]])


def _turned(stack: FloatArray, start_um: FloatArray) -> FloatArray:
    """Return the stack with the end that is closer to the main dendrite last."""
    first, last = (np.linalg.norm(stack[end, :3] - start_um) for end in (0, -1))
    return stack[::-1] if first < last else stack


def _default_soma(points: SWCPoints, start: int) -> FloatArray:
    """Return the soma of the default cell, facing the main dendrite.

    It is centered on the traced soma or, without one, ends where the main dendrite starts.
    """
    own = default_points(0)
    along = own[:, 1] - own[:, 1].mean()
    start_um = points.points_um[start, :3]
    is_soma = points.regions == SOMA
    if is_soma.any():
        center = points.points_um[is_soma, :3].mean(axis=0)
        axis = _unit(start_um - center)
    else:
        places = points.points_um[points.regions != AXON, :3]
        near = places[np.linalg.norm(places - start_um, axis=1) < 20]
        axis = _unit(near.mean(axis=0) - start_um)
        center = start_um - along[-1] * axis
    return np.column_stack([center + along[:, None] * axis, own[:, 3]])


def _joined(points: SWCPoints, stack_um: FloatArray, axon_um: FloatArray | None) -> SWCPoints:
    """Put the soma and the new axon before the branches, and attach these to the soma."""
    is_soma = points.regions == SOMA
    starts = ~is_soma & ((points.parents == NO_PARENT) | is_soma[points.parents])
    branches = np.flatnonzero(~is_soma)
    parents = np.where(starts, NO_PARENT, points.parents)
    at_first = starts[branches] & (points.regions[branches] == AXON)
    at_last = starts[branches] & ~at_first
    lines = [(SOMA, stack_um, NO_PARENT)]
    if axon_um is not None:
        lines.append((AXON, axon_um, 0))
    joined = prepend(select(points, branches, parents), lines)
    own = joined.parents.copy()
    n_new = sum(len(line) for _, line, _ in lines)
    own[n_new:][at_first] = 0
    own[n_new:][at_last] = len(stack_um) - 1
    return replace(joined, parents=own)


def _unit(vector: FloatArray) -> FloatArray:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else _UP


def _center(stack_um: FloatArray) -> FloatArray:
    return (stack_um[0, :3] + stack_um[-1, :3]) / 2
