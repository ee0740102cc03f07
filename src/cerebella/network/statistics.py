"""Counts and degrees of a network, beside what electron microscopy (EM) found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.network.network import SILENT_FROM_MS, Network
from cerebella.parameters.em_connectome import EM_CONNECTIONS, EMConnection

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ConnectionStatistics:
    """Synapses from one population onto another, per target cell.

    Attributes
    ----------
    source, target : populations.
    n_synapses : in the whole network.
    synapses_per_cell, synapses_per_cell_sd : mean and sd over all target cells.
    partners_per_cell : mean number of distinct source cells.
    synapses_per_pair : mean over connected pairs; NaN without any.
    em : the same as counted by EM.
    """

    source: str
    target: str
    n_synapses: int
    synapses_per_cell: float
    synapses_per_cell_sd: float
    partners_per_cell: float
    synapses_per_pair: float
    em: EMConnection


@dataclass(frozen=True)
class CFLevelStatistics:
    """One synchrony level.

    Attributes
    ----------
    n_firing : CFs that fire.
    n_added : of these, CFs that are silent in the lowest level.
    n_mli2_reached : MLI2 cells that have a synapse from an added CF.
    """

    n_firing: int
    n_added: int
    n_mli2_reached: int


@dataclass(frozen=True)
class NetworkStatistics:
    """What `describe_network` returns.

    Attributes
    ----------
    cell_counts : by cell type.
    connections : by source and target population, of all that have cells.
    gap_degree_counts : MLI cells that have gap junctions with 0, 1, 2, … others; cells of a
        population without any gap junction do not count.
    gap_degree_mean : their mean; NaN without gap junctions.
    cf_degree_counts : MLI2 cells that have synapses from 0, 1, 2, … distinct CFs.
    cf_levels : by synchrony level.
    """

    name: str
    cell_counts: dict[str, int]
    n_synapses: int
    n_gap_junctions: int
    connections: tuple[ConnectionStatistics, ...]
    gap_degree_counts: tuple[int, ...]
    gap_degree_mean: float
    cf_degree_counts: tuple[int, ...]
    cf_levels: dict[int, CFLevelStatistics]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values; None for NaN."""
        return _plain(self)


def describe_network(network: Network) -> NetworkStatistics:
    """Count cells, synapses and partners of a network."""
    degrees = gap_degrees(network)
    cf_degrees = partners_per_cell(network, "CF", "MLI2")
    return NetworkStatistics(
        name=network.name,
        cell_counts=dict(network.cell_counts),
        n_synapses=len(network.synapses),
        n_gap_junctions=len(network.gap_junctions),
        connections=tuple(
            _describe_connection(network, source, target)
            for source, target in EM_CONNECTIONS
            if network.population(source).n_cells and network.population(target).n_cells
        ),
        gap_degree_counts=tuple(np.bincount(degrees).tolist()),
        gap_degree_mean=float(degrees.mean()) if len(degrees) else math.nan,
        cf_degree_counts=tuple(np.bincount(cf_degrees).tolist()),
        cf_levels=_describe_levels(network),
    )


def synapses_per_cell(network: Network, source: str, target: str) -> IntArray:
    """Count the synapses that each cell of `target` has from `source`: (n_cells,) in gid order."""
    return _per_cell(network, target, network.synapses.target_gid[_rows(network, source, target)])


def partners_per_cell(network: Network, source: str, target: str) -> IntArray:
    """Count the distinct cells of `source` that contact each cell of `target`: (n_cells,)."""
    rows = _rows(network, source, target)
    pairs = np.unique(
        np.stack([network.synapses.target_gid[rows], network.synapses.source_gid[rows]]), axis=1
    )
    return _per_cell(network, target, pairs[0])


def gap_degrees(network: Network) -> IntArray:
    """Count the distinct cells that each MLI has gap junctions with, in gid order.

    MLI1 and MLI2 are included only if some cell of theirs has a gap junction.
    """
    junctions = network.gap_junctions
    pairs = np.unique(np.stack([junctions.gid_a, junctions.gid_b]), axis=1)
    ends = pairs.ravel()
    coupled = np.unique(network.population_index(ends)).tolist()
    counts = [_per_cell(network, network.populations[p].name, ends) for p in coupled]
    return np.concatenate([np.empty(0, np.int64), *counts])


def _rows(network: Network, source: str, target: str) -> npt.NDArray[np.bool_]:
    """Mark the synapses from one population onto another: (n_synapses,) bool."""
    marks = np.ones(len(network.synapses), dtype=bool)
    for name, gids in (
        (source, network.synapses.source_gid),
        (target, network.synapses.target_gid),
    ):
        population = network.population(name)
        marks &= (gids >= population.first_gid) & (gids < population.gids.stop)
    return marks


def _per_cell(network: Network, population: str, gids: IntArray) -> IntArray:
    """Count how often each cell of a population stands in `gids`: (n_cells,)."""
    cells = network.population(population)
    inside = (gids >= cells.first_gid) & (gids < cells.gids.stop)
    return np.bincount(gids[inside] - cells.first_gid, minlength=cells.n_cells)


def _describe_connection(network: Network, source: str, target: str) -> ConnectionStatistics:
    synapses = synapses_per_cell(network, source, target)
    partners = partners_per_cell(network, source, target)
    n_pairs = int(partners.sum())
    return ConnectionStatistics(
        source,
        target,
        n_synapses=int(synapses.sum()),
        synapses_per_cell=float(synapses.mean()),
        synapses_per_cell_sd=float(synapses.std()),
        partners_per_cell=float(partners.mean()),
        synapses_per_pair=float(synapses.sum() / n_pairs) if n_pairs else math.nan,
        em=EM_CONNECTIONS[source, target],
    )


def _describe_levels(network: Network) -> dict[int, CFLevelStatistics]:
    firing = {level: times < SILENT_FROM_MS for level, times in network.cf_times_ms.items()}
    if not firing:
        return {}
    lowest = firing[min(firing)]
    rows = _rows(network, "CF", "MLI2")
    source = network.synapses.source_gid[rows] - network.population("CF").first_gid
    target = network.synapses.target_gid[rows]
    return {
        level: CFLevelStatistics(
            int(fires.sum()),
            int((fires & ~lowest).sum()),
            len(np.unique(target[(fires & ~lowest)[source]])),
        )
        for level, fires in firing.items()
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        value = value._asdict()
    elif hasattr(value, "__dataclass_fields__"):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value
