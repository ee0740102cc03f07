"""Counts and degrees of a network, with the values from electron microscopy (EM)."""

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
    source, target : str
        Populations.
    n_synapses : int
        Number of synapses in the network.
    synapses_per_cell, synapses_per_cell_sd : float
        Mean and SD over target cells.
    partners_per_cell : float
        Mean number of distinct source cells.
    synapses_per_pair : float
        Mean over connected pairs; NaN without any.
    em : EMConnection
        The same quantities counted by EM.
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
    """CFs of one synchrony level.

    Attributes
    ----------
    n_firing : int
        Number of CFs that fire.
    n_added : int
        Number of these that are silent in the lowest level.
    n_mli2_reached : int
        Number of MLI2 cells with a synapse from an added CF.
    """

    n_firing: int
    n_added: int
    n_mli2_reached: int


@dataclass(frozen=True)
class NetworkStatistics:
    """Statistics of a network, as returned by `describe_network`.

    Attributes
    ----------
    name : str
        Name of the network.
    cell_counts : dict of str to int
        Number of cells by type.
    n_synapses, n_gap_junctions : int
        Totals.
    connections : tuple of ConnectionStatistics
        One per pair of non-empty source and target populations.
    gap_degree_counts : tuple of int
        Number of MLIs coupled to 0, 1, 2, … other cells; populations without any gap junction
        are excluded.
    gap_degree_mean : float
        Mean of this distribution; NaN without gap junctions.
    cf_degree_counts : tuple of int
        Number of MLI2 cells with synapses from 0, 1, 2, … distinct CFs.
    cf_levels : dict of int to CFLevelStatistics
        Statistics by synchrony level.
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
        """Return all values as JSON-compatible types; NaN becomes None."""
        return _plain(self)


def describe_network(network: Network) -> NetworkStatistics:
    """Count the cells, synapses and partners in a network.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    NetworkStatistics
    """
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
    """Count the synapses from one population onto each cell of another.

    Parameters
    ----------
    network : Network
        The network.
    source, target : str
        Populations.

    Returns
    -------
    ndarray of int64, shape (n_target_cells,)
        Counts in gid order.
    """
    return _per_cell(network, target, network.synapses.target_gid[_rows(network, source, target)])


def partners_per_cell(network: Network, source: str, target: str) -> IntArray:
    """Count the distinct cells of one population that contact each cell of another.

    Parameters
    ----------
    network : Network
        The network.
    source, target : str
        Populations.

    Returns
    -------
    ndarray of int64, shape (n_target_cells,)
        Counts in gid order.
    """
    rows = _rows(network, source, target)
    pairs = np.unique(
        np.stack([network.synapses.target_gid[rows], network.synapses.source_gid[rows]]), axis=1
    )
    return _per_cell(network, target, pairs[0])


def gap_degrees(network: Network) -> IntArray:
    """Count the distinct cells coupled to each MLI by gap junctions.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    ndarray of int64, shape (n_mli,)
        Counts in gid order; a population without any gap junction is excluded.
    """
    junctions = network.gap_junctions
    pairs = np.unique(np.stack([junctions.gid_a, junctions.gid_b]), axis=1)
    ends = pairs.ravel()
    coupled = np.unique(network.population_index(ends)).tolist()
    counts = [_per_cell(network, network.populations[p].name, ends) for p in coupled]
    return np.concatenate([np.empty(0, np.int64), *counts])


def _rows(network: Network, source: str, target: str) -> npt.NDArray[np.bool_]:
    """Mark the synapses from one population onto another, shape (n_synapses,)."""
    marks = np.ones(len(network.synapses), dtype=bool)
    for name, gids in (
        (source, network.synapses.source_gid),
        (target, network.synapses.target_gid),
    ):
        population = network.population(name)
        marks &= (gids >= population.first_gid) & (gids < population.gids.stop)
    return marks


def _per_cell(network: Network, population: str, gids: IntArray) -> IntArray:
    """Count the occurrences of each cell of a population in `gids`, shape (n_cells,)."""
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
