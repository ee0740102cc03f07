"""Recording sites of traces on the morphology of a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.results.published_npz import published_trace_files, read_published_sites
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.traces import Traces

PUBLISHED_ORIGIN_X = 0.05
"""Published path distances start in the first of the soma's ten compartments."""

_POSITION_DIGITS = 4  # positions went through float32 and text
_DIAMETER_DIGITS = 9  # removes rounding errors of the integral


def load_recording_sites(run: Any, traces: Traces, *, origin_x: float = 0.5) -> RecordingSites:
    """Return the recording sites of the columns of `traces`.

    Parameters
    ----------
    run : Run
        The run that recorded them; a published recording holds its sites, other runs hold the
        morphology.
    traces : Traces
        One of its traces of all compartments.
    origin_x : float
        Position on the soma, 0 to 1, from which path distances are measured. Published files
        have their own.

    Returns
    -------
    RecordingSites
        One row for each column.

    Raises
    ------
    InputError
        Files are missing or damaged, or the traces are of another morphology.
    """
    if run.path is not None and Path(run.path).is_file():
        file = published_trace_files(run.path)["calcium" if traces.variable == "cai" else "v"]
        return read_published_sites(file)
    return recording_sites_of(traces, run.require("morphology"), origin_x=origin_x)


def recording_sites_of(
    traces: Traces, morphology: Morphology, *, origin_x: float = 0.5
) -> RecordingSites:
    """Find the columns of `traces` on a morphology; errors as `load_recording_sites`."""
    compartments = compute_compartments(morphology, origin_x=origin_x)
    found = compartments_of(traces, morphology)
    return RecordingSites(
        traces.sections,
        traces.positions,
        np.array(REGIONS)[compartments.region[found]],
        compartments.diameter_um[found].round(_DIAMETER_DIGITS),
        compartments.path_distance_um[found],
    )


def compartments_of(traces: Traces, morphology: Morphology) -> npt.NDArray[np.int64]:
    """Return the index of the compartment of each column of `traces`.

    Raises the errors of `load_recording_sites`.
    """
    places = (
        (name, round((i + 0.5) / n, _POSITION_DIGITS))
        for name, n in zip(
            morphology.section_names, morphology.n_compartments.tolist(), strict=True
        )
        for i in range(n)
    )
    index_of = {place: index for index, place in enumerate(places)}
    columns = zip(
        traces.sections.tolist(), traces.positions.round(_POSITION_DIGITS).tolist(), strict=True
    )
    found = [index_of.get(place, -1) for place in columns]
    if -1 in found:
        stray = found.index(-1)
        raise InputError(
            f"morphology {morphology.name} has no compartment at "
            f"{traces.sections[stray]}({traces.positions[stray]:g}), where there are traces",
            remedy="Give the morphology that was simulated, with its table of sections",
        )
    return np.array(found, dtype=np.int64)
