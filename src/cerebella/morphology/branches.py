"""Trees of points cut into unbranched runs, which become sections."""

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
"""Of coordinates and diameters in µm, as they are written to files."""


@dataclass(frozen=True)
class Branches:
    """Unbranched runs, parents before children.

    Attributes
    ----------
    parents : (n,) index of the run before, -1 where a tree starts.
    places_um : of each, (n_points, 3) from the end of the run before.
    path_um : (n,) of its middle along the dendrite from the soma's 1-end.
    trees : (n,) the root, a point, of the tree that a run belongs to.
    ends : (n,) the point in which it ends.
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
        """Length of each: (n,)."""
        return np.array([length_of(places) for places in self.places_um])

    @property
    def n_tips(self) -> IntArray:
        """Number of tips beyond each, itself included if it is one: (n,)."""
        inner = self.parents[self.parents >= 0]
        tips = (np.bincount(inner, minlength=len(self)) == 0).astype(np.int64)
        for run in range(len(self) - 1, -1, -1):
            if self.parents[run] >= 0:
                tips[self.parents[run]] += tips[run]
        return tips


def cut_smooth_tree(tree: SmoothTree) -> Branches:
    """Cut the smooth tree where it branches, ends, or carries a spiny subtree."""
    n_children = np.bincount(tree.parents[1:], minlength=len(tree.parents))
    bounds = {*np.flatnonzero(n_children != 1).tolist(), *tree.attachments.tolist()}
    return _cut(tree.places_um, tree.parents, tree.path_um, bounds)


def cut_spiny_tree(tree: SpinyTree) -> Branches:
    """Cut all spiny subtrees where they branch and end."""
    bounds = np.flatnonzero(tree.n_children[tree.n_roots :] != 1) + tree.n_roots
    return _cut(tree.places_um, tree.parents, tree.path_um, bounds.tolist())


def _cut(
    places_um: FloatArray, parents: IntArray, path_um: FloatArray, bounds: Iterable[int]
) -> Branches:
    """Cut trees, whose roots have the parent -1, at the points `bounds`."""
    run_to: dict[int, int] = {}
    ups, lines, starts, trees, ends = [], [], [], [], sorted(bounds)
    for run, end in enumerate(ends):
        line = [end, int(parents[end])]
        while line[-1] not in run_to and parents[line[-1]] >= 0:
            line.append(int(parents[line[-1]]))
        run_to[end] = run
        starts.append(line[-1])
        ups.append(run_to.get(line[-1], -1))
        trees.append(trees[ups[-1]] if ups[-1] >= 0 else line[-1])
        lines.append(np.round(places_um[line[::-1]], DECIMALS))
    middles_um = (path_um[starts] + path_um[ends]) / 2
    return Branches(np.array(ups), lines, middles_um, np.array(trees), np.array(ends))
