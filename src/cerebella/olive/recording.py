"""What a run of the loop records, and the text in which that is asked for.

PF=64             spikes of 64 cells, drawn at random; also all, none, or cells as 0-9,20
IO.v=0,1          potentials of cells, of BC, PC, DCN or IO
v_every_ms=0.1    how often
weights=20        weights of so many synapses, drawn at random
weights_every_ms=1000
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import field_validator, model_validator

from cerebella.errors import InputError
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.quantity import OURS, Parameters, quantity
from cerebella.randomness import Purpose, generator
from cerebella.results.spikes import own_name

Which = str | int | tuple[int, ...]

FORMS = (
    "Write PF=64, BC=all, PC=none or DCN=0-3,7 for spikes, IO.v=0,1 for potentials, "
    "v_every_ms=0.1, weights=20 or weights_every_ms=500"
)


class OliveRecording(Parameters):
    """What to record."""

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

    @field_validator("spikes")
    @classmethod
    def _complete(cls, spikes: dict[str, Which]) -> dict[str, Which]:
        return {name: spikes.get(name, "none") for name in POPULATIONS}

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.voltages:
            if name not in NEURONS:
                raise ValueError(f"{name} has no potential; {', '.join(NEURONS)} have")
        return self


def parse_recording(texts: Iterable[str]) -> OliveRecording:
    """Return the default recording with what the texts change.

    Raises
    ------
    InputError : a text has none of the forms, which the message shows.
    """
    values = OliveRecording().model_dump()
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        population, dot, variable = name.partition(".")
        population = own_name(population.upper())
        try:
            if not equals:
                raise ValueError
            if population in POPULATIONS and not dot:
                values["spikes"][population] = _which(value)
            elif population in NEURONS and variable == "v":
                values["voltages"][population] = _cells(value)
            elif name in ("v_every_ms", "weights_every_ms"):
                values[name] = float(value)
            elif name in ("weights", "histogram_bins"):
                values[name] = int(value)
            else:
                raise ValueError
            OliveRecording.model_validate(values)
        except ValueError as error:
            raise InputError(f"cannot record {text!r}", remedy=FORMS) from error
    return OliveRecording.model_validate(values)


def _which(text: str) -> Which:
    if text in ("all", "none"):
        return text
    return int(text) if text.isdigit() else _cells(text)


def _cells(text: str) -> tuple[int, ...]:
    if text == "none":
        return ()
    cells: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        cells.update(range(int(low), int(high or low) + 1))
    return tuple(sorted(cells))


def recorded_cells(
    recording: OliveRecording, sizes: Mapping[str, int], seed: int
) -> dict[str, npt.NDArray[np.int32] | None]:
    """Return the cells of each population whose spikes are recorded; None for all.

    Raises
    ------
    InputError : a cell does not exist.
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
