"""Draw a network from the numbers of `MLINetworkParameters` (mli-network specification §12)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES, N_DENDRITES, N_PROXIMAL_DENDRITES
from cerebella.network.cf_levels import generate_cf_times
from cerebella.network.gap_graph import generate_gap_junctions
from cerebella.network.network import Network, Synapses, first_gids
from cerebella.parameters.mli_network import MLINetworkParameters
from cerebella.randomness import Purpose, generator

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Block = tuple[IntArray, IntArray, IntArray, FloatArray]
"""Rows of one kind of synapse: source gid, target gid, dendrite, x."""

_KINDS = ("PF→MLI1", "PF→MLI2", "MLI→MLI1", "MLI→MLI2", "CF→MLI2")
"""Each kind has its own random stream, in this order; add at the end."""

_LARGER_SCALE = "Choose a larger scale, or smaller numbers per cell"


def generate_network(
    parameters: MLINetworkParameters | None = None, *, seed: int = 0, scale: float = 1
) -> Network:
    """Generate a network by the rules of the specification, §12.

    Parameters
    ----------
    parameters : numbers of cells and synapses; by default those of the publication.
    seed : from 0 on; the same seed gives the same network.
    scale : as many times the cells, each with the same numbers of synapses.

    Raises
    ------
    InputError : there are too few cells for the distinct partners that a cell needs.
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
    """Name of a generated network, the netid of its published file names."""
    return f"seed_{seed}" if scale == 1 else f"seed_{seed}_scale_{scale:g}"


def scaled_cell_counts(parameters: MLINetworkParameters, scale: float = 1) -> dict[str, int]:
    """Cells of each type at `scale`, rounded to whole cells."""
    if not 0 < scale < float("inf"):
        raise InputError(f"scale {scale:g} is not a positive number", remedy="Try --scale 0.1")
    counts = {t.name: round(scale * getattr(parameters, f"n_{t.name.lower()}")) for t in CELL_TYPES}
    if not counts["MLI1"] + counts["MLI2"]:
        raise InputError(f"scale {scale:g} leaves no MLI", remedy="Try --scale 0.1")
    return counts


def generate_synapses(
    cell_counts: Mapping[str, int], parameters: MLINetworkParameters, seed: int
) -> Synapses:
    """Draw all chemical synapses of a network with these cells."""
    if seed < 0:
        raise InputError(f"seed {seed} is negative", remedy="Give a whole number from 0 on")
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
    """Share (12,) of the dendritic length of an ``"MLI1"`` or ``"MLI2"`` that each has."""
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
    """Put each synapse somewhere on the dendrites of its target, uniformly along their length."""
    p = dendrite_probabilities(target, parameters)
    dendrite = rng.choice(N_DENDRITES, size=len(source), p=p)
    return source, target_gid, dendrite, rng.random(len(source))


def _wire_pfs(
    target: str,
    gids: Mapping[str, IntArray],
    parameters: MLINetworkParameters,
    rng: np.random.Generator,
) -> Block:
    """Give each target its number of PF synapses, from distinct PFs of the right classes."""
    pool = np.concatenate([gids[t.name] for t in CELL_TYPES if target in t.contacts])
    per_cell = getattr(parameters, f"pf_synapses_per_{target.lower()}")
    n_cells = len(gids[target])
    if n_cells and per_cell > len(pool):
        raise InputError(
            f"an {target} needs {per_cell} distinct PFs, but only {len(pool)} contact {target}s",
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
    """Give each target its inhibitory synapses: the part from MLI2s, the rest from MLI1s."""
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
    """Distinct source gids for each target, never itself, and the target gid of each."""
    itself = source == target
    n_available = max(len(gids[source]) - itself, 0)
    most = int(n_partners.max(initial=0))
    if most > n_available:
        raise InputError(
            f"an {target} needs {most} distinct {source}s as partners, but there are only "
            f"{n_available}{' others' if itself else ''}",
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
    """Give each MLI2 one CF synapse on each contact dendrite, each CF drawn independently."""
    dendrites = np.array(parameters.cf_contact_dendrites, dtype=np.int64)
    n = len(gids["MLI2"]) * len(dendrites)
    if n and not len(gids["CF"]):
        raise InputError(
            "MLI2s need CF synapses, but there is no CF",
            remedy="Choose a larger scale, or set cf_contact_dendrites=[]",
        )
    source = gids["CF"][rng.integers(len(gids["CF"]), size=n)] if n else gids["CF"][:0]
    target_gid = np.repeat(gids["MLI2"], len(dendrites))
    x = np.full(n, parameters.cf_contact_x)
    return source, target_gid, np.tile(dendrites, len(gids["MLI2"])), x


def _distinct(n_available: int, n_wanted: IntArray, rng: np.random.Generator) -> IntArray:
    """For each entry of `n_wanted` that many distinct indices below `n_available`, joined."""
    # One call a cell: numpy has no draw without replacement for many cells at once.
    return np.concatenate(
        [
            np.empty(0, dtype=np.int64),
            *(rng.choice(n_available, k, replace=False, shuffle=False) for k in n_wanted.tolist()),
        ]
    )


def _at_least_one_each(
    n_partners: IntArray, n_synapses: IntArray, rng: np.random.Generator
) -> IntArray:
    """Deal out each cell's synapses to its partners: index of the partner of each synapse.

    Partners of all cells are numbered through; each gets one, the rest fall at random.
    """
    first = np.cumsum(n_partners) - n_partners
    cell = np.repeat(np.arange(len(n_partners)), n_synapses - n_partners)
    rest = first[cell] + (rng.random(len(cell)) * n_partners[cell]).astype(np.int64)
    return np.concatenate([np.arange(n_partners.sum()), rest])


def _round_at_random(means: FloatArray, rng: np.random.Generator) -> IntArray:
    """Round up or down at random, so that the mean stays what it is."""
    return np.floor(means + rng.random(len(means))).astype(np.int64)
