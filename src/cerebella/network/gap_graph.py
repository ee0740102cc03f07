"""Random graphs of gap junctions between MLI1s."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.connections import GapJunctions
from cerebella.parameters.mli_network import MLINetworkParameters
from cerebella.randomness import Purpose, generator

IntArray = npt.NDArray[np.int64]

_MOST_REPAIRS = 2000


def generate_gap_junctions(
    n_mli1: int, parameters: MLINetworkParameters, seed: int
) -> GapJunctions:
    """Generate random gap junctions among MLI1s with a given degree distribution.

    Parameters
    ----------
    n_mli1 : int
        Number of MLI1s; their gids start at 0.
    parameters : MLINetworkParameters
        Degree histogram and placement.
    seed : int
        Seed, at least 0.

    Returns
    -------
    GapJunctions

    Raises
    ------
    InputError
        If there are too few cells for these degrees.
    """
    rng = generator(seed, Purpose.GAP_JUNCTIONS)
    degrees = rng.permutation(apportion_degrees(n_mli1, parameters.gap_degree_counts))
    gid_a, gid_b = random_simple_graph(degrees, rng).T
    shape = (2, len(gid_a))
    dendrite = rng.choice(np.array(parameters.gap_dendrites), size=shape)
    x = rng.uniform(*parameters.gap_x_range, size=shape)
    return GapJunctions(gid_a, dendrite[0], x[0], gid_b, dendrite[1], x[1])


def apportion_degrees(n_cells: int, degree_counts: tuple[int, ...]) -> IntArray:
    """Assign degrees to cells in the proportions of a histogram, with an even sum.

    Parameters
    ----------
    n_cells : int
        Number of cells.
    degree_counts : tuple of int
        Entry k is the number of cells with degree k.

    Returns
    -------
    ndarray of int64, shape (n_cells,)
        Degrees in increasing order.

    Notes
    -----
    Rounding follows the largest-remainder method. If the sum is odd, the largest degree is
    reduced by 1.
    """
    weights = np.array(degree_counts, dtype=np.float64)
    shares = n_cells * weights / weights.sum()
    counts = np.floor(shares).astype(np.int64)
    left = n_cells - counts.sum()
    counts[np.argsort(counts - shares, kind="stable")[:left]] += 1
    degrees = np.repeat(np.arange(len(counts)), counts)
    if degrees.sum() % 2:
        degrees[-1] -= 1
    return degrees


def random_simple_graph(degrees: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw a random simple graph (no loops, no repeated edges) with given degrees.

    Parameters
    ----------
    degrees : ndarray of int64, shape (n_nodes,)
        Degree of each node.
    rng : Generator
        Random generator.

    Returns
    -------
    ndarray of int64, shape (n_edges, 2)
        Pairs of nodes.

    Raises
    ------
    InputError
        If no such graph was found.

    Notes
    -----
    Half-edges are paired at random. Invalid pairs are broken up together with an equal number
    of valid ones, and paired again.
    """
    pairs = rng.permutation(np.repeat(np.arange(len(degrees)), degrees)).reshape(-1, 2)
    for _ in range(_MOST_REPAIRS):
        bad = _loop_or_repeated(pairs, len(degrees))
        n_bad = np.count_nonzero(bad)
        if not n_bad:
            return pairs
        good = np.flatnonzero(~bad)
        helpers = rng.choice(good, size=min(n_bad, len(good)), replace=False)
        again = np.concatenate([np.flatnonzero(bad), helpers])
        pairs[again] = rng.permutation(pairs[again].ravel()).reshape(-1, 2)
    raise InputError(
        f"{len(degrees)} MLI1 cells cannot have gap junctions to up to {max(degrees)} others each",
        remedy="Choose a larger scale or lower degrees in gap_degree_counts",
    )


def _loop_or_repeated(pairs: IntArray, n_cells: int) -> npt.NDArray[np.bool_]:
    """Mark loops and all but the first of equal pairs, shape (n_edges,)."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    repeated = np.ones(len(pairs), dtype=bool)
    repeated[np.unique(low * n_cells + high, return_index=True)[1]] = False
    return repeated | (low == high)
