"""Spiny dendrite: subtrees that divide the carrier points among themselves and are then pruned."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from cerebella.morphology.growth.smooth_tree import SmoothTree
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_REACH = 2.5  # largest distance to the next point of a branch, in lattice spacings
_ROOT_REACH = 6.0  # the same for the root of a subtree; larger, to avoid stubs
_CLEARANCE = 0.6  # distance from the smooth dendrite, in lattice spacings
_NO_PARENT = -1


@dataclass(frozen=True)
class SpinyTree:
    """All spiny subtrees as points, parents before children.

    Attributes
    ----------
    places_um : ndarray of float, shape (n_points, 3)
        x, y, z; the roots come first, each at its point of the smooth tree.
    parents : ndarray of int64, shape (n_points,)
        Index of the parent point; -1 for roots.
    path_um : ndarray of float, shape (n_points,)
        Path distance from the 1-end of the soma.
    n_roots : int
        Number of subtrees.
    """

    places_um: FloatArray
    parents: IntArray
    path_um: FloatArray
    n_roots: int

    @property
    def steps_um(self) -> FloatArray:
        """Distance of each point from its parent, shape (n_points,); 0 for roots."""
        steps = np.linalg.norm(self.places_um - self.places_um[self.parents], axis=1)
        steps[: self.n_roots] = 0
        return steps

    @property
    def n_children(self) -> IntArray:
        """Number of children of each point, shape (n_points,)."""
        return np.bincount(self.parents[self.n_roots :], minlength=len(self.parents))


def grow_spiny_tree(
    carriers_um: FloatArray,
    spacing_um: float,
    smooth: SmoothTree,
    rng: np.random.Generator,
    p: PurkinjeMorphologyParameters,
) -> SpinyTree:
    """Connect the carriers to subtrees, each at the lowest cost.

    The cost is the distance plus a fraction of the path to the soma. In the first rounds, each
    subtree takes one point, in random order; then the cheapest point overall is taken repeatedly.

    Parameters
    ----------
    carriers_um : ndarray of float, shape (n_carriers, 3)
        Carrier points.
    spacing_um : float
        Lattice spacing in µm.
    smooth : SmoothTree
        Smooth dendrite that carries the subtrees.
    rng : Generator
        Random generator.
    p : PurkinjeMorphologyParameters
        Growth parameters.

    Returns
    -------
    SpinyTree
    """
    far = KDTree(smooth.places_um[:, :2]).query(carriers_um[:, :2])[0] > _CLEARANCE * spacing_um
    roots = smooth.places_um[smooth.attachments]
    n_roots = len(roots)
    places = np.concatenate([roots, carriers_um[far]])
    first, others, distances = _neighbors(places, n_roots, spacing_um)

    parents = [_NO_PARENT] * len(places)
    taken = [True] * n_roots + [False] * (len(places) - n_roots)
    room = [1] * n_roots + [2] * (len(places) - n_roots)  # children that may still be added
    so_far = [0.0] * len(places)  # contribution of the path to the soma to the cost
    so_far[:n_roots] = (
        p.path_cost * p.smooth_path_share * smooth.path_um[smooth.attachments]
    ).tolist()
    order = list(range(n_roots))

    def offer(node: int, heap: list[tuple[float, int, int, float]]) -> None:
        for i in range(first[node], first[node + 1]):
            if not taken[others[i]]:
                heapq.heappush(heap, (distances[i] + so_far[node], node, others[i], distances[i]))

    def grow(heap: list[tuple[float, int, int, float]]) -> bool:
        """Take the cheapest point of a heap; return False if there is none."""
        while heap:
            _, node, point, distance = heapq.heappop(heap)
            if taken[point] or not room[node]:
                continue
            taken[point] = True
            room[node] -= 1
            parents[point] = node
            so_far[point] = so_far[node] + p.path_cost * distance
            order.append(point)
            offer(point, heap)
            return True
        return False

    heaps: list[list[tuple[float, int, int, float]]] = [[] for _ in range(n_roots)]
    for root in range(n_roots):
        offer(root, heaps[root])
    for _ in range(p.n_head_start_rounds):
        for root in rng.permutation(n_roots).tolist():
            grow(heaps[root])
    common = [entry for heap in heaps for entry in heap]
    heapq.heapify(common)
    while grow(common):
        pass
    return _reordered(places, np.array(parents), np.array(order), smooth, n_roots)


def _neighbors(
    places: FloatArray, n_roots: int, spacing_um: float
) -> tuple[list[int], list[int], list[float]]:
    """Return the points within reach of each point, in CSR form: starts, points, distances."""
    tree = KDTree(places)
    reach = np.full(len(places), _REACH * spacing_um)
    reach[:n_roots] = _ROOT_REACH * spacing_um
    near = tree.query_ball_point(places, reach, return_sorted=True)
    first = np.cumsum([0, *map(len, near)])
    others = np.concatenate(near).astype(np.int64)
    rows = np.repeat(np.arange(len(places)), np.diff(first))
    distances = np.linalg.norm(places[rows] - places[others], axis=1)
    return first.tolist(), others.tolist(), distances.tolist()


def _reordered(
    places: FloatArray, parents: IntArray, kept: IntArray, smooth: SmoothTree, n_roots: int
) -> SpinyTree:
    """Return the tree restricted to the points `kept`, in that order."""
    place_in = np.full(len(places), _NO_PARENT)
    place_in[kept] = np.arange(len(kept))
    up = parents[kept]
    return _with_paths(places[kept], np.where(up < 0, _NO_PARENT, place_in[up]), smooth, n_roots)


def _with_paths(
    places: FloatArray, parents: IntArray, smooth: SmoothTree, n_roots: int
) -> SpinyTree:
    steps = np.linalg.norm(places - places[parents], axis=1).tolist()
    path = smooth.path_um[smooth.attachments].tolist()
    for point, parent in enumerate(parents[n_roots:].tolist(), start=n_roots):
        path.append(path[parent] + steps[point])
    return SpinyTree(places, parents, np.array(path), n_roots)


def straighten(tree: SpinyTree, smooth: SmoothTree) -> SpinyTree:
    """Smooth the zigzag of the lattice, in two passes."""
    places, parents, n_children = tree.places_um, tree.parents, tree.n_children
    one, two = n_children == 1, n_children == 2
    one[: tree.n_roots] = two[: tree.n_roots] = False
    for _ in range(2):
        children = np.zeros_like(places)
        np.add.at(children, parents[tree.n_roots :], places[tree.n_roots :])
        new = places.copy()
        new[one] = 0.5 * places[one] + 0.25 * places[parents[one]] + 0.25 * children[one]
        new[two] = 0.7 * places[two] + 0.15 * places[parents[two]] + 0.075 * children[two]
        places = new
    return _with_paths(places, parents, smooth, tree.n_roots)


def prune(tree: SpinyTree, smooth: SmoothTree, n_tips: int, worth_um: FloatArray) -> SpinyTree:
    """Remove the twig of lowest value repeatedly until `n_tips` tips remain.

    A twig extends from a tip to the last branch point; its value is the sum of `worth_um` over
    its points. Subtrees are never removed completely.

    Parameters
    ----------
    tree : SpinyTree
        Tree to prune.
    smooth : SmoothTree
        Smooth dendrite that carries it.
    n_tips : int
        Number of tips to keep.
    worth_um : ndarray of float, shape (n_points,)
        Value of each point, in µm.

    Returns
    -------
    SpinyTree
    """
    parents, worth = tree.parents.tolist(), worth_um.tolist()
    n_children = tree.n_children.tolist()
    alive = np.ones(len(parents), dtype=bool)

    def twig(tip: int) -> tuple[float, int, int]:
        total, point = 0.0, tip
        while True:
            total += worth[point]
            point = parents[point]
            if n_children[point] > 1 or point < tree.n_roots:
                return total, tip, point

    heap = [
        twig(tip) for tip in np.flatnonzero(tree.n_children == 0).tolist() if tip >= tree.n_roots
    ]
    heapq.heapify(heap)
    left = len(heap)
    while left > n_tips and heap:
        _, tip, base = heapq.heappop(heap)
        now = twig(tip)
        if now[2] != base:  # the twig became longer when its branch point lost the other one
            heapq.heappush(heap, now)
            continue
        if base < tree.n_roots:
            continue
        while tip != base:
            alive[tip] = False
            tip = parents[tip]
        n_children[base] -= 1
        left -= 1
    return _reordered(tree.places_um, tree.parents, np.flatnonzero(alive), smooth, tree.n_roots)
