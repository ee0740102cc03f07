"""Generate a random network from the statistics in `MLINetworkParameters`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES, N_DENDRITES, N_PROXIMAL_DENDRITES
from cerebella.network.cf_levels import generate_cf_times
from cerebella.network.connections import Synapses
from cerebella.network.gap_graph import generate_gap_junctions
from cerebella.network.network import Network, first_gids
from cerebella.parameters.mli_network import MLINetworkParameters
from cerebella.randomness import Purpose, generator

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Block = tuple[IntArray, IntArray, IntArray, FloatArray]
"""Columns of one kind of synapse: source gid, target gid, dendrite, x."""

_KINDS = ("PF→MLI1", "PF→MLI2", "MLI→MLI1", "MLI→MLI2", "CF→MLI2")
"""Each kind has its own random stream, in this order; append new kinds at the end."""

_LARGER_SCALE = "Choose a larger scale or fewer synapses per cell"


def generate_network(
    parameters: MLINetworkParameters | None = None, *, seed: int = 0, scale: float = 1
) -> Network:
    """Generate a random network with the statistics of the published one.

    Parameters
    ----------
    parameters : MLINetworkParameters, optional
        Numbers of cells and synapses; by default those of the published network.
    seed : int, default 0
        Seed of all random draws, at least 0. The same seed yields the same network.
    scale : float, default 1
        Factor on the numbers of cells; the numbers of synapses per cell are unchanged.

    Returns
    -------
    Network
        Network with CF times for every synchrony level.

    Raises
    ------
    InputError
        If the scale or the seed is invalid, or there are too few cells for the number of
        distinct presynaptic partners that each cell needs.

    See Also
    --------
    complete_network : Generate only the tables that a folder lacks.

    Notes
    -----
    Cell numbers and connectivity follow park2026. Each kind of connection has a separate random
    stream, so that a change to one does not affect the others.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> network
    <Network seed_1_scale_0.1: 21 MLI1, 6 MLI2, 2,134 PF, 2 CF; 17,370 synapses, 49 gap \
junctions; CF synchrony levels 0, 1, 2, 3, 4, 5, 6, 7, 8>
    >>> network == cb.generate_network(seed=1, scale=0.1)
    True
    >>> parameters = cb.MLINetworkParameters(pf_synapses_per_mli1=100)
    >>> len(cb.generate_network(parameters, seed=1, scale=0.1).synapses) < 17_370
    True
    """
    parameters = parameters or MLINetworkParameters()
    counts = scaled_cell_counts(parameters, scale)
    return Network(
        cell_counts=counts,
        synapses=generate_synapses(counts, parameters, seed),
        gap_junctions=generate_gap_junctions(counts["MLI1"], parameters, seed),
        cf_times_ms=generate_cf_times(counts["CF"], parameters),
        name=network_name(seed, scale),
    )


def network_name(seed: int, scale: float) -> str:
    """Return the name of a generated network, used as ``netid`` in file names."""
    return f"seed_{seed}" if scale == 1 else f"seed_{seed}_scale_{scale:g}"


def scaled_cell_counts(parameters: MLINetworkParameters, scale: float = 1) -> dict[str, int]:
    """Return the number of cells of each type.

    Parameters
    ----------
    parameters : MLINetworkParameters
        Numbers of cells at scale 1.
    scale : float, default 1
        Factor on these numbers, which are then rounded.

    Returns
    -------
    dict of str to int

    Raises
    ------
    InputError
        If the scale is not a positive number or leaves no MLI.
    """
    if not 0 < scale < float("inf"):
        raise InputError(f"scale {scale:g} is not a positive number", remedy="Try a scale of 0.1")
    counts = {t.name: round(scale * getattr(parameters, f"n_{t.name.lower()}")) for t in CELL_TYPES}
    if not counts["MLI1"] + counts["MLI2"]:
        raise InputError(f"scale {scale:g} leaves no MLI", remedy="Try a scale of 0.1")
    return counts


def generate_synapses(
    cell_counts: Mapping[str, int], parameters: MLINetworkParameters, seed: int
) -> Synapses:
    """Draw all chemical synapses of a network.

    Parameters
    ----------
    cell_counts : mapping of str to int
        Number of cells of each type.
    parameters : MLINetworkParameters
        Numbers of synapses per cell and their placement.
    seed : int
        Seed, at least 0.

    Returns
    -------
    Synapses

    Raises
    ------
    InputError
        If the seed is negative or there are too few distinct partners.
    """
    if seed < 0:
        raise InputError(f"seed {seed} is negative", remedy="Give an integer of at least 0")
    gids = {
        name: np.arange(first, first + cell_counts[name])
        for name, first in first_gids(cell_counts).items()
    }
    streams: dict[str, np.random.Generator] = dict(
        zip(_KINDS, generator(seed, Purpose.WIRING).spawn(len(_KINDS)), strict=True)
    )
    blocks = [_wire_cfs(gids, parameters, streams["CF→MLI2"])]
    for target in ("MLI1", "MLI2"):
        blocks.append(_wire_pfs(target, gids, parameters, streams[f"PF→{target}"]))
        blocks.extend(_wire_inhibition(target, gids, parameters, streams[f"MLI→{target}"]))
    return Synapses(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def dendrite_probabilities(target: str, parameters: MLINetworkParameters) -> FloatArray:
    """Return the fraction of the total dendritic length that each dendrite contributes.

    Parameters
    ----------
    target : {"MLI1", "MLI2"}
        Cell type.
    parameters : MLINetworkParameters
        Dendritic lengths.

    Returns
    -------
    ndarray of float, shape (12,)
        Fractions, which sum to 1.
    """
    lengths_um = np.full(N_DENDRITES, getattr(parameters, f"{target.lower()}_distal_length_um"))
    lengths_um[:N_PROXIMAL_DENDRITES] = parameters.proximal_length_um
    return lengths_um / lengths_um.sum()


def _place(
    source: IntArray,
    target_gid: IntArray,
    target: str,
    parameters: MLINetworkParameters,
    rng: np.random.Generator,
) -> Block:
    """Place each synapse on the dendrites of its target, uniformly along their length."""
    p = dendrite_probabilities(target, parameters)
    dendrite = rng.choice(N_DENDRITES, size=len(source), p=p)
    return source, target_gid, dendrite, rng.random(len(source))


def _wire_pfs(
    target: str,
    gids: Mapping[str, IntArray],
    parameters: MLINetworkParameters,
    rng: np.random.Generator,
) -> Block:
    """Draw the PF synapses of each target cell, from distinct PFs of the matching classes."""
    pool = np.concatenate([gids[t.name] for t in CELL_TYPES if target in t.contacts])
    per_cell = getattr(parameters, f"pf_synapses_per_{target.lower()}")
    n_cells = len(gids[target])
    if n_cells and per_cell > len(pool):
        raise InputError(
            f"each {target} needs {per_cell} distinct PFs, but only {len(pool)} contact {target}s",
            remedy=_LARGER_SCALE,
        )
    source = pool[_distinct(len(pool), np.full(n_cells, per_cell), rng)]
    return _place(source, np.repeat(gids[target], per_cell), target, parameters, rng)


def _wire_inhibition(
    target: str,
    gids: Mapping[str, IntArray],
    parameters: MLINetworkParameters,
    rng: np.random.Generator,
) -> list[Block]:
    """Draw the inhibitory synapses of each target cell, first from MLI2s, then from MLI1s."""
    total = getattr(parameters, f"inhibitory_synapses_per_{target.lower()}")
    mean_from_mli2 = getattr(parameters, f"mli2_synapses_per_{target.lower()}")
    from_mli2 = _round_at_random(np.full(len(gids[target]), mean_from_mli2), rng)
    blocks = []
    for source, n_synapses in (("MLI2", from_mli2), ("MLI1", total - from_mli2)):
        per_pair = getattr(parameters, f"synapses_per_pair_{source.lower()}_to_{target.lower()}")
        n_partners = np.clip(
            _round_at_random(n_synapses / per_pair, rng), np.minimum(n_synapses, 1), n_synapses
        )
        partner, owner = _choose_partners(source, target, gids, n_partners, rng)
        row = _at_least_one_each(n_partners, n_synapses, rng)
        blocks.append(_place(partner[row], owner[row], target, parameters, rng))
    return blocks


def _choose_partners(
    source: str,
    target: str,
    gids: Mapping[str, IntArray],
    n_partners: IntArray,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Draw distinct source gids for each target, excluding itself; return pairs of gids."""
    itself = source == target
    n_available = max(len(gids[source]) - itself, 0)
    most = int(n_partners.max(initial=0))
    if most > n_available:
        raise InputError(
            f"each {target} needs up to {most} distinct {source} partners, but only "
            f"{n_available}{' others' if itself else ''} are available",
            remedy=_LARGER_SCALE,
        )
    index = _distinct(n_available, n_partners, rng)
    own_index = np.repeat(np.arange(len(n_partners)), n_partners)
    if itself:
        index += index >= own_index
    return gids[source][index], gids[target][own_index]


