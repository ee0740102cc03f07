"""Read and validate a SONATA circuit written by `sonata`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.hdf5 import group_in, names_in, numbers_in, texts_in, whole_numbers_in
from cerebella.files.json_file import read_json
from cerebella.files.names import checked_name
from cerebella.files.text import quoted
from cerebella.network import sonata_layout as layout
from cerebella.network.cell_types import CELL_TYPES, POPULATIONS
from cerebella.network.checks import (
    GAP_COLUMNS,
    SYNAPSE_COLUMNS,
    Rows,
    check_gap_rows,
    check_synapses,
)
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.results.sonata import opened_sonata
from cerebella.results.sonata_spikes import read_spikes

_DAMAGED = "The file is damaged: copy or generate it again"
_FOREIGN = "Give a network saved by cerebella, as from: cerebella network build OUT"
_LEVEL = re.compile(r"[0-9]{1,6}")
_TYPE_INDEX = {t.name: i for i, t in enumerate(CELL_TYPES)}


def read_config(file: Path) -> tuple[str, dict[int, Path]]:
    """Read the circuit configuration.

    Parameters
    ----------
    file : Path
        The configuration.

    Returns
    -------
    name : str
        Name of the network.
    levels : dict of int to Path
        File of CF spikes of each synchrony level.

    Raises
    ------
    InputError
        If the file cannot be read or was not written by cerebella.
    """
    own = read_json(file, remedy=_DAMAGED).get("cerebella")
    levels = own.get("cf_synchrony_levels") if isinstance(own, dict) else None
    if not isinstance(own, dict) or not isinstance(levels, dict) or "name" not in own:
        raise InputError(
            "is not the configuration of a molecular layer network (no entry 'cerebella' with "
            "name and cf_synchrony_levels)",
            file=file,
            remedy=_FOREIGN,
        )
    files = {}
    for level, name in levels.items():
        if not _LEVEL.fullmatch(level):
            raise InputError(
                f"{quoted(level)} is not a CF synchrony level", file=file, remedy=_FOREIGN
            )
        files[int(level)] = file.parent / checked_name(name, "file of CF spikes", file)
    return checked_name(own["name"], "network", file), files


def read_nodes(file: Path) -> dict[str, int]:
    """Read the number of cells of each type.

    Parameters
    ----------
    file : Path
        File of nodes.

    Returns
    -------
    dict of str to int
        Number of cells by type, in gid order.

    Raises
    ------
    InputError
        If the file is damaged or contains other populations.
    """
    with opened_sonata(file, "nodes") as nodes:
        names = names_in(nodes, file)
        foreign = sorted(set(names) - set(layout.NODE_POPULATIONS))
        if foreign:
            raise InputError(
                f"contains the node population {quoted(foreign[0])}; a molecular layer has "
                f"{', '.join(layout.NODE_POPULATIONS)}",
                file=file,
                remedy=_FOREIGN,
            )
        parts = [
            _read_node_population(nodes, name, file)
            for name in layout.NODE_POPULATIONS
            if name in names
        ]
    gids, cell_type = (
        (np.concatenate(part) for part in zip(*parts, strict=True))
        if parts
        else (
            np.empty(0, np.int64),
            np.empty(0, np.int64),
        )
    )
    if not np.array_equal(gids, np.arange(len(gids))) or np.any(np.diff(cell_type) < 0):
        raise InputError(
            f"gids are not contiguous from 0 and ordered by type: {', '.join(_TYPE_INDEX)}",
            file=file,
            column="gid",
            remedy=_DAMAGED,
        )
    counts = np.bincount(cell_type, minlength=len(CELL_TYPES)).tolist()
    return {t.name: count for t, count in zip(CELL_TYPES, counts, strict=True)}


def _read_node_population(
    nodes: h5py.Group, name: str, file: Path
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the gids and types of one population, in node order."""
    group = group_in(group_in(nodes, name, file), "0", file)
    gids = whole_numbers_in(group, "gid", file)
    coded = whole_numbers_in(group, "cell_type", file)
    library = texts_in(group_in(group, "@library", file), "cell_type", file)
    own_types = [t.name for t in CELL_TYPES if t.population.lower() == name]
    for i, code in enumerate(np.unique(coded).tolist()):
        label = library[code] if 0 <= code < len(library) else code
        if label not in own_types:
            first = int(np.argmax(coded == np.unique(coded)[i]))
            raise InputError(
                f"unknown cell type {quoted(str(label))} in population {name}",
                file=file,
                column=f"{group.name}/cell_type[{first}]",
                remedy=f"Its cell types are {', '.join(own_types)}",
            )
    if gids.shape != coded.shape:
        raise InputError(
            f"population {name} has {gids.size} gids but {coded.size} cell types",
            file=file,
            remedy=_DAMAGED,
        )
    types = np.array([_TYPE_INDEX.get(label, -1) for label in library], dtype=np.int64)
    return gids, types[coded]


