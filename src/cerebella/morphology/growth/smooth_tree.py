"""Smooth dendrite: a trunk, a fork, and branches to the center of each part of the arbor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.vq import kmeans2

from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_STEP_UM = 2.0
_N_BISECTIONS = 30


@dataclass(frozen=True)
class SmoothTree:
    """Smooth dendrite as points, parents before children.

    Attributes
    ----------
    places_um : ndarray of float, shape (n_points, 3)
        x, y, z; the first point is the 1-end of the soma.
    parents : ndarray of int64, shape (n_points,)
        Index of the parent point; -1 for the first.
    path_um : ndarray of float, shape (n_points,)
        Path distance from the first point.
    attachments : ndarray of int64, shape (n_subtrees,)
        Point to which each spiny subtree is attached; tips carry two subtrees.
    """

    places_um: FloatArray
    parents: IntArray
    path_um: FloatArray
    attachments: IntArray

    @property
    def length_um(self) -> float:
        """Total length in µm."""
        return float(np.sum(self.path_um[1:] - self.path_um[self.parents[1:]]))


def grow_smooth_tree(
    carriers_um: FloatArray,
    root_um: FloatArray,
    rng: np.random.Generator,
    p: PurkinjeMorphologyParameters,
) -> SmoothTree:
    """Grow the tree to its target length by scaling the branch targets around the fork.

    Parameters
    ----------
    carriers_um : ndarray of float, shape (n_carriers, 3)
        Carrier points.
    root_um : ndarray of float, shape (3,)
        The 1-end of the soma.
    rng : Generator
        Random generator.
    p : PurkinjeMorphologyParameters
        Target length and growth parameters.

    Returns
    -------
    SmoothTree
    """
    centers = _centers(carriers_um, p.n_smooth_targets, rng)
    bows = rng.normal(0, (p.bow_sd, p.depth_bow_sd), (p.n_smooth_targets + 1, 2))
    cuts_rng = rng.spawn(1)[0]
    trunk = _trunk(root_um, centers.mean(axis=0), bows[-1], p)
    low, high = 0.05, 3.0
    tree = _connect(trunk, centers, bows, p)
    for _ in range(_N_BISECTIONS):
        scale = (low + high) / 2
        tree = _connect(trunk, trunk[-1] + scale * (centers - trunk[-1]), bows, p)
        low, high = (scale, high) if tree.length_um < p.smooth_length_um else (low, scale)
    attachments = _attachments(tree, len(trunk) - 1, cuts_rng, p)
    return SmoothTree(tree.places_um, tree.parents, tree.path_um, attachments)


def _centers(carriers_um: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Return the centers of n parts of the arbor, (n, 3), by k-means from distant points."""
    chosen = [int(rng.integers(len(carriers_um)))]
    while len(chosen) < n:
        apart = carriers_um[:, None] - carriers_um[None, chosen]
        chosen.append(int(np.argmax(np.linalg.norm(apart, axis=2).min(axis=1))))
    return kmeans2(carriers_um, carriers_um[chosen], minit="matrix", iter=30)[0]


def _trunk(
    root_um: FloatArray, middle_um: FloatArray, bow: FloatArray, p: PurkinjeMorphologyParameters
) -> FloatArray:
    """Return points from the end of the soma toward the center of the arbor."""
    direction = (middle_um - root_um) * (1, 1, 0)
    end = root_um + p.trunk_length_um * direction / np.linalg.norm(direction)
    return np.concatenate([root_um[None], _run(root_um, end, bow)])


def _run(start: FloatArray, end: FloatArray, bow: FloatArray) -> FloatArray:
    """Return points from `start` (excluded) to `end`, (n, 3), bowed by half a sine wave.

    `bow` contains the heights in the plane and in z, as fractions of the length.
    """
    span = end - start
    length = float(np.linalg.norm(span))
    n = max(int(np.ceil(length / _STEP_UM)), 1)
    t = np.arange(1, n + 1)[:, None] / n
    height = np.array([-bow[0] * span[1], bow[0] * span[0], bow[1] * length])
    return start + t * span + np.sin(np.pi * t) * height


def _connect(
    trunk: FloatArray, targets: FloatArray, bows: FloatArray, p: PurkinjeMorphologyParameters
) -> SmoothTree:
    """Connect all targets to the fork at the end of the trunk, cheapest first.

    The cost of a target is its distance in the plane plus a fraction of the path to the soma. The
    second branch also starts at the fork, toward the target most opposite to the first. A point
    has at most two children.
    """
    places, parents = list(trunk), [-1, *range(len(trunk) - 1)]
    path = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(trunk, axis=0), axis=1))]).tolist()
    fork, left = len(trunk) - 1, list(range(len(targets)))
    room = [0] * fork + [2]
    while left:
        if room[fork] == 1:
            node, which = fork, _most_opposite(places[fork], places[fork + 1], targets, left)
        else:
            nodes = np.flatnonzero(room)
            apart = np.array(places)[nodes, None, :2] - targets[None, left, :2]
            cost = np.linalg.norm(apart, axis=2) + p.smooth_path_cost * np.array(path)[nodes, None]
            row, column = np.unravel_index(np.argmin(cost), cost.shape)
            node, which = int(nodes[row]), left[column]
        left.remove(which)
        room[node] -= 1
        for place in _run(places[node], targets[which], bows[which]):
            path.append(path[node] + float(np.linalg.norm(place - places[node])))
            places.append(place)
            parents.append(node)
            room.append(1)
            node = len(places) - 1
        room[-1] = 2
    return SmoothTree(np.array(places), np.array(parents), np.array(path), np.empty(0, np.int64))


def _most_opposite(
    fork: FloatArray, first: FloatArray, targets: FloatArray, left: list[int]
) -> int:
    """Return the remaining target whose direction differs most from the first branch."""
    directions = targets[left] - fork
    cosines = directions @ (first - fork) / np.linalg.norm(directions, axis=1)
    return left[int(np.argmin(cosines))]


def _attachments(
    tree: SmoothTree, fork: int, rng: np.random.Generator, p: PurkinjeMorphologyParameters
) -> IntArray:
    """Choose the attachments of subtrees: all tips, twice, and points that divide long branches."""
    n_children = np.bincount(tree.parents[1:], minlength=len(tree.parents))
    ends = np.flatnonzero(n_children == 0).tolist()
    bounds = {fork, *ends, *np.flatnonzero(n_children == 2).tolist()}
    between: list[int] = []
    while len(between) < p.n_smooth_sections - (2 * len(ends) - 1):
        runs = [_run_before(tree, bounds, point) for point in sorted(bounds - {fork})]
        longest = max(runs, key=lambda run: tree.path_um[run[0]] - tree.path_um[run[-1]])
        high, low = tree.path_um[longest[0]], tree.path_um[longest[-1]]
        at = low + (high - low) * rng.uniform(0.4, 0.6)
        inner = longest[1:-1]
        between.append(inner[int(np.argmin(np.abs(tree.path_um[inner] - at)))])
        bounds.add(between[-1])
    return np.array(sorted([*between, *ends, *ends]))


def _run_before(tree: SmoothTree, bounds: set[int], point: int) -> list[int]:
    """Return the points from a bound back to the previous bound."""
    run = [point, int(tree.parents[point])]
    while run[-1] not in bounds:
        run.append(int(tree.parents[run[-1]]))
    return run