def _wire_cfs(
    gids: Mapping[str, IntArray], parameters: MLINetworkParameters, rng: np.random.Generator
) -> Block:
    """Draw one CF for each contact dendrite of each MLI2, independently."""
    dendrites = np.array(parameters.cf_contact_dendrites, dtype=np.int64)
    n = len(gids["MLI2"]) * len(dendrites)
    if n and not len(gids["CF"]):
        raise InputError(
            "MLI2s need CF synapses, but the network has no CF",
            remedy="Choose a larger scale or set cf_contact_dendrites=[]",
        )
    source = gids["CF"][rng.integers(len(gids["CF"]), size=n)] if n else gids["CF"][:0]
    target_gid = np.repeat(gids["MLI2"], len(dendrites))
    x = np.full(n, parameters.cf_contact_x)
    return source, target_gid, np.tile(dendrites, len(gids["MLI2"])), x


def _distinct(n_available: int, n_wanted: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw `n_wanted[i]` distinct indices below `n_available` for each i; concatenated."""
    # One call per cell: NumPy cannot draw without replacement for many cells at once.
    return np.concatenate(
        [
            np.empty(0, dtype=np.int64),
            *(rng.choice(n_available, k, replace=False, shuffle=False) for k in n_wanted.tolist()),
        ]
    )


def _at_least_one_each(
    n_partners: IntArray, n_synapses: IntArray, rng: np.random.Generator
) -> IntArray:
    """Assign each cell's synapses to its partners; return the partner index of each synapse.

    Partner indices are consecutive over all cells. Each partner gets one synapse; the remaining
    ones are assigned at random.
    """
    first = np.cumsum(n_partners) - n_partners
    cell = np.repeat(np.arange(len(n_partners)), n_synapses - n_partners)
    rest = first[cell] + (rng.random(len(cell)) * n_partners[cell]).astype(np.int64)
    return np.concatenate([np.arange(n_partners.sum()), rest])


def _round_at_random(means: FloatArray, rng: np.random.Generator) -> IntArray:
    """Round up or down at random, preserving the mean."""
    return np.floor(means + rng.random(len(means))).astype(np.int64)
