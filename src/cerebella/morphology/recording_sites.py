"""The morphology of a recorded cell, and where on it each trace was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.swc import load_morphology
from cerebella.results.published_npz import published_trace_files, read_published_sites
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.traces import Traces

MORPHOLOGY_FILE = "morphology.swc"
SECTIONS_FILE = "sections.csv"
"""What a run directory calls the shape of its cell."""

PUBLISHED_ORIGIN_X = 0.05
"""Published path distances start in the first of the soma's ten compartments."""

_POSITION_DIGITS = 4  # positions went through float32 and text
_DIAMETER_DIGITS = 9  # a cylinder of 1.5 µm is 1.5 µm, whatever its integral rounds to


def load_run_morphology(run: Any) -> Morphology:
    """Return the morphology of the cell that a run simulated.

    Parameters
    ----------
    run : a run directory as loaded, or a simulation that has its morphology with it.

    Raises
    ------
    InputError : the files are missing or damaged.
    """
    own = getattr(run, "morphology", None)
    if own is not None:
        return own
    folder = Path(run.path)
    if not (folder / MORPHOLOGY_FILE).is_file():
        raise InputError(
            "is missing, and it says where on the cell calcium was recorded",
            file=folder / MORPHOLOGY_FILE,
            remedy="Give the run directory of a Purkinje cell, with all its files",
        )
    return load_morphology(folder / MORPHOLOGY_FILE, folder / SECTIONS_FILE)


def load_recording_sites(run: Any, traces: Traces, *, origin_x: float = 0.5) -> RecordingSites:
    """Return where the columns of `traces` were recorded.

    Parameters
    ----------
    run : as for `load_run_morphology`, or a published recording.
    traces : any of its traces of all compartments.
    origin_x : where in the soma path distances start. Published files have their own.

    Raises
    ------
    InputError : files are missing or damaged, or the traces are of another morphology.
    """
    path = getattr(run, "path", None)
    if path is not None and Path(path).is_file():
        file = published_trace_files(path)["calcium" if traces.variable == "cai" else "v"]
        return read_published_sites(file)
    return recording_sites_of(traces, load_run_morphology(run), origin_x=origin_x)


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
