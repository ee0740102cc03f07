"""Morphology of a recorded cell and the recording sites of its traces."""

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
"""Morphology files of a run directory."""

PUBLISHED_ORIGIN_X = 0.05
"""Published path distances start at the first of the ten somatic compartments."""

_POSITION_DIGITS = 4  # positions were stored as float32 and as text
_DIAMETER_DIGITS = 9  # removes the rounding error of the integral along a cylinder


def load_run_morphology(run: Any) -> Morphology:
    """Load the morphology of the cell that was simulated in a run.

    Parameters
    ----------
    run : Run
        Run of a Purkinje cell, in memory or loaded from a run directory.

    Returns
    -------
    Morphology

    Raises
    ------
    InputError
        If the files are missing or damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from types import SimpleNamespace
    >>> Path("pc").mkdir()
    >>> cb.save_morphology(cb.load_default_morphology(), "pc/morphology.swc", "pc/sections.csv")
    >>> run = SimpleNamespace(path="pc")  # in place of cb.load_run("pc")
    >>> cb.load_run_morphology(run).n_sections
    1137
    """
    own = getattr(run, "morphology", None)
    if own is not None:
        return own
    folder = Path(run.path)
    if not (folder / MORPHOLOGY_FILE).is_file():
        raise InputError(
            "is missing, but is needed to locate the recorded compartments",
            file=folder / MORPHOLOGY_FILE,
            remedy="Give the run directory of a Purkinje cell, with all its files",
        )
    return load_morphology(folder / MORPHOLOGY_FILE, folder / SECTIONS_FILE)


def load_recording_sites(run: Any, traces: Traces, *, origin_x: float = 0.5) -> RecordingSites:
    """Load the recording sites of the columns of traces.

    Parameters
    ----------
    run : Run
        As for `load_run_morphology`, or a published recording.
    traces : Traces
        Traces of the run, recorded in all compartments.
    origin_x : float, default 0.5
        Relative position in the soma from which path distances are measured. Published files
        contain their own distances.

    Returns
    -------
    RecordingSites

    Raises
    ------
    InputError
        If files are missing or damaged, or the traces belong to another morphology.
    """
    path = getattr(run, "path", None)
    if path is not None and Path(path).is_file():
        file = published_trace_files(path)["calcium" if traces.variable == "cai" else "v"]
        return read_published_sites(file)
    return recording_sites_of(traces, load_run_morphology(run), origin_x=origin_x)


def recording_sites_of(
    traces: Traces, morphology: Morphology, *, origin_x: float = 0.5
) -> RecordingSites:
    """Return the recording sites of the columns of traces on a given morphology.

    Parameters
    ----------
    traces : Traces
        Traces recorded in all compartments.
    morphology : Morphology
        The recorded cell.
    origin_x : float, default 0.5
        Relative position in the soma from which path distances are measured.

    Returns
    -------
    RecordingSites

    Raises
    ------
    InputError
        If the traces belong to another morphology.
    """
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
    """Return the compartment in which each column of traces was recorded.

    Parameters
    ----------
    traces : Traces
        Traces recorded in all compartments.
    morphology : Morphology
        The recorded cell.

    Returns
    -------
    ndarray of int64, shape (n_columns,)
        Indices in `compute_compartments`.

    Raises
    ------
    InputError
        If the traces belong to another morphology.
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
            f"{traces.sections[stray]}({traces.positions[stray]:g}), which was recorded",
            remedy="Give the simulated morphology, with its table of sections",
        )
    return np.array(found, dtype=np.int64)
