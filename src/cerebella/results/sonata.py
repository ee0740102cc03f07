"""Common parts of SONATA files of spikes and of traces: root, populations and messages.

SONATA numbers cells from 0 within each population and does not store global ids (gids). Each
population group therefore has three additional attributes, `name`, `first_gid` and `n_cells`,
which other readers of SONATA ignore.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from cerebella.errors import InputError
from cerebella.results.hdf5 import opened_hdf5
from cerebella.results.spikes import Population, own_name

MAGIC = 0x0A7A
VERSION = (0, 1)


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
    if not path.is_file():
        problem = "is a folder, not a SONATA file" if path.is_dir() else "no such file"
        raise InputError(problem, file=path, remedy="Check the path")
    try:
        with opened_hdf5(path) as file:
            yield group_in(file, group, path)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"cannot be read as HDF5 ({first_line(error)})",
            file=path,
            remedy="The file is damaged or in another format: copy or generate it again",
        ) from error


def group_in(parent: h5py.Group, name: str, path: Path) -> h5py.Group:
    """Return the group `name` of `parent`, or raise InputError."""
    return _member(parent, name, path, h5py.Group, "group")


def dataset_in(parent: h5py.Group, name: str, path: Path) -> h5py.Dataset:
    """Return the dataset `name` of `parent`, or raise InputError."""
    return _member(parent, name, path, h5py.Dataset, "dataset")


def _member(parent: h5py.Group, name: str, path: Path, kind: Any, word: str) -> Any:
    member = parent.get(name)
    if not isinstance(member, kind):
        place = f"{(parent.name or '').rstrip('/')}/{name}"
        raise InputError(
            f"has no {word} {place}", file=path, remedy="Give a SONATA file of the correct kind"
        )
    return member


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
    for name in map(str, parent):
        group = group_in(parent, name, path)
        population = by_name.get(name.lower()) if given else _own_population(group)
        if population is None:
            raise InputError(
                f"does not define the gids of population {name!r}",
                file=path,
                remedy="Give the network of these cells; in Python, "
                f"populations=[Population({name.upper()!r}, first_gid, n_cells), …]",
            )
        found.append((population, group))
    return sorted(found, key=lambda pair: (pair[0].first_gid, pair[0].name))


def _own_population(group: h5py.Group) -> Population | None:
    if not {"name", "first_gid", "n_cells"} <= set(group.attrs):
        return None
    attributes: Any = group.attrs
    return Population(
        own_name(str(attributes["name"])), int(attributes["first_gid"]), int(attributes["n_cells"])
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


def first_line(error: BaseException) -> str:
    """Return the first line of the message of an exception."""
    return (str(error).splitlines() or [type(error).__name__])[0]
