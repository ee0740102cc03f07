"""Complete a folder that contains some of the published tables by generating the others."""

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
    """Build a network from the published tables in a folder and generate the missing ones.

    Generated tables are consistent with the cells table. Synchrony levels without a table use
    the CF times of the levels that have one. Other files in the folder are ignored.

    Parameters
    ----------
    directory : Path or str
        Folder with at least one table.
    parameters : MLINetworkParameters, optional
        Statistics of the generated part; by default those of the published network.
    seed : int, default 0
        Seed of the generated part.
    scale : float, default 1
        Factor on the numbers of cells; only valid without a cells table.

    Returns
    -------
    network : Network
        The complete network.
    used : list of Path
        Tables that were read.
    generated : list of str
        Description of each generated part.

    Raises
    ------
    InputError
        If the folder contains no table, or a table is invalid.

    Examples
    --------
    Replace the gap junctions of a saved network by new ones:

    >>> folder = cb.save_network(cb.generate_network(seed=1, scale=0.1), "tables", "csv")
    >>> (folder / "gap_connections_seed_1_scale_0.1.csv").unlink()
    >>> network, used, generated = cb.complete_network(folder, seed=2)
    >>> used[0].name, generated
    ('cells_seed_1_scale_0.1.csv', ['49 gap junctions'])
    """
    folder = Path(directory)
    parameters = parameters or MLINetworkParameters()
    if not folder.is_dir():
        raise InputError("no such folder", file=folder, remedy="Give the folder with the tables")
    tables = find_csv_tables(folder)
    if not tables.files:
        raise InputError(
            "contains none of the tables cells_<netid>.csv, synaptic_connections_<netid>.csv, "
            "gap_connections_<netid>.csv, cf_times_<id>_sync_<n>.csv",
            file=folder,
            remedy="Give the folder with the tables, or generate the whole network",
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
            f"determines the number of cells, so a scale of {scale:g} cannot be applied",
            file=tables.cells,
            remedy="Omit the scale, or remove the cells table from the folder",
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
        added, origin = derive_missing_levels(given, parameters), " from the other levels"
    else:
        added, origin = generate_cf_times(counts["CF"], parameters), ""
    if added:
        generated.append(f"CF times of synchrony levels {', '.join(map(str, added))}{origin}")
    return given | added
