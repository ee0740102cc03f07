"""Write a network as a SONATA circuit: nodes, edges with indices, CF spikes, configuration.

Format: Dai et al. 2020, The SONATA data format for efficient description of large-scale
network models. Layout and names are defined in `sonata_layout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.network import sonata_layout as layout
from cerebella.network.cell_types import CELL_TYPES, POPULATIONS
from cerebella.network.network import Network
from cerebella.results.hdf5 import new_hdf5
from cerebella.results.sonata import start_file
from cerebella.results.sonata_spikes import write_spikes
from cerebella.results.spikes import Population, SpikeTrains

IntArray = npt.NDArray[np.int64]


def write_sonata(network: Network, folder: Path) -> None:
    """Write a circuit; equal networks yield identical bytes.

    Parameters
    ----------
    network : Network
        Network to write.
    folder : Path
        Existing folder.
    """
    with new_hdf5(folder / layout.NODES) as file:
        start_file(file)
        for population in network.populations:
            if population.n_cells:
                _write_nodes(file, network, population)
    edge_populations = []
    with new_hdf5(folder / layout.EDGES) as file:
        start_file(file)
        file.create_group("edges")
        for name, edges in _edges_by_population(network).items():
            _write_edges(file, network, name, edges)
            edge_populations.append(name)
    _write_cf_spikes(network, folder)
    (folder / layout.NODE_TYPES).write_text(layout.node_types_csv(), encoding="utf-8")
    (folder / layout.EDGE_TYPES).write_text(layout.edge_types_csv(), encoding="utf-8")
    config = layout.circuit_config(
        network.name,
        [p.name.lower() for p in network.populations if p.n_cells],
        edge_populations,
        list(network.cf_times_ms),
    )
    (folder / layout.CONFIG).write_text(config, encoding="utf-8")


def _write_nodes(file: h5py.File, network: Network, population: Population) -> None:
    group = file.create_group(f"nodes/{population.name.lower()}")
    gids = np.arange(population.first_gid, population.first_gid + population.n_cells)
    cell_type = network.type_index(gids)
    columns = {
        "node_type_id": cell_type,
        "node_group_id": np.zeros(len(gids), np.uint32),
        "node_group_index": np.arange(len(gids), dtype=np.uint64),
        "0/gid": gids,
        "0/cell_type": cell_type.astype(np.uint32),
    }
    _write_columns(group, columns)
    group.create_dataset(
        "0/@library/cell_type",
        data=[t.name for t in CELL_TYPES],
        dtype=h5py.string_dtype(),
        track_times=False,
    )


def _edges_by_population(network: Network) -> dict[str, dict[str, npt.NDArray]]:
    """Return gids and attributes of each non-empty edge population, sorted by target."""
    synapses, gaps = network.synapses, network.gap_junctions.directed()
    order = np.lexsort((gaps["source_gid"], gaps["target_gid"]))
    gaps = {name: column[order] for name, column in gaps.items()}
    tables = {
        layout.CHEMICAL: {
            "source_gid": synapses.source_gid,
            "target_gid": synapses.target_gid,
            "afferent_section_id": synapses.dendrite + 1,
            "afferent_section_pos": synapses.x,
            **({} if synapses.table_row is None else {layout.TABLE_ROW: synapses.table_row}),
        },
        layout.ELECTRICAL: {
            "source_gid": gaps["source_gid"],
            "target_gid": gaps["target_gid"],
            "efferent_section_id": gaps["source_dendrite"] + 1,
            "efferent_section_pos": gaps["source_x"],
            "afferent_section_id": gaps["target_dendrite"] + 1,
            "afferent_section_pos": gaps["target_x"],
        },
    }
    found = {}
    for name in layout.EDGE_POPULATIONS:
        source, target, kind = layout.edge_parts(name)
        table = tables[kind]
        own = (
            network.population_index(table["source_gid"]) == layout.NODE_POPULATIONS.index(source)
        ) & (network.population_index(table["target_gid"]) == layout.NODE_POPULATIONS.index(target))
        if own.any():
            found[name] = {column: values[own] for column, values in table.items()}
    return found


def _write_edges(
    file: h5py.File, network: Network, name: str, edges: Mapping[str, npt.NDArray]
) -> None:
    group = file.create_group(f"edges/{name}")
    n_edges = len(edges["source_gid"])
    ends = {}
    for end, population_name in zip(("source", "target"), layout.edge_parts(name), strict=False):
        population = network.population(population_name.upper())
        node = edges[f"{end}_gid"] - population.first_gid
        dataset = group.create_dataset(
            f"{end}_node_id", data=node.astype(np.uint64), track_times=False
        )
        dataset.attrs["node_population"] = population_name
        ends[end] = (node, population.n_cells)
    attributes = {
        f"0/{column}": values.astype(np.float64 if column.endswith("_pos") else np.uint32)
        for column, values in edges.items()
        if not column.endswith("_gid")
    }
    columns = {
        "edge_type_id": np.full(n_edges, layout.EDGE_POPULATIONS.index(name)),
        "edge_group_id": np.zeros(n_edges, np.uint32),
        "edge_group_index": np.arange(n_edges, dtype=np.uint64),
    }
    _write_columns(group, columns | attributes)
    for direction, end in (("source_to_target", "source"), ("target_to_source", "target")):
        nodes_to_ranges, ranges = edge_index(*ends[end])
        index = {"node_id_to_ranges": nodes_to_ranges, "range_to_edge_id": ranges}
        _write_columns(group.create_group(f"indices/{direction}"), index)


def edge_index(node_of_edge: IntArray, n_nodes: int) -> tuple[IntArray, IntArray]:
    """Compute the SONATA index from nodes to their edges.

    Parameters
    ----------
    node_of_edge : ndarray of int64, shape (n_edges,)
        Node of each edge.
    n_nodes : int
        Number of nodes.

    Returns
    -------
    node_id_to_ranges : ndarray of int64, shape (n_nodes, 2)
        Half-open interval of rows of `range_to_edge_id` for each node.
    range_to_edge_id : ndarray of int64, shape (n_ranges, 2)
        Half-open intervals of consecutive edges.
    """
    edge = np.argsort(node_of_edge, kind="stable")
    node = node_of_edge[edge]
    starts = np.flatnonzero(
        np.concatenate([[True], (np.diff(edge) != 1) | (np.diff(node) != 0)])[: len(edge)]
    )
    ends = np.append(starts[1:], len(edge))
    ranges = np.stack([edge[starts], edge[starts] + ends - starts], axis=1)
    borders = np.searchsorted(node[starts], np.arange(n_nodes + 1))
    return np.stack([borders[:-1], borders[1:]], axis=1), ranges


def _write_cf_spikes(network: Network, folder: Path) -> None:
    """Write the time of every CF, including silent ones (10 000 ms or later)."""
    cf = network.population(POPULATIONS[-1])
    for level, times_ms in network.cf_times_ms.items():
        trains = SpikeTrains(times_ms, np.array(cf.gids, dtype=np.int64), (cf,))
        write_spikes(trains, folder / layout.cf_spikes_name(level))


def _write_columns(group: h5py.Group, columns: Mapping[str, npt.NDArray]) -> None:
    for name, column in columns.items():
        group.create_dataset(name, data=column, track_times=False)
