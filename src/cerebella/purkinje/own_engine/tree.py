"""The cable equation of a whole cell: nodes in an order that fills lanes.

Nodes are the compartments and the ends of sections that carry others. Nodes of equal height, which
is the largest number of nodes to a tip below them, form a level and are eliminated together, eight
at a time. Each node of a level is preceded, at the same place of the level below, by one of its
children; contributions of its other children are added one by one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.memory import aligned
from cerebella.morphology.compartments import Compartments
from cerebella.morphology.morphology import Morphology

LANES = 8

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Tree(NamedTuple):
    """The nodes of a cell in the order of elimination.

    Attributes
    ----------
    first : ndarray of int64, shape (n_levels + 1,)
        First slot of each level, a multiple of 8. The last level is the root.
    parent : ndarray of int64, shape (n_slots,)
        Slot of the parent; the own slot for the root and for slots without a node.
    axial_uS : ndarray of float64, shape (n_slots,)
        Axial conductance to the parent; 0 for the root and for slots without a node.
    followed_uS : ndarray of float64, shape (n_slots,)
        The same, and 0 for nodes whose parent is not at the same place of the next level.
    first_other : ndarray of int64, shape (n_levels + 1,)
        First of the nodes of each level that are not followed by their parent, in `other`.
    other : ndarray of int64, shape (n_others,)
        Their slots.
    slot : ndarray of int64, shape (n_compartments,)
        Slot of each compartment.
    """

    first: Ints
    parent: Ints
    axial_uS: Floats
    followed_uS: Floats
    first_other: Ints
    other: Ints
    slot: Ints


def build_tree(
    morphology: Morphology, compartments: Compartments, axial_resistivity_ohm_cm: float
) -> Tree:
    """Return the nodes of a cell in the order of elimination.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    compartments : Compartments
        Its compartments.
    axial_resistivity_ohm_cm : float
        Axial resistivity in Ω·cm.

    Returns
    -------
    Tree
    """
    parent, axial_uS = _connect(morphology, compartments, axial_resistivity_ohm_cm)
    height, order = _heights(parent)
    n_nodes, n_levels = len(parent), int(height.max()) + 1
    follower = np.full(n_nodes, -1)  # child of largest height, which precedes its parent
    for node in order:
        above = parent[node]
        if above >= 0 and height[above] == height[node] + 1 and follower[above] < 0:
            follower[above] = node
    levels: list[list[int]] = [[] for _ in range(n_levels)]
    members = [np.flatnonzero(height == level).tolist() for level in range(n_levels)]
    levels[-1] = members[-1]
    for level in range(n_levels - 2, -1, -1):
        chosen = [int(follower[node]) for node in levels[level + 1]]
        taken = set(chosen)
        levels[level] = chosen + [node for node in members[level] if node not in taken]
    sizes = np.array([-(-len(nodes) // LANES) * LANES for nodes in levels])
    first = np.concatenate([[0], np.cumsum(sizes)])
    slot = np.empty(n_nodes, dtype=np.int64)
    for start, nodes in zip(first[:-1].tolist(), levels, strict=True):
        slot[nodes] = start + np.arange(len(nodes))
    # All but the followers of the next level; the root has no parent.
    others = [slot[nodes[len(above) :]] for nodes, above in pairwise(levels)]
    others.append(np.empty(0, dtype=np.int64))
    of_slot, axial_of_slot = np.arange(first[-1]), np.zeros(first[-1])
    has_parent = parent >= 0
    of_slot[slot[has_parent]] = slot[parent[has_parent]]
    axial_of_slot[slot] = axial_uS
    followed = axial_of_slot.copy()
    followed[np.concatenate(others)] = 0
    return Tree(
        first=first,
        parent=of_slot,
        axial_uS=aligned(axial_of_slot),
        followed_uS=aligned(followed),
        first_other=np.cumsum([0, *(len(slots) for slots in others)]),
        other=np.concatenate(others),
        slot=slot[: len(compartments)],
    )


def _connect(
    morphology: Morphology, compartments: Compartments, axial_resistivity_ohm_cm: float
) -> tuple[Ints, Floats]:
    """Return parent and axial conductance to it of each node; ends of sections come last.

    The root is the first compartment of the soma.
    """
    counts = morphology.n_compartments
    starts = np.cumsum(counts) - counts
    per_um = 1e-2 * axial_resistivity_ohm_cm * compartments.axial_per_um  # MΩ
    parent = np.arange(-1, len(compartments) - 1)
    resistance = np.concatenate([[np.inf], per_um[:-1, 1] + per_um[1:, 0]])
    ends: dict[tuple[int, int], int] = {}
    end_parents, end_resistances = [], []
    for section in range(1, morphology.n_sections):
        end = (int(morphology.parents[section]), int(morphology.parent_ends[section]))
        if end not in ends:
            ends[end] = len(compartments) + len(ends)
            last = starts[end[0]] + (counts[end[0]] - 1 if end[1] else 0)
            end_parents.append(last)
            end_resistances.append(per_um[last, end[1]])
        parent[starts[section]] = ends[end]
        resistance[starts[section]] = per_um[starts[section], 0]
    return (
        np.append(parent, end_parents).astype(np.int64),
        1 / np.append(resistance, end_resistances),
    )


def _heights(parent: Ints) -> tuple[Ints, list[int]]:
    """Return the height of each node, and an order in which children precede their parents."""
    n_children = np.bincount(parent[parent >= 0], minlength=len(parent))
    height = np.zeros(len(parent), dtype=np.int64)
    order = np.flatnonzero(n_children == 0).tolist()
    for node in order:
        above = int(parent[node])
        if above >= 0:
            height[above] = max(height[above], height[node] + 1)
            n_children[above] -= 1
            if n_children[above] == 0:
                order.append(above)
    return height, order
