"""Places of the molecular layer as text: interneurons by type and number.

MLI1[3]         one cell
MLI1[0,2-5]     several
MLI2            all cells of a type; also MLI2[all]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.spikes import Population
from cerebella.results.traces import Traces
from cerebella.runs.run_traces import Places

PLACES = "Give cells such as MLI1[3] or MLI1[0,2-5], or all cells of a type, such as MLI2"

_PLACE = re.compile(r"(MLI[12])(?:\[(.*)\])?")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")

Ints = npt.NDArray[np.int64]


def gids_at(place: str, populations: Mapping[str, Population]) -> Ints:
    """Return the cells at a place.

    Parameters
    ----------
    place : str
        A type of cell, with or without numbers in brackets.
    populations : mapping of str to Population
        Populations of the network.

    Returns
    -------
    ndarray of int64
        Gids in ascending order.

    Raises
    ------
    InputError
        The network has no such cell.

    Examples
    --------
    >>> from cerebella.molecular_layer.places import gids_at
    >>> populations = {"MLI1": cb.Population("MLI1", 0, 4), "MLI2": cb.Population("MLI2", 4, 2)}
    >>> gids_at("MLI2", populations), gids_at("MLI1[0,2-3]", populations)
    (array([4, 5]), array([0, 2, 3]))
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        raise InputError("the molecular layer has no such place", remedy=PLACES)
    name, text = match.groups()
    population = populations.get(name, Population(name, 0, 0))
    everything = text in (None, "all")
    numbers = list(range(population.n_cells)) if everything else _numbers(text)
    outside = [number for number in numbers if number >= population.n_cells]
    if outside or not population.n_cells:
        cells = f"0 to {population.n_cells - 1}" if population.n_cells else "no cell"
        raise InputError("the network has no such cell", remedy=f"Its {name} are {cells}")
    return population.first_gid + np.array(sorted(set(numbers)), dtype=np.int64)


def _numbers(text: str) -> list[int]:
    numbers: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise InputError(f"{part!r} is not a cell or a range of cells", remedy=PLACES)
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers


def _columns_at(run: Any, name: str, traces: Traces, place: str) -> Ints:
    try:
        gids = gids_at(place, run.populations)
    except InputError as error:
        raise InputError(f"place {place!r}: {error.problem}", remedy=error.remedy) from None
    return np.flatnonzero(np.isin(traces.gids, gids))


def _labels(run: Any, name: str, traces: Traces) -> list[str]:
    return [
        next(
            f"{population.name}[{gid - population.first_gid}]"
            for population in run.populations.values()
            if gid in population.gids
        )
        for gid in traces.gids.tolist()
    ]


PLACES_OF_TRACES = Places({"voltage": "v", "clamp": "i"}, _columns_at, _labels, apart=True)
