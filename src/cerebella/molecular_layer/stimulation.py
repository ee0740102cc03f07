"""Stimuli of the molecular layer: their cells and their currents."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from cerebella.molecular_layer.request import MLIRequest
from cerebella.network.network import Network
from cerebella.randomness import Purpose
from cerebella.stimuli.injection import Injection, inject
from cerebella.stimuli.stimulus import Stimulus

PLACES = "Give cells such as MLI1[3] or MLI1[0,2-5], or all cells of a type, such as MLI2"

_PLACE = re.compile(r"(MLI[12])(?:\[(.*)\])?")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def injection_of(request: MLIRequest, network: Network) -> Injection:
    """Return the currents that the stimuli of a run inject into its cells, by gid.

    Parameters
    ----------
    request : MLIRequest
        The run.
    network : Network
        The network.

    Returns
    -------
    Injection

    Raises
    ------
    InputError
        The network has no such cell, or a stimulus is not one of MLIs.
    """
    return inject(
        request.stimuli,
        lambda stimulus: gids_at(stimulus, network),
        seed=request.seed,
        trial=request.trial,
        purpose=Purpose.MLI_STIMULI,
        time_step_ms=request.parameters.time_step_ms,
    )


def gids_at(stimulus: Stimulus, network: Network) -> npt.NDArray[np.int64]:
    """Return the cells of a stimulus.

    Parameters
    ----------
    stimulus : Stimulus
        The stimulus; its place is a type of cell, with or without numbers in brackets.
    network : Network
        The network.

    Returns
    -------
    ndarray of int64
        Gids in ascending order.

    Raises
    ------
    InputError
        The network has no such cell.
    """
    match = _PLACE.fullmatch(stimulus.place)
    if match is None:
        raise stimulus.refused("the molecular layer has no such place", PLACES)
    name, text = match.groups()
    population = network.population(name)
    if text is None or text == "all":
        numbers = range(population.n_cells)
    else:
        numbers = _numbers(stimulus, text)
    outside = [number for number in numbers if number >= population.n_cells]
    if outside or not population.n_cells:
        cells = f"0 to {population.n_cells - 1}" if population.n_cells else "no cell"
        raise stimulus.refused(
            f"network {network.name} has no such cell", f"Its {name} are {cells}"
        )
    return population.first_gid + np.array(sorted(set(numbers)), dtype=np.int64)


def _numbers(stimulus: Stimulus, text: str) -> list[int]:
    numbers: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise stimulus.refused(f"{part!r} is not a cell or a range of cells", PLACES)
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers
