"""The smooth dendrite: a trunk, a fork, and runs to the middle of each part of the arbor.

purkinje-morphology specification §1, step 3.
"""

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
    """The smooth dendrite as points, parents before children.

    Attributes
    ----------
    places_um : (n, 3); the first is the soma's 1-end.
    parents : (n,), -1 for the first.
    path_um : (n,) along the dendrite from the first.
    attachments : (n_subtrees,) the point that carries each spiny subtree; ends of the tree
        carry two.
    """

    places_um: FloatArray
    parents: IntArray
    path_um: FloatArray
    attachments: IntArray

    @property
    def length_um(self) -> float:
        """Length of all runs together."""
        return float(np.sum(self.path_um[1:] - self.path_um[self.parents[1:]]))


def grow_smooth_tree(
    carriers_um: FloatArray,
    root_um: FloatArray,
    rng: np.random.Generator,
    p: PurkinjeMorphologyParameters,
) -> SmoothTree:
    """Grow the tree to its length, by scaling its targets about the fork."""
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
    """Return the middles (n, 3) of n parts of the arbor, by k-means from points far apart."""
    chosen = [int(rng.integers(len(carriers_um)))]
    while len(chosen) < n:
        apart = carriers_um[:, None] - carriers_um[None, chosen]
        chosen.append(int(np.argmax(np.linalg.norm(apart, axis=2).min(axis=1))))
    return kmeans2(carriers_um, carriers_um[chosen], minit="matrix", iter=30)[0]


def _trunk(
    root_um: FloatArray, middle_um: FloatArray, bow: FloatArray, p: PurkinjeMorphologyParameters
) -> FloatArray:
    """Points from the soma's end toward the middle of the arbor."""
    way = (middle_um - root_um) * (1, 1, 0)
    end = root_um + p.trunk_length_um * way / np.linalg.norm(way)
    return np.concatenate([root_um[None], _run(root_um, end, bow)])


def _run(start: FloatArray, end: FloatArray, bow: FloatArray) -> FloatArray:
    """Points (n, 3) from `start`, left out, to `end`, bowed by half a sine in the plane and in z.

    `bow` (2,) holds the heights of both, as shares of the length.
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
    """Join all targets to the fork at the trunk's end, cheapest first, at most two to a point.

    The cost of a target is its distance in the plane and a share of the path from there to the
    soma. The second run starts at the fork, too, toward the target most opposite to the first.
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
    """Return the target, of those left, whose direction differs most from the first run's."""
    ways = targets[left] - fork
    cosines = ways @ (first - fork) / np.linalg.norm(ways, axis=1)
    return left[int(np.argmin(cosines))]


def _attachments(
    tree: SmoothTree, fork: int, rng: np.random.Generator, p: PurkinjeMorphologyParameters
) -> IntArray:
    """Choose the points that carry subtrees: all ends, twice, and points that cut long runs."""
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
    """Points from a bound back to the one before it."""
    run = [point, int(tree.parents[point])]
    while run[-1] not in bounds:
        run.append(int(tree.parents[run[-1]]))
    return run
