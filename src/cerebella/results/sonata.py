"""Common parts of SONATA files of spikes and of traces: root, populations and messages.

SONATA numbers cells from 0 within each population and does not store global ids (gids). Each
population group therefore has three additional attributes, `name`, `first_gid` and `n_cells`,
which other readers of SONATA ignore.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

from cerebella.errors import InputError
from cerebella.files.hdf5 import group_in, names_in, opened_hdf5, text_attribute, whole_attribute
from cerebella.files.names import checked_name
from cerebella.results.spikes import Population, own_name

MAGIC = 0x0A7A
VERSION = (0, 1)

DAMAGED = "The file is damaged: copy or generate it again"

_MOST_CELLS = 20_000_000
"""Largest number of cells that a file may define, so that an array of all cells fits memory."""


@contextmanager
def opened_sonata(path: Path | str, group: str) -> Iterator[h5py.Group]:
    """Open a SONATA file and yield one of its groups.

    Parameters
    ----------
    path : Path or str
        HDF5 file.
    group : str
        Name of the group, such as "spikes" or "report".

    Yields
    ------
    h5py.Group

    Raises
    ------
    InputError
        If the file is missing, damaged or not HDF5, or lacks the group.
    """
    path = Path(path)
    with opened_hdf5(path) as file:
        yield group_in(file, group, path)


def start_file(file: h5py.File) -> None:
    """Write the root attributes that identify a SONATA file."""
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, dtype=np.uint32)


def start_population(parent: h5py.Group, population: Population) -> h5py.Group:
    """Create the group of one population, with the attributes that define its gids."""
    group = parent.create_group(population.name.lower())
    group.attrs["name"] = population.name
    group.attrs["first_gid"] = np.int64(population.first_gid)
    group.attrs["n_cells"] = np.int64(population.n_cells)
    return group


def populations_in(
    parent: h5py.Group, path: Path, given: Sequence[Population] | None
) -> list[tuple[Population, h5py.Group]]:
    """Return the populations of a file with their groups, in gid order.

    Parameters
    ----------
    parent : h5py.Group
        Group ``/spikes`` or ``/report``.
    path : Path
        The file, for messages.
    given : sequence of Population or None
        Populations that override the attributes of the file, which files of other programs
        lack; matched by name, ignoring case.

    Returns
    -------
    list of (Population, h5py.Group)

    Raises
    ------
    InputError
        If the gids of a population are unknown.
    """
    by_name = {population.name.lower(): population for population in given or ()}
    found = []
    for name in names_in(parent, path):
        group = group_in(parent, name, path)
        population = by_name.get(name.lower()) if given else _own_population(group, path)
        if population is None:
            raise InputError(
                f"does not define the gids of population {name!r}",
                file=path,
                remedy="Give the network of these cells; in Python, "
                f"populations=[Population({name.upper()!r}, first_gid, n_cells), …]",
            )
        found.append((population, group))
    found.sort(key=lambda pair: (pair[0].first_gid, pair[0].name))
    _check_ranges([population for population, _ in found], path)
    return found


def _own_population(group: h5py.Group, path: Path) -> Population | None:
    name = text_attribute(group, "name", path)
    first_gid = whole_attribute(group, "first_gid", path)
    n_cells = whole_attribute(group, "n_cells", path)
    if name is None or first_gid is None or n_cells is None:
        return None
    population = Population(own_name(checked_name(name, "population", path)), first_gid, n_cells)
    if not (0 <= first_gid <= _MOST_CELLS and 0 <= n_cells <= _MOST_CELLS):
        raise InputError(
            f"population {name} has {n_cells} cells from gid {first_gid}, which is not between 0 "
            f"and {_MOST_CELLS}",
            file=path,
            remedy=DAMAGED,
        )
    return population


def _check_ranges(populations: Sequence[Population], path: Path) -> None:
    """Raise InputError if a name occurs twice, or a gid belongs to two populations."""
    names = [population.name for population in populations]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"has two populations {name}", file=path, remedy=DAMAGED)
    for one, next_one in pairwise(p for p in populations if p.n_cells):
        if next_one.first_gid < one.first_gid + one.n_cells:
            raise InputError(
                f"gid {next_one.first_gid} belongs to populations {one.name} and {next_one.name}",
                file=path,
                remedy="Give each population its own range of gids",
            )


def check_nodes(nodes: np.ndarray, population: Population, path: Path) -> None:
    """Raise InputError unless all node ids are cells of the population."""
    outside = (nodes < 0) | (nodes >= population.n_cells)
    if outside.any():
        raise InputError(
            f"cell {nodes[outside][0]} of {population.name} does not exist: "
            f"the population has {population.n_cells} cells, counted from 0",
            file=path,
            remedy="Give the populations of the simulated network",
        )


def check_population_names(populations: Sequence[Population], path: Path) -> None:
    """Raise InputError if the names of groups would be invalid or not unique."""
    names = [population.name.lower() for population in populations]
    if len(set(names)) < len(names) or any(not name or "/" in name for name in names):
        raise InputError(
            f"populations {[p.name for p in populations]} do not have valid, unique group names",
            file=path,
            remedy="Give each a unique name without '/'; case is ignored",
        )
