"""Load and save networks as CSV tables or as a SONATA circuit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError, OutputExistsError
from cerebella.network import csv_tables, sonata_layout, sonata_read
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.csv_tables import write_csv_tables
from cerebella.network.network import Network
from cerebella.network.sonata import write_sonata
from cerebella.results.atomic import atomic_directory
from cerebella.results.outputs import check_folder_output

Format = Literal["sonata", "csv"]
T = TypeVar("T")

_TABLE_NAMES = {
    "cells": re.compile(r"cells_(?P<netid>.+)\.csv"),
    "synapses": re.compile(r"synaptic_connections_(?P<netid>.+)\.csv"),
    "gap junctions": re.compile(r"gap_connections_(?P<netid>.+)\.csv"),
}
PUBLISHED_NETWORK = "43_20241112_153832"
"""Name of the published network, whose synaptic table is not part of this package."""

_PUBLISHED_REPOSITORY = "github.com/cns-kim-lab/park_cerebellar_disinhibition"
_CF_NAME = re.compile(r"cf_times_(?P<netid>.+)_sync_(?P<level>\d+)\.csv")


class CsvTables(NamedTuple):
    """Published tables found in a folder; None or empty for missing ones."""

    cells: Path | None
    synapses: Path | None
    gap_junctions: Path | None
    cf_levels: dict[int, Path]
    name: str

    @property
    def files(self) -> list[Path]:
        """All tables that were found."""
        single = (self.cells, self.synapses, self.gap_junctions)
        return [file for file in single if file is not None] + list(self.cf_levels.values())


def load_network(path: Path | str) -> Network:
    """Load a network from a folder of CSV tables or a SONATA circuit, and validate it.

    Parameters
    ----------
    path : Path or str
        Folder of the network, or the ``circuit_config.json`` in it.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        For the first problem found, with its file, row, column and value, and a remedy.

    See Also
    --------
    save_network : Write a network.
    complete_network : Generate missing tables.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> path = cb.save_network(network, "net")
    >>> cb.load_network(path) == network
    True
    """
    network = _read(*_recognize(Path(path)), _Strict())
    assert network is not None  # _Strict raises every problem
    return network


def load_cell_counts(path: Path | str) -> dict[str, int]:
    """Load the number of cells of each type in a network.

    Parameters
    ----------
    path : Path or str
        Folder of a network, a folder that contains only a cells table, or the cells table.

    Returns
    -------
    dict of str to int
        Number of cells by type, in gid order.

    Raises
    ------
    InputError
        If there is neither a network nor a cells table, or it is invalid.

    Examples
    --------
    >>> path = cb.save_network(cb.generate_network(seed=1, scale=0.1), "net", "csv")
    >>> counts = cb.load_cell_counts(path)
    >>> counts["MLI1"], counts["CF"]
    (21, 2)
    """
    path = Path(path)
    if path.is_file() and path.name != sonata_layout.CONFIG:
        return csv_tables.read_cells(path)
    if path.is_dir() and not (path / sonata_layout.CONFIG).exists():
        cells = find_csv_tables(path).cells
        if cells is None:
            raise InputError(
                "contains no network and no table cells_<netid>.csv",
                file=path,
                remedy="Give the network of the spikes, or the folder with its cells table",
            )
        return csv_tables.read_cells(cells)
    return dict(load_network(path).cell_counts)


def check_network(path: Path | str) -> tuple[Network | None, list[InputError]]:
    """Validate every file of a network.

    Parameters
    ----------
    path : Path or str
        Folder of the network.

    Returns
    -------
    network : Network or None
        The network if it has no problem.
    problems : list of InputError
        First problem of each file.
    """
    problems = _Collecting()
    try:
        network = _read(*_recognize(Path(path)), problems)
    except InputError as error:
        return None, [*problems.found, error]
    return (None if problems.found else network), problems.found


def save_network(
    network: Network, path: Path | str, format: Format = "sonata", overwrite: bool = False
) -> Path:
    """Write a network to a new folder.

    The folder appears only after all files have been written.

    Parameters
    ----------
    network : Network
        Network to write.
    path : Path or str
        Folder to create.
    format : {"sonata", "csv"}, default "sonata"
        A SONATA circuit, or the published CSV tables.
    overwrite : bool, default False
        Replace an existing network. A folder with any other file is never replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputExistsError
        If the folder exists and may not be replaced.
    InputError
        If the format is unknown or the folder cannot be written.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> path = cb.save_network(network, "net")
    >>> [file.name for file in sorted(path.glob("*.h5"))][-2:]
    ['edges.h5', 'nodes.h5']
    >>> path = cb.save_network(network, "tables", format="csv")
    >>> (path / "cells_seed_1_scale_0.1.csv").exists()
    True
    """
    if format not in ("sonata", "csv"):
        raise InputError(f"unknown format {format!r}", remedy="Formats are sonata and csv")
    path = Path(path)
    with atomic_directory(path, replaceable=check_replaceable if overwrite else None) as folder:
        (write_sonata if format == "sonata" else write_csv_tables)(network, folder)
    return path


def refuse_output(path: Path, overwrite: bool) -> None:
    """Raise InputError unless a network may be written to `path`."""
    check_folder_output(path, check_replaceable if overwrite else None)


def check_replaceable(path: Path) -> None:
    """Raise InputError unless a folder is a complete network without other files."""
    others = [file.name for file in sorted(path.iterdir()) if not _is_network_file(file)]
    if others:
        raise OutputExistsError(
            f"contains {others[0]!r}, which is not part of a network and would be lost",
            file=path,
            remedy="Choose another folder",
        )
    tables = find_csv_tables(path)
    complete = all((path / name).is_file() for name in sonata_layout.FILES) or (
        tables.cells and tables.synapses and tables.gap_junctions
    )
    if not complete:
        raise InputError(
            "is not empty and not a complete network, so it is not replaced",
            file=path,
            remedy="Give another name, or remove the folder yourself",
        )


def find_csv_tables(folder: Path) -> CsvTables:
    """Find the published tables in a folder, for any netid; other files are ignored.

    Raises InputError if there are two files for the same table.
    """
    found: dict[str, Path] = {}
    levels: dict[int, Path] = {}
    names: dict[str, str] = {}

    def take(table: dict, key: str | int, file: Path, kind: str) -> None:
        if key in table:
            raise InputError(
                f"contains two tables of {kind}: {table[key].name} and {file.name}",
                file=folder,
                remedy="Keep only one network per folder",
            )
        table[key] = file

    for file in sorted(folder.iterdir()):
        for kind, pattern in _TABLE_NAMES.items():
            if match := pattern.fullmatch(file.name):
                take(found, kind, file, kind)
                names[kind] = match["netid"]
        if match := _CF_NAME.fullmatch(file.name):
            level = int(match["level"])
            take(levels, level, file, f"CF times of synchrony level {level}")
    return CsvTables(
        found.get("cells"),
        found.get("synapses"),
        found.get("gap junctions"),
        dict(sorted(levels.items())),
        names.get("cells") or next(iter(names.values()), "network"),
    )


class _Strict:
    """Raise the first problem."""

    def attempt(self, function: Callable[..., T], *arguments: object) -> T | None:
        """Call the function."""
        return function(*arguments)


class _Collecting(_Strict):
    """Collect the first problem of each file and continue with the next file."""

    def __init__(self) -> None:
        self.found: list[InputError] = []

    def attempt(self, function: Callable[..., T], *arguments: object) -> T | None:
        """Call the function; return None if it raised an InputError."""
        try:
            return function(*arguments)
        except InputError as error:
            self.found.append(error)
            return None


def is_network(path: Path) -> bool:
    """Return whether a folder contains files of a network."""
    sonata = (path / sonata_layout.CONFIG).exists()
    return path.is_dir() and (sonata or bool(find_csv_tables(path).files))


def _recognize(path: Path) -> tuple[Path, Format]:
    """Return the folder of a network and its format."""
    folder = path.parent if path.name == sonata_layout.CONFIG else path
    if not folder.is_dir():
        problem = "is a file, not a folder" if folder.exists() else "no such folder"
        raise InputError(problem, file=path, remedy="Give the folder that contains the network")
    sonata = (folder / sonata_layout.CONFIG).exists()
    csv_files = find_csv_tables(folder).files
    if sonata and csv_files:
        raise InputError(
            f"contains two networks: {sonata_layout.CONFIG} and {csv_files[0].name}",
            file=folder,
            remedy="Keep only one network per folder",
        )
    if sonata:
        return folder, "sonata"
    if csv_files:
        return folder, "csv"
    raise InputError(
        f"contains no network: neither {sonata_layout.CONFIG} nor cells_<netid>.csv",
        file=folder,
        remedy="Generate one with: cerebella network build OUT",
    )


def _read(folder: Path, form: Format, problems: _Strict) -> Network | None:
    """Read all files; return None if `problems` collected a problem instead of raising it."""
    read = _read_sonata if form == "sonata" else _read_csv
    counts, synapses, gap_junctions, cf_times, name = read(folder, problems)
    if counts is None or synapses is None or gap_junctions is None:
        return None
    return Network(counts, synapses, gap_junctions, cf_times, name)


class _Parts(NamedTuple):
    """Parts of a network that were read; None for invalid ones."""

    cell_counts: dict[str, int] | None
    synapses: Synapses | None
    gap_junctions: GapJunctions | None
    cf_times_ms: dict[int, npt.NDArray[np.float64]]
    name: str


def _read_csv(folder: Path, problems: _Strict) -> _Parts:
    tables = find_csv_tables(folder)
    attempt = problems.attempt
    for file, name in (
        (tables.cells, f"cells_{tables.name}.csv"),
        (tables.synapses, f"synaptic_connections_{tables.name}.csv"),
        (tables.gap_junctions, f"gap_connections_{tables.name}.csv"),
    ):
        if file is None:
            attempt(_refuse_missing, folder, name)
    counts = tables.cells and attempt(csv_tables.read_cells, tables.cells)
    if not tables.cf_levels and (counts is None or counts["CF"]):
        attempt(_refuse_missing, folder, csv_tables.cf_table_name("<n>"))
    return _Parts(
        counts,
        tables.synapses and attempt(csv_tables.read_synapses, tables.synapses, counts),
        tables.gap_junctions
        and attempt(csv_tables.read_gap_junctions, tables.gap_junctions, counts),
        _read_levels(csv_tables.read_cf_level, tables.cf_levels, counts, problems),
        tables.name,
    )


def _refuse_missing(folder: Path, name: str) -> None:
    published = (
        f"Copy it here from {_PUBLISHED_REPOSITORY}, or generate"
        if name == f"synaptic_connections_{PUBLISHED_NETWORK}.csv"
        else "Generate"
    )
    raise InputError(
        f"there is no {name}",
        file=folder,
        remedy=f"{published} the missing tables: cerebella network build OUT --from {folder}",
    )


def _read_sonata(folder: Path, problems: _Strict) -> _Parts:
    attempt = problems.attempt
    name, files = attempt(sonata_read.read_config, folder / sonata_layout.CONFIG) or ("", {})
    counts = attempt(sonata_read.read_nodes, folder / sonata_layout.NODES)
    edges = attempt(sonata_read.read_edges, folder / sonata_layout.EDGES, counts)
    synapses, gap_junctions = edges or (None, None)
    levels = _read_levels(sonata_read.read_cf_level, files, counts, problems)
    return _Parts(counts, synapses, gap_junctions, levels, name)


def _read_levels(
    read: Callable[[Path, dict[str, int] | None], npt.NDArray[np.float64]],
    files: dict[int, Path],
    counts: dict[str, int] | None,
    problems: _Strict,
) -> dict[int, npt.NDArray[np.float64]]:
    times = {level: problems.attempt(read, file, counts) for level, file in files.items()}
    return {level: values for level, values in times.items() if values is not None}


def _is_network_file(file: Path) -> bool:
    names = [*_TABLE_NAMES.values(), _CF_NAME]
    return sonata_layout.is_network_file(file) or any(n.fullmatch(file.name) for n in names)
