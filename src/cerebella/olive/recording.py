"""Recording: selection of spikes, potentials and weights, and of the recorded cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import field_validator, model_validator

from cerebella.errors import InputError
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS
from cerebella.randomness import Purpose, generator
from cerebella.results.spikes import own_name

Which = str | int | tuple[int, ...]


class OliveRecording(Parameters):
    """Spikes, potentials and weights to record in a run of the olivocerebellar loop.

    Parameters
    ----------
    spikes : dict of str to str, int or tuple of int
        By population (``"PF"``, ``"MF"``, ``"BC"``, ``"PC"``, ``"DCN"``, ``"IO"``): ``"all"``,
        ``"none"``, a number of cells to be drawn at random, or the cells. Omitted
        populations are not recorded.
    voltages : dict of str to tuple of int
        Cells whose potential is sampled, by population of neurons.
    v_every_ms : float
        Interval between samples of potentials in ms.
    weights : int
        Number of PF→PC synapses, drawn at random, whose weights are sampled. Mean, standard
        deviation and distribution of all weights are always recorded.
    weights_every_ms : float
        Interval between samples of weights in ms.
    histogram_bins : int
        Bins of the distribution of weights between 0 and 1.
    pf_groups : int
        Groups of neighboring PFs whose mean weight in each zone is sampled.

    Examples
    --------
    >>> cb.OliveRecording(spikes={"IO": "all", "PF": 64}, voltages={}).spikes["PC"]
    'none'
    """

    spikes: dict[str, Which] = quantity(
        {"PF": 100} | dict.fromkeys(POPULATIONS[1:], "all"),
        "cells whose spikes are recorded: all, none, a number, or cells",
        unit="1",
        source=OURS,
    )
    voltages: dict[str, tuple[int, ...]] = quantity(
        {"IO": (0, 1)}, "cells whose potentials are recorded", unit="1", source=OURS
    )
    v_every_ms: float = quantity(
        1.0, "interval between two potentials", unit="ms", source=OURS, gt=0
    )
    weights: int = quantity(
        20, "PF→PC synapses whose weights are recorded", unit="1", source=OURS, ge=0
    )
    weights_every_ms: float = quantity(
        1000.0, "interval between two samples of weights", unit="ms", source=OURS, gt=0
    )
    histogram_bins: int = quantity(
        50, "bins of the distribution of weights", unit="1", source=OURS, ge=1, le=1000
    )
    pf_groups: int = quantity(
        0, "groups of PFs whose mean weights are recorded by zone", unit="1", source=OURS, ge=0
    )

    @field_validator("spikes")
    @classmethod
    def _complete(cls, spikes: dict[str, Which]) -> dict[str, Which]:
        spikes = {own_name(name): which for name, which in spikes.items()}
        for name in spikes:
            if name not in POPULATIONS:
                raise ValueError(f"{name} is not one of {', '.join(POPULATIONS)}")
        return {name: spikes.get(name, "none") for name in POPULATIONS}

    @field_validator("voltages")
    @classmethod
    def _renamed(cls, voltages: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        return {own_name(name): cells for name, cells in voltages.items()}

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.voltages:
            if name not in NEURONS:
                raise ValueError(f"{name} has no potential; {', '.join(NEURONS)} have")
        return self


def recorded_cells(
    recording: OliveRecording, sizes: Mapping[str, int], seed: int
) -> dict[str, npt.NDArray[np.int32] | None]:
    """Return the cells of each population whose spikes are recorded; None for all.

    Raises
    ------
    InputError
        A cell does not exist.
    """
    rng = generator(seed, Purpose.LOOP_RECORDED)
    chosen: dict[str, npt.NDArray[np.int32] | None] = {}
    for name, n in sizes.items():
        which = recording.spikes[name]
        if which == "all":
            chosen[name] = None
        elif isinstance(which, tuple):
            chosen[name] = _existing(name, which, n)
        else:
            count = 0 if which == "none" else min(int(which), n)
            chosen[name] = np.sort(rng.choice(n, count, replace=False)).astype(np.int32)
    return chosen


def sampled_cells(
    recording: OliveRecording, sizes: Mapping[str, int]
) -> dict[str, npt.NDArray[np.int32]]:
    """Return the cells of each population whose potentials are recorded."""
    return {
        name: _existing(name, cells, sizes[name])
        for name, cells in recording.voltages.items()
        if cells
    }


def chosen_synapses(n_synapses: int, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Draw synapses, sorted."""
    rng = generator(seed + 1, Purpose.LOOP_RECORDED)
    return np.sort(rng.choice(n_synapses, min(count, n_synapses), replace=False))


def _existing(name: str, cells: tuple[int, ...], n: int) -> npt.NDArray[np.int32]:
    if cells and not 0 <= min(cells) <= max(cells) < n:
        raise InputError(
            f"cannot record {name} {max(cells)}", remedy=f"There are {name} 0 to {n - 1}"
        )
    return np.array(cells, dtype=np.int32)