def read_edges(file: Path, cell_counts: Mapping[str, int] | None) -> tuple[Synapses, GapJunctions]:
    """Read and validate all edges.

    Parameters
    ----------
    file : Path
        File of edges.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Returns
    -------
    synapses : Synapses
    gap_junctions : GapJunctions

    Raises
    ------
    InputError
        For the first invalid edge.
    """
    firsts = _first_gids(cell_counts)
    parts: dict[str, list[dict[str, npt.NDArray]]] = {layout.CHEMICAL: [], layout.ELECTRICAL: []}
    with opened_sonata(file, "edges") as edges:
        for name in names_in(edges, file):
            if name not in layout.EDGE_POPULATIONS:
                raise InputError(
                    f"contains the edge population {quoted(name)}, which is not part of a "
                    "molecular layer",
                    file=file,
                    remedy=_FOREIGN,
                )
            kind = layout.edge_parts(name)[2]
            columns, rows = _read_edge_population(edges, name, file, firsts)
            if kind == layout.CHEMICAL:
                check_synapses(rows, columns, cell_counts)
            parts[kind].append(columns)
    gaps = _joined(parts[layout.ELECTRICAL], GAP_COLUMNS)
    check_gap_rows(Rows(file, {}, None, layout.NODES), gaps, cell_counts)
    chemical = parts[layout.CHEMICAL]
    synapses = _joined(chemical, SYNAPSE_COLUMNS)
    if any(layout.TABLE_ROW in part for part in chemical):
        synapses |= _table_rows(chemical, file)
    return Synapses(**synapses), GapJunctions.from_directed(gaps)


def _table_rows(parts: list[dict[str, npt.NDArray]], file: Path) -> dict[str, npt.NDArray]:
    """Return the row of the CSV table from which each synapse was read."""
    rows = np.concatenate(
        [part.get(layout.TABLE_ROW, np.full(len(part["x"]), -1)) for part in parts]
    )
    if not np.array_equal(np.sort(rows), np.arange(len(rows))):
        raise InputError(
            f"{layout.TABLE_ROW} of the chemical edges does not contain each row exactly once",
            file=file,
            remedy=_DAMAGED,
        )
    return {layout.TABLE_ROW: rows}


def _first_gids(cell_counts: Mapping[str, int] | None) -> dict[str, int]:
    """Return the first gid of each node population; far apart if the cells are unknown."""
    counts = cell_counts or {t.name: 2**40 for t in CELL_TYPES}
    firsts, total = {}, 0
    for population in POPULATIONS:
        firsts[population.lower()] = total
        total += sum(counts[t.name] for t in CELL_TYPES if t.population == population)
    firsts["end"] = total
    return firsts


