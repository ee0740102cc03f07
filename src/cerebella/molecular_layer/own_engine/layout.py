"""The network as arrays of eight cells side by side.

Cells of one type form groups of eight lanes. All cells of a type have the same tree of nodes,
numbered by their distance from the soma: its center, its two ends, the proximal dendrites, their
ends, and the compartments of the distal dendrites, the proximal ones first. Ends of dendrites
that carry no branches have no area and no current, and are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.molecular_layer.cell import N_PROXIMAL, compartments_of_dendrites
from cerebella.molecular_layer.wiring import KINDS, RankWiring, compartment_of
from cerebella.network.cell_types import N_DENDRITES
from cerebella.parameters.mli_simulation import MLIParameters

LANES = 8
SOMA, SOMA_0, SOMA_1 = range(3)
_FIRST_PROXIMAL = 3
_FIRST_BRANCH = _FIRST_PROXIMAL + N_PROXIMAL
_FIRST_DISTAL = _FIRST_BRANCH + N_PROXIMAL
_N_DISTAL = N_DENDRITES - N_PROXIMAL

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Tree(NamedTuple):
    """Nodes of all cells of one type.

    Attributes
    ----------
    parent : ndarray of int64, shape (n_nodes,)
        Parent of each node, which has a smaller number; 0 for the soma itself.
    axial_uS : ndarray of float64, shape (n_nodes,)
        Axial conductance to the parent in µS; 0 for the soma.
    area_um2 : ndarray of float64, shape (n_nodes,)
        Membrane area in µm²; 0 for the ends of sections.
    """

    parent: Ints
    axial_uS: Floats
    area_um2: Floats


def build_tree(parameters: MLIParameters, population: str) -> Tree:
    """Return the tree of a cell type."""
    cell = parameters.cell
    n_distal = compartments_of_dendrites(parameters, population)[-1]
    distal = np.arange(n_distal * _N_DISTAL)
    branch = _FIRST_BRANCH + distal % _N_DISTAL // 2
    parent = np.concatenate(
        [
            [SOMA, SOMA, SOMA],
            [SOMA_0, SOMA_0, SOMA_1, SOMA_1],
            _FIRST_PROXIMAL + np.arange(N_PROXIMAL),
            np.where(distal < _N_DISTAL, branch, _FIRST_DISTAL + distal - _N_DISTAL),
        ]
    )

    def half_MOhm(length_um: float, diameter_um: float) -> float:
        """Resistance from the center of a compartment to its end."""
        section_um2 = np.pi * diameter_um**2 / 4
        return 0.01 * cell.axial_resistivity_ohm_cm * (length_um / 2) / section_um2

    compartment_um = parameters.of_type(population).distal_length_um / n_distal
    soma = half_MOhm(cell.soma_length_um, cell.soma_diameter_um)
    proximal = half_MOhm(cell.proximal_length_um, cell.dendrite_diameter_um)
    half = half_MOhm(compartment_um, cell.dendrite_diameter_um)
    resistance = np.concatenate(
        [
            [np.inf, soma, soma],
            np.full(2 * N_PROXIMAL, proximal),
            np.where(distal < _N_DISTAL, half, 2 * half),
        ]
    )
    lengths_um = np.concatenate(
        [
            [0, 0, 0],
            np.full(N_PROXIMAL, cell.proximal_length_um),
            np.zeros(N_PROXIMAL),
            np.full(len(distal), compartment_um),
        ]
    )
    area = np.pi * cell.dendrite_diameter_um * lengths_um
    area[SOMA] = np.pi * cell.soma_diameter_um * cell.soma_length_um
    return Tree(parent, 1 / resistance, area)


class Trees(NamedTuple):
    """All cells as flat arrays, as the kernels take them.

    Lengths: t types, m nodes of the larger tree, g groups, N lanes of all nodes.

    Attributes
    ----------
    parent : ndarray of int64, shape (t, m)
        Parent of each node.
    axial_uS, leak_uS : ndarray of float64, shape (t, m)
        Axial conductance to the parent and leak conductance.
    site : ndarray of int64, shape (t, m, 3)
        Site of synapses of each kind at a node, within the group; -1 if no cell has one.
    n_nodes : ndarray of int64, shape (t,)
        Nodes of each tree.
    kind, first_node, first_site : ndarray of int64, shape (g,)
        Type of each group, and where its nodes and its sites begin, in lanes.
    gid : ndarray of int64, shape (g, 8)
        Cells; -1 in lanes without a cell.
    constant_uS : ndarray of float64, shape (N,)
        Capacitance divided by the time step, leak, axial and gap conductances: the part of the
        diagonal that does not change.
    bias_nA : ndarray of float64, shape (g, 8)
        Bias currents.
    first_gap : ndarray of int64, shape (g + 1,)
        First half junction of each group.
    gap_own, gap_partner : ndarray of int64, shape (n_half_junctions,)
        Nodes on the two sides of each half junction, as indices of lanes, sorted by the first.
    """

    parent: Ints
    axial_uS: Floats
    leak_uS: Floats
    site: Ints
    n_nodes: Ints
    kind: Ints
    first_node: Ints
    first_site: Ints
    gid: Ints
    constant_uS: Floats
    bias_nA: Floats
    first_gap: Ints
    gap_own: Ints
    gap_partner: Ints


class Layout(NamedTuple):
    """A network as arrays, and the places of the synapses of its wiring in them.

    Attributes
    ----------
    trees : Trees
        The cells.
    n_sites : int
        Lanes of all sites of synapses.
    synapse : ndarray of int64, shape (n_synapses,)
        Site of each synapse object of the wiring, as an index of a lane.
    """

    trees: Trees
    n_sites: int
    synapse: Ints


def node_lanes(trees: Trees, gid: Ints, node: Ints) -> Ints:
    """Return the indices of the lanes of nodes of cells."""
    group, lane = place_of(trees, gid)
    return trees.first_node[group] + LANES * node + lane


def place_of(trees: Trees, gid: Ints) -> tuple[Ints, Ints]:
    """Return the group and the lane of each cell."""
    flat = trees.gid.ravel()
    place = np.full(max(int(flat.max(initial=-1)) + 1, 1), -1)
    place[flat[flat >= 0]] = np.flatnonzero(flat >= 0)
    return place[gid] // LANES, place[gid] % LANES


def node_of(dendrite: Ints, compartment: Ints) -> Ints:
    """Return the nodes of compartments of dendrites 0 to 11."""
    distal = _FIRST_DISTAL + _N_DISTAL * compartment + dendrite - N_PROXIMAL
    return np.where(dendrite < N_PROXIMAL, _FIRST_PROXIMAL + dendrite, distal)


def lay_out(wiring: RankWiring, parameters: MLIParameters) -> Layout:
    """Return the arrays of a whole network."""
    shapes = [build_tree(parameters, name) for name in ("MLI1", "MLI2")]
    n_nodes = np.array([len(tree.parent) for tree in shapes])
    is_mli2 = wiring.is_mli2.astype(np.int64)
    groups = [_groups_of(wiring.gid[is_mli2 == kind]) for kind in (0, 1)]
    gid = np.concatenate(groups)
    kind = np.repeat([0, 1], [len(part) for part in groups])
    synapse_kind_of_cell = is_mli2[wiring.synapse_cell]
    compartment, _ = compartment_of(
        parameters,
        wiring.is_mli2[wiring.synapse_cell],
        wiring.synapse_dendrite,
        wiring.synapse_x,
    )
    node = node_of(wiring.synapse_dendrite, compartment)
    site, n_sites_of_type = _sites(n_nodes, synapse_kind_of_cell, node, wiring.synapse_kind)
    trees = Trees(
        parent=_padded([tree.parent for tree in shapes]),
        axial_uS=_padded([tree.axial_uS for tree in shapes]),
        leak_uS=_padded([1e-2 * parameters.cell.leak_S_per_cm2 * t.area_um2 for t in shapes]),
        site=site,
        n_nodes=n_nodes,
        kind=kind,
        first_node=LANES * _starts(n_nodes[kind]),
        first_site=2 * LANES * _starts(n_sites_of_type[kind]),
        gid=gid,
        constant_uS=np.concatenate(
            [np.repeat(_diagonal(shapes[k], parameters), LANES) for k in kind.tolist()] or [[]]
        ),
        bias_nA=np.where(gid < 0, 0.0, wiring.bias_nA[gid]),
        first_gap=np.zeros(len(gid) + 1, dtype=np.int64),
        gap_own=np.zeros(0, dtype=np.int64),
        gap_partner=np.zeros(0, dtype=np.int64),
    )
    group, lane = place_of(trees, wiring.gid[wiring.synapse_cell])
    own_site = site[synapse_kind_of_cell, node, wiring.synapse_kind]
    return Layout(
        trees=_with_gap_junctions(trees, wiring, parameters),
        n_sites=2 * LANES * int(n_sites_of_type[kind].sum()),
        synapse=trees.first_site[group] + 2 * LANES * own_site + lane,
    )


def _groups_of(gid: Ints) -> Ints:
    """Return cells in groups of eight lanes; the last is filled up with -1."""
    n = -(-len(gid) // LANES)
    return np.append(gid, np.full(n * LANES - len(gid), -1)).reshape(n, LANES).astype(np.int64)


def _starts(sizes: Ints) -> Ints:
    return np.cumsum(sizes) - sizes


def _padded(rows: list[npt.NDArray]) -> npt.NDArray:
    width = max(len(row) for row in rows)
    return np.stack([np.append(row, np.zeros(width - len(row), row.dtype)) for row in rows])


def _sites(n_nodes: Ints, cell_kind: Ints, node: Ints, synapse_kind: Ints) -> tuple[Ints, Ints]:
    """Return the number of each (node, kind of synapse) in any cell of a type, and their count."""
    shape = (len(n_nodes), int(n_nodes.max()), len(KINDS))
    used = np.zeros(shape, dtype=bool)
    used[cell_kind, node, synapse_kind] = True
    number = np.cumsum(used.reshape(len(n_nodes), -1), axis=1) - 1
    return np.where(used, number.reshape(shape), -1), used.sum(axis=(1, 2))


def _diagonal(tree: Tree, parameters: MLIParameters) -> Floats:
    """Return the constant part of the diagonal in µS, without gap junctions."""
    cell = parameters.cell
    capacitance_nF = 1e-5 * cell.membrane_capacitance_uF_per_cm2 * tree.area_um2
    diagonal = capacitance_nF / parameters.time_step_ms
    diagonal += 1e-2 * cell.leak_S_per_cm2 * tree.area_um2 + tree.axial_uS
    np.add.at(diagonal, tree.parent[1:], tree.axial_uS[1:])
    return diagonal


def _with_gap_junctions(trees: Trees, wiring: RankWiring, parameters: MLIParameters) -> Trees:
    compartment, _ = compartment_of(
        parameters, wiring.is_mli2[wiring.gap_cell], wiring.gap_dendrite, wiring.gap_x
    )
    own = node_lanes(trees, wiring.gid[wiring.gap_cell], node_of(wiring.gap_dendrite, compartment))
    by_side = np.zeros(len(own), dtype=np.int64)
    by_side[wiring.gap_own_side] = own
    constant_uS = trees.constant_uS.copy()
    np.add.at(constant_uS, own, 1e-3 * parameters.connections.gap_conductance_nS)
    order = np.argsort(own, kind="stable")
    return trees._replace(
        constant_uS=constant_uS,
        first_gap=first_of_groups(trees, own[order]),
        gap_own=own[order],
        gap_partner=by_side[wiring.gap_partner_side][order],
    )


def first_of_groups(trees: Trees, lanes: Ints) -> Ints:
    """Return the first of sorted lanes that belongs to each group, and their number."""
    return np.append(np.searchsorted(lanes, trees.first_node), len(lanes))
