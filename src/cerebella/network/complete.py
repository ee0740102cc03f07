"""Complete a folder that holds some of the published tables: use these, generate the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network import csv_tables
from cerebella.network.cf_levels import derive_missing_levels, generate_cf_times
from cerebella.network.gap_graph import generate_gap_junctions
from cerebella.network.generate import generate_synapses, network_name, scaled_cell_counts
from cerebella.network.load import CsvTables, find_csv_tables
from cerebella.network.network import Network
from cerebella.parameters.mli_network import MLINetworkParameters


def complete_network(
    directory: Path | str,
    parameters: MLINetworkParameters | None = None,
    *,
    seed: int = 0,
    scale: float = 1,
) -> tuple[Network, list[Path], list[str]]:
    """Make a network of the published tables in a folder and generate those it lacks.

    What is generated fits the cells table; synchrony levels that have no table get the times
    of the tables there are. Other files in the folder are passed over.

    Parameters
    ----------
    directory : the folder with at least one table.
    parameters, seed : as for `generate_network`.
    scale : only without a cells table, which says how many cells there are.

    Returns
    -------
    network, the tables that were used, and what was generated, in words.

    Raises
    ------
    InputError : there is no table, or a table cannot be used.
    """
    folder = Path(directory)
    parameters = parameters or MLINetworkParameters()
    if not folder.is_dir():
        raise InputError("no such folder", file=folder, remedy="Give the folder of the tables")
    tables = find_csv_tables(folder)
    if not tables.files:
        raise InputError(
            "holds none of the tables cells_<netid>.csv, synaptic_connections_<netid>.csv, "
            "gap_connections_<netid>.csv, cf_times_<id>_sync_<n>.csv",
            file=folder,
            remedy="Give the folder of the tables, or leave out --from",
        )
    generated: list[str] = []
    counts = _cell_counts(tables, parameters, scale, generated)
    if tables.synapses:
        synapses = csv_tables.read_synapses(tables.synapses, counts)
    else:
        synapses = generate_synapses(counts, parameters, seed)
        generated.append(f"{len(synapses):,} synapses")
    if tables.gap_junctions:
        gap_junctions = csv_tables.read_gap_junctions(tables.gap_junctions, counts)
    else:
        gap_junctions = generate_gap_junctions(counts["MLI1"], parameters, seed)
        generated.append(f"{len(gap_junctions):,} gap junctions")
    cf_times = _cf_times(tables, counts, parameters, generated)
    name = tables.name if tables.cells else network_name(seed, scale)
    return Network(counts, synapses, gap_junctions, cf_times, name), tables.files, generated


def _cell_counts(
    tables: CsvTables, parameters: MLINetworkParameters, scale: float, generated: list[str]
) -> dict[str, int]:
    if tables.cells is None:
        counts = scaled_cell_counts(parameters, scale)
        generated.append(f"{sum(counts.values()):,} cells")
        return counts
    if scale != 1:
        raise InputError(
            f"says how many cells there are, so scale {scale:g} cannot hold",
            file=tables.cells,
            remedy="Leave out --scale, or remove the cells table from the folder",
        )
    return csv_tables.read_cells(tables.cells)


def _cf_times(
    tables: CsvTables,
    counts: Mapping[str, int],
    parameters: MLINetworkParameters,
    generated: list[str],
) -> dict[int, npt.NDArray[np.float64]]:
    given = {
        level: csv_tables.read_cf_level(file, counts) for level, file in tables.cf_levels.items()
    }
    if given:
        added, how = derive_missing_levels(given, parameters), " from the other levels"
    else:
        added, how = generate_cf_times(counts["CF"], parameters), ""
    if added:
        generated.append(f"CF times of synchrony levels {', '.join(map(str, added))}{how}")
    return given | added