def _read_edge_population(
    edges: h5py.Group, name: str, file: Path, firsts: Mapping[str, int]
) -> tuple[dict[str, npt.NDArray], Rows]:
    """Return the columns of one population, named as in `Synapses` or `GAP_COLUMNS`."""
    source, target, kind = layout.edge_parts(name)
    group = group_in(edges, name, file)
    attributes = group_in(group, "0", file)
    columns: dict[str, npt.NDArray] = {}
    names: dict[str, str] = {}

    def read(column: str, parent: h5py.Group, own_name: str, offset: int) -> None:
        if own_name.endswith("_pos"):
            columns[column] = numbers_in(parent, own_name, file).astype(np.float64)
        else:
            columns[column] = whole_numbers_in(parent, own_name, file) + offset
        names[column] = f"{parent.name}/{own_name}"

    for end, population in (("source", source), ("target", target)):
        read(f"{end}_gid", group, f"{end}_node_id", firsts[population])
    if kind == layout.CHEMICAL:
        read("dendrite", attributes, "afferent_section_id", -1)
        read("x", attributes, "afferent_section_pos", 0)
        if layout.TABLE_ROW in names_in(attributes, file):
            read(layout.TABLE_ROW, attributes, layout.TABLE_ROW, 0)
    else:
        for end, prefix in (("source", "efferent"), ("target", "afferent")):
            read(f"{end}_dendrite", attributes, f"{prefix}_section_id", -1)
            read(f"{end}_x", attributes, f"{prefix}_section_pos", 0)
    if len({column.shape for column in columns.values()}) > 1:
        raise InputError(
            f"columns of edge population {name} differ in length", file=file, remedy=_DAMAGED
        )
    rows = Rows(file, names, None, layout.NODES)
    _check_nodes(rows, columns, {"source_gid": source, "target_gid": target}, firsts)
    return columns, rows


def _check_nodes(
    rows: Rows,
    columns: Mapping[str, npt.NDArray],
    population_of: Mapping[str, str],
    firsts: Mapping[str, int],
) -> None:
    """Raise InputError for node ids outside the populations at the two ends."""
    order = list(firsts)
    for column, population in population_of.items():
        first, end = firsts[population], firsts[order[order.index(population) + 1]]
        gids = columns[column]
        rows.refuse(
            (gids < first) | (gids >= end),
            column,
            lambda i, gids=gids, first=first, population=population: (
                f"unknown node {gids[i] - first} of population {population}"
            ),
            f"In {rows.cells}, this population has nodes 0 to {end - first - 1}",
        )


def _joined(parts: list[dict[str, npt.NDArray]], names: tuple[str, ...]) -> dict[str, npt.NDArray]:
    return {
        name: np.concatenate([part[name] for part in parts])
        if parts
        else np.empty(0, np.float64 if name.endswith("x") else np.int64)
        for name in names
    }


def read_cf_level(file: Path, cell_counts: Mapping[str, int] | None) -> npt.NDArray[np.float64]:
    """Read the CF times of one synchrony level.

    Parameters
    ----------
    file : Path
        File of spikes, with exactly one spike per CF.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Returns
    -------
    ndarray of float, shape (n_cf,)
        Times in ms, in gid order.

    Raises
    ------
    InputError
        If a CF has no time or several, or a gid is not a CF.
    """
    trains = read_spikes(file, duration_ms=math.inf)  # a table of times, not a simulation
    by_gid = np.argsort(trains.gids, kind="stable")
    gids, times = trains.gids[by_gid], trains.times_ms[by_gid]
    if cell_counts is not None:
        n_cells = sum(cell_counts.values())
        expected = np.arange(n_cells - cell_counts["CF"], n_cells)
        for problem, wrong in (
            ("has no time", np.setdiff1d(expected, gids)),
            ("is not a CF of this network", np.setdiff1d(gids, expected)),
            ("has several times", gids[1:][np.diff(gids) == 0]),
        ):
            if len(wrong):
                raise InputError(
                    f"gid {wrong[0]} {problem}", file=file, remedy="Give each CF exactly one time"
                )
    return times
