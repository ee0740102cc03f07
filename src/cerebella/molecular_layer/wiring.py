"""The part of the network on one MPI rank as arrays, with synapses merged by compartment.

Synapses of one kind on one compartment are linear and share their kinetics, so that one object
represents them. Spikes of parallel and climbing fibers are events on these objects, without source
objects and communication between ranks. Both simplifications are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.molecular_layer.cell import compartments_of_dendrites
from cerebella.molecular_layer.inputs import draw_bias_and_delays
from cerebella.network.cell_types import POPULATIONS
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters

KINDS = ("pf", "inhibition", "cf")
"""Kinds of synapse on an MLI, by the names of their fields in MLIConnectionParameters."""

_PF, _INHIBITION, _CF = range(len(KINDS))
_KIND_OF_SOURCE = np.array([{"PF": _PF, "CF": _CF}.get(p, _INHIBITION) for p in POPULATIONS])

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RankWiring:
    """Cells, synapses, connections and gap junctions of one rank.

    Lengths: c cells, s synapse objects, m connections from MLIs, r rows of external input,
    g half gap junctions.

    Attributes
    ----------
    gid : numpy.ndarray
        Cells of this rank: (c,).
    is_mli2 : numpy.ndarray
        Whether each is an MLI2: (c,) bool.
    bias_nA : numpy.ndarray
        Bias currents in nA: (c,).
    synapse_cell, synapse_dendrite, synapse_kind : numpy.ndarray
        Index of each synapse object into `gid`, dendrite 0 to 11, and index into `KINDS`: (s,).
    synapse_x : numpy.ndarray
        Center of the compartment, 0 to 1: (s,).
    mli_source, mli_synapse : numpy.ndarray
        Source gid of each connection and index into the synapse objects: (m,).
    mli_weight_uS, mli_delay_ms : numpy.ndarray
        Weights in µS and delays in ms: (m,).
    input_source, input_synapse : numpy.ndarray
        PF or CF gid, sorted, and index into the synapse objects: (r,).
    gap_cell, gap_dendrite, gap_x : numpy.ndarray
        Index of each half junction into `gid`, dendrite and position: (g,).
    gap_own_side, gap_partner_side : numpy.ndarray
        Ids of the voltages on the two sides, unique in the network: (g,).
    """

    gid: IntArray
    is_mli2: npt.NDArray[np.bool_]
    bias_nA: FloatArray
    synapse_cell: IntArray
    synapse_dendrite: IntArray
    synapse_x: FloatArray
    synapse_kind: IntArray
    mli_source: IntArray
    mli_synapse: IntArray
    mli_weight_uS: FloatArray
    mli_delay_ms: FloatArray
    input_source: IntArray
    input_synapse: IntArray
    gap_cell: IntArray
    gap_dendrite: IntArray
    gap_x: FloatArray
    gap_own_side: IntArray
    gap_partner_side: IntArray


def wire_rank(
    network: Network,
    parameters: MLIParameters,
    *,
    seed: int,
    trial: int,
    published_ranks: int | None = None,
    rank: int = 0,
    n_ranks: int = 1,
) -> RankWiring:
    """Return the part of the network on one rank; MLIs are assigned by gid modulo ranks.

    Parameters
    ----------
    network : Network
        The whole network.
    parameters : MLIParameters
        Parameters of the model.
    seed, trial : int
        Names of the random streams.
    published_ranks : int, optional
        See `draw_bias_and_delays`.
    rank, n_ranks : int
        This rank and the number of all ranks.

    Returns
    -------
    RankWiring
        The part on this rank.
    """
    n_mli1, n_mli2 = network.population("MLI1").n_cells, network.population("MLI2").n_cells
    gid = np.arange(rank, n_mli1 + n_mli2, n_ranks)
    # Drawn for the whole network, so that they do not depend on the rank of a cell.
    bias_nA, delay_ms = draw_bias_and_delays(
        network, parameters, seed=seed, trial=trial, published_ranks=published_ranks
    )
    return RankWiring(
        gid=gid,
        is_mli2=gid >= n_mli1,
        bias_nA=bias_nA[gid],
        **_wire_synapses(network, parameters, delay_ms, rank, n_ranks),
        **_wire_gap_junctions(network, parameters, rank, n_ranks),
    )


def wire_whole(
    network: Network,
    parameters: MLIParameters,
    *,
    seed: int,
    trial: int,
    published_ranks: int | None = None,
) -> RankWiring:
    """Return the whole network as on one rank, see `wire_rank`; the last one is kept with it."""
    key = (parameters, seed, trial, published_ranks)
    kept = network.derived.get(__name__)
    if kept is None or kept[0] != key:
        wiring = wire_rank(
            network, parameters, seed=seed, trial=trial, published_ranks=published_ranks
        )
        kept = network.derived[__name__] = key, wiring
    return kept[1]


def compartment_of(
    parameters: MLIParameters,
    is_mli2: npt.NDArray[np.bool_],
    dendrite: IntArray,
    x: FloatArray,
) -> tuple[IntArray, FloatArray]:
    """Find the compartments of positions on dendrites.

    Parameters
    ----------
    parameters : MLIParameters
        Parameters with the number of compartments of each dendrite.
    is_mli2 : numpy.ndarray
        Whether each cell is an MLI2: (n,) bool.
    dendrite : numpy.ndarray
        Dendrites, 0 to 11: (n,).
    x : numpy.ndarray
        Positions on them, 0 to 1: (n,).

    Returns
    -------
    index, center : numpy.ndarray
        Index of each compartment on its dendrite and position of its center, 0 to 1: (n,).
    """
    table = np.array([compartments_of_dendrites(parameters, p) for p in ("MLI1", "MLI2")])
    n = table[is_mli2.astype(np.int64), dendrite]
    index = np.minimum((x * n).astype(np.int64), n - 1)
    return index, (index + 0.5) / n


def _wire_synapses(
    network: Network, parameters: MLIParameters, delay_ms: FloatArray, rank: int, n_ranks: int
) -> dict[str, npt.NDArray]:
    table, connections = network.synapses, parameters.connections
    n_mli1 = network.population("MLI1").n_cells
    source_population = network.population_index(table.source_gid)
    kind = _KIND_OF_SOURCE[source_population]
    rows = np.flatnonzero(table.target_gid % n_ranks == rank)
    target, dendrite, kind = table.target_gid[rows], table.dendrite[rows], kind[rows]
    is_mli2 = target >= n_mli1
    compartment, x = compartment_of(parameters, is_mli2, dendrite, table.x[rows])
    levels = (target, kind, dendrite, compartment)
    site = np.ravel_multi_index(levels, [int(level.max(initial=0)) + 1 for level in levels])
    _, example, site_of_row = np.unique(site, return_index=True, return_inverse=True)

    mli = kind == _INHIBITION
    mli2_to_mli1 = (table.source_gid[rows] >= n_mli1) & ~is_mli2
    weight_pS = np.where(
        mli2_to_mli1, connections.mli2_to_mli1_weight_pS, connections.inhibitory_weight_pS
    )
    source = table.source_gid[rows[~mli]]
    by_source = np.argsort(source, kind="stable")
    return {
        "synapse_cell": target[example] // n_ranks,
        "synapse_kind": kind[example],
        "synapse_dendrite": dendrite[example],
        "synapse_x": x[example],
        "mli_source": table.source_gid[rows[mli]],
        "mli_synapse": site_of_row[mli],
        "mli_weight_uS": 1e-6 * weight_pS[mli],
        "mli_delay_ms": delay_ms[rows[mli]],
        "input_source": source[by_source],
        "input_synapse": site_of_row[~mli][by_source],
    }


def _wire_gap_junctions(
    network: Network, parameters: MLIParameters, rank: int, n_ranks: int
) -> dict[str, npt.NDArray]:
    gaps = network.gap_junctions
    n, n_mli1 = len(gaps), network.population("MLI1").n_cells
    cell = np.concatenate([gaps.gid_a, gaps.gid_b])
    dendrite = np.concatenate([gaps.dendrite_a, gaps.dendrite_b])
    _, x = compartment_of(
        parameters, cell >= n_mli1, dendrite, np.concatenate([gaps.x_a, gaps.x_b])
    )
    own_side = np.arange(2 * n)
    here = cell % n_ranks == rank
    return {
        "gap_cell": cell[here] // n_ranks,
        "gap_dendrite": dendrite[here],
        "gap_x": x[here],
        "gap_own_side": own_side[here],
        "gap_partner_side": ((own_side + n) % max(2 * n, 1))[here],
    }


def input_weights_uS(parameters: MLIParameters) -> FloatArray:
    """Return the weight of an event from outside at each of `KINDS`; 0 where there are none."""
    weights_pS = {
        _PF: parameters.connections.pf_weight_pS,
        _CF: parameters.connections.cf_weight_pS,
    }
    return 1e-6 * np.array([weights_pS.get(kind, 0.0) for kind in range(len(KINDS))])


def input_delays_ms(
    parameters: MLIParameters, network: Network, source_gid: IntArray
) -> FloatArray:
    """Return the delay of each spike of a PF or CF, shape (n_spikes,)."""
    cf = network.population("CF")
    is_cf = (source_gid >= cf.first_gid) & (source_gid < cf.first_gid + cf.n_cells)
    connections = parameters.connections
    return np.where(is_cf, connections.cf_delay_ms, connections.pf_delay_ms)


def schedule_input_events(
    wiring: RankWiring, source_gid: IntArray, arrival_ms: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Expand spikes of PFs and CFs into one event for each contact on this rank.

    Parameters
    ----------
    wiring : RankWiring
        The part of the network on this rank.
    source_gid : numpy.ndarray
        Fiber of each spike: (n_spikes,).
    arrival_ms : numpy.ndarray
        Time at which each spike arrives at the synapses, in ms: (n_spikes,).

    Returns
    -------
    synapse : numpy.ndarray
        Synapse object of each event: (n_events,).
    time_ms : numpy.ndarray
        Time of each event in ms: (n_events,).
    """
    spike, row = contacts_of_spikes(wiring.input_source, source_gid)
    return wiring.input_synapse[row], arrival_ms[spike]


def contacts_of_spikes(source: IntArray, gid: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of a spike and a contact of its cell.

    Parameters
    ----------
    source : numpy.ndarray
        Cell of each contact, sorted: (n_contacts,).
    gid : numpy.ndarray
        Cell of each spike: (n_spikes,).

    Returns
    -------
    spike, contact : numpy.ndarray
        Indices: (n_pairs,).
    """
    first = np.searchsorted(source, gid, side="left")
    count = np.searchsorted(source, gid, side="right") - first
    spike = np.repeat(np.arange(len(gid)), count)
    offset = np.arange(len(spike)) - np.repeat(np.cumsum(count) - count, count)
    return spike, first[spike] + offset


def step_of(time_ms: FloatArray, step_ms: float) -> IntArray:
    """Return the step at whose beginning an event acts: times are rounded to the grid."""
    return np.ceil(time_ms / step_ms - 0.5).astype(np.int64)
