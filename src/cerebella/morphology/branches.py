"""Division of trees of points into unbranched branches, which become sections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.morphology.growth.smooth_tree import SmoothTree
from cerebella.morphology.growth.spiny_tree import SpinyTree
from cerebella.morphology.morphology import length_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DECIMALS = 4
"""Decimals of coordinates and diameters (µm) in files."""


@dataclass(frozen=True)
class Branches:
    """Unbranched branches, parents before children.

    Attributes
    ----------
    parents : ndarray of int64, shape (n_branches,)
        Index of the parent branch; -1 at the root of a tree.
    places_um : list of ndarray of float, shape (n_points, 3)
        Points of each branch, starting at the end of its parent.
    path_um : ndarray of float, shape (n_branches,)
        Path distance of the midpoint from the 1-end of the soma.
    trees : ndarray of int64, shape (n_branches,)
        Root point of the tree that contains the branch.
    ends : ndarray of int64, shape (n_branches,)
        Last point of the branch.
    """

    parents: IntArray
    places_um: list[FloatArray]
    path_um: FloatArray
    trees: IntArray
    ends: IntArray

    def __len__(self) -> int:
        return len(self.parents)

    @property
    def lengths_um(self) -> FloatArray:
        """Length of each branch in µm, shape (n_branches,)."""
        return np.array([length_of(places) for places in self.places_um])

    @property
    def n_tips(self) -> IntArray:
        """Number of tips distal to each branch, including itself, shape (n_branches,)."""
        inner = self.parents[self.parents >= 0]
        tips = (np.bincount(inner, minlength=len(self)) == 0).astype(np.int64)
        for branch in range(len(self) - 1, -1, -1):
            if self.parents[branch] >= 0:
                tips[self.parents[branch]] += tips[branch]
        return tips


def cut_smooth_tree(tree: SmoothTree) -> Branches:
    """Divide the smooth tree at branch points, tips and attachments of spiny subtrees."""
    n_children = np.bincount(tree.parents[1:], minlength=len(tree.parents))
    bounds = {*np.flatnonzero(n_children != 1).tolist(), *tree.attachments.tolist()}
    return _cut(tree.places_um, tree.parents, tree.path_um, bounds)


def cut_spiny_tree(tree: SpinyTree) -> Branches:
    """Divide all spiny subtrees at branch points and tips."""
    bounds = np.flatnonzero(tree.n_children[tree.n_roots :] != 1) + tree.n_roots
    return _cut(tree.places_um, tree.parents, tree.path_um, bounds.tolist())


def _cut(
    places_um: FloatArray, parents: IntArray, path_um: FloatArray, bounds: Iterable[int]
) -> Branches:
    """Divide trees, whose roots have the parent -1, at the points `bounds`."""
    branch_to: dict[int, int] = {}
    branch_parents, places, starts, trees, ends = [], [], [], [], sorted(bounds)
    for branch, end in enumerate(ends):
        line = [end, int(parents[end])]
        while line[-1] not in branch_to and parents[line[-1]] >= 0:
            line.append(int(parents[line[-1]]))
        branch_to[end] = branch
        starts.append(line[-1])
        branch_parents.append(branch_to.get(line[-1], -1))
        trees.append(trees[branch_parents[-1]] if branch_parents[-1] >= 0 else line[-1])
        places.append(np.round(places_um[line[::-1]], DECIMALS))
    middles_um = (path_um[starts] + path_um[ends]) / 2
    return Branches(np.array(branch_parents), places, middles_um, np.array(trees), np.array(ends))
