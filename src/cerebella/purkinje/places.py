"""Places of the traces of a Purkinje cell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.places import compartments_at
from cerebella.morphology.recording_sites import compartments_of
from cerebella.purkinje.recordings import SOMA_V, WHOLE_CELL
from cerebella.results.traces import Traces
from cerebella.runs.run_traces import Places

Ints = npt.NDArray[np.int64]


def columns_at(run: Any, name: str, traces: Traces, place: str) -> Ints:
    """Return the columns of a trace at a place of the cell.

    Parameters
    ----------
    run : Run
        A run of the Purkinje cell, with its morphology.
    name : str
        Name of the trace.
    traces : Traces
        The trace.
    place : str
        Place; see `cerebella.morphology.places`.

    Raises
    ------
    InputError
        There is no such place, or the run holds no morphology.
    """
    seed = run.manifest.get("seed") or 0
    there = compartments_at(place, run.require("morphology"), seed=seed)
    return np.flatnonzero(np.isin(_compartments(run, name, traces), there))


def labels(run: Any, name: str, traces: Traces) -> list[str]:
    """Return the places of columns: region and path distance.

    Compartments that these do not distinguish are called by section and position.

    Parameters
    ----------
    run : Run
        A run of the Purkinje cell, with its morphology.
    name : str
        Name of the trace.
    traces : Traces
        Some of its columns.
    """
    morphology = run.require("morphology")
    compartments, own = compute_compartments(morphology), _compartments(run, name, traces)
    (middle,) = compartments_at("soma", morphology)
    short = [
        "soma" if i == middle else f"{region} {distance:.0f} µm"
        for i, region, distance in zip(
            own.tolist(),
            np.array(REGIONS)[compartments.region[own]].tolist(),
            compartments.path_distance_um[own].tolist(),
            strict=True,
        )
    ]
    count = Counter(short)
    return [
        text if count[text] == 1 else f"{section}({x:.2g})"
        for text, section, x in zip(
            short, traces.sections.tolist(), traces.positions.tolist(), strict=True
        )
    ]


def _compartments(run: Any, name: str, traces: Traces) -> Ints:
    """Return the compartment of each column."""
    morphology = run.require("morphology")
    if name == SOMA_V:
        return compartments_at("soma", morphology)
    return compartments_of(traces, morphology)


PLACES = Places({SOMA_V: "v", **WHOLE_CELL}, columns_at, labels)
