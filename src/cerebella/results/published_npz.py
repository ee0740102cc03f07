"""Published format of traces of a Purkinje cell (park2026): NumPy archives.

A run has up to three files:

<stem>_somav.npz   `t` (samples), `data` (samples): voltage of the soma, mV
<stem>_ca.npz      `t`, `data` (compartments × samples): calcium, mM, and `segs`
<stem>_v.npz       the same for the voltage, mV

where `segs` (compartments × 4) contains as text the section, the position on it, the diameter
(µm) and the path distance from the first somatic compartment (µm). Compartments are in the order
soma, spiny, smooth; those of the axon initial segment are omitted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.files.npz import read_npz
from cerebella.files.text import quoted
from cerebella.results.atomic import atomic_file
from cerebella.results.published_csv import PUBLISHED_POPULATIONS
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.spikes import Population
from cerebella.results.traces import Traces

PUBLISHED_CELL = Population("PC", PUBLISHED_POPULATIONS[-1].gids.stop, 1)
"""The Purkinje cell; its gid follows those of the published network."""

PUBLISHED_CF_TIME_MS = 151.7
"""Spike time of the climbing fiber of the cell in all published runs (ms)."""

SECTION_PREFIX = "pkj_neuron[0]."

ENDING_OF = {"soma_v": "somav", "calcium": "ca", "v": "v"}
"""Suffix of the file name of each trace."""

_UNIT_OF = {"soma_v": ("v", "mV"), "calcium": ("cai", "mM"), "v": ("v", "mV")}
_REGION_ORDER = ("soma", "spiny", "smooth")

# Published names of sections, and those assigned if an SWC file has none.
_REGION_BY_NAME = (
    ("soma", "soma"),
    ("AIS", "ais"),
    ("ais", "ais"),
    ("smth", "smooth"),
    ("smooth", "smooth"),
    ("dendA", "spiny"),
    ("spiny", "spiny"),
)

_NAME = re.compile(
    r"(?P<stem>pc_cf2_cf_(?P<cf_scale>\d+(?:\.\d+)?)_pf_(?P<pf_scale>\d+(?:\.\d+)?)"
    r"_sync_(?P<cf_sync>\d+|none)_trial_(?P<trial>-?\d+))_(?P<ending>somav|ca|v)\.npz"
)


def published_trace_name(manifest: Mapping[str, object], trace: str) -> str:
    """Return the published name of a file of traces.

    Parameters
    ----------
    manifest : mapping
        Manifest of a run of a Purkinje cell with ``cf_scale``, ``pf_scale``, ``cf_sync`` and
        ``trial``.
    trace : {"soma_v", "calcium", "v"}
        Trace.

    Returns
    -------
    str

    Examples
    --------
    >>> run = {"cf_scale": 29.0, "pf_scale": 12.0, "cf_sync": 8, "trial": 11}
    >>> published_trace_name(run, "soma_v")
    'pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz'
    """
    level = manifest["cf_sync"]
    return (
        f"pc_cf2_cf_{manifest['cf_scale']:g}_pf_{manifest['pf_scale']:g}"
        f"_sync_{'none' if level is None else level}_trial_{manifest['trial']}"
        f"_{ENDING_OF[trace]}.npz"
    )


def manifest_from_name(path: Path | str) -> dict[str, object] | None:
    """Parse a manifest from a published file name; None if the name has another form."""
    match = _NAME.fullmatch(Path(path).name)
    if match is None:
        return None
    level = match["cf_sync"]
    return {
        "kind": "purkinje",
        "cf_sync": None if level == "none" else int(level),
        "trial": int(match["trial"]),
        "pf_scale": float(match["pf_scale"]),
        "cf_scale": float(match["cf_scale"]),
        "cf_time_ms": PUBLISHED_CF_TIME_MS,
    }


def published_trace_files(path: Path | str) -> dict[str, Path]:
    """Return the existing files of the run to which a published file belongs.

    Parameters
    ----------
    path : Path or str
        Any file of the run.

    Returns
    -------
    dict of str to Path
        Files by trace.

    Raises
    ------
    InputError
        If the name does not have the published form.
    """
    path = Path(path)
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise InputError(
            "does not have a published name",
            file=path,
            remedy="Use a name such as pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz",
        )
    files = {
        trace: path.with_name(f"{match['stem']}_{ending}.npz")
        for trace, ending in ENDING_OF.items()
    }
    return {trace: file for trace, file in files.items() if file.is_file()}


def write_published_traces(
    traces: Traces, path: Path | str, sites: RecordingSites | None = None
) -> None:
    """Write traces of one cell in the published format.

    Parameters
    ----------
    traces : Traces
        Somatic voltage, or one variable in all compartments.
    path : Path or str
        File to write.
    sites : RecordingSites, optional
        Recording sites of the columns, with path distances from the first somatic compartment;
        None for the somatic voltage.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    columns = {"t": traces.times_ms, "data": traces.values.T}
    if sites is None:
        columns["data"] = traces.values[:, 0]
    else:
        order = np.concatenate([np.flatnonzero(sites.regions == name) for name in _REGION_ORDER])
        columns["data"] = traces.values.T[order]
        columns["segs"] = _segs(sites.take(order))
    with atomic_file(path) as temporary:
        np.savez_compressed(temporary, **columns)


def _segs(sites: RecordingSites) -> np.ndarray:
    return np.array(
        [
            (f"{SECTION_PREFIX}{section}", f"{x:.6g}", repr(diameter), repr(distance))
            for section, x, diameter, distance in zip(
                sites.sections.tolist(),
                sites.positions.tolist(),
                sites.diameters_um.tolist(),
                sites.path_distances_um.tolist(),
                strict=True,
            )
        ]
    )


def read_published_traces(path: Path | str) -> Traces:
    """Read a published file of traces; its name determines the recorded variable.

    Parameters
    ----------
    path : Path or str
        File whose name ends in ``_somav.npz``, ``_ca.npz`` or ``_v.npz``.

    Returns
    -------
    Traces

    Raises
    ------
    InputError
        If the file is missing or damaged, has another name, lacks an array, or its arrays are
        inconsistent.
    """
    path = Path(path)
    trace = _trace_of(path)
    names = ("t", "data") if trace == "soma_v" else ("t", "data", "segs")
    times, data, *segs = read_npz(path, names).values()
    for name, array in (("t", times), ("data", data)):
        if array.dtype.kind != "f":
            raise InputError(
                f"`{name}` contains {array.dtype} instead of numbers",
                file=path,
                remedy="Give a file in the published format",
            )
    if trace == "soma_v":
        data, sites = data[np.newaxis], None
    else:
        sites = _places(segs[0], path)
    n_columns = 1 if sites is None else len(sites)
    if times.ndim != 1 or data.shape != (n_columns, times.size):
        raise InputError(
            f"`data` has shape {data.shape}, but there are {n_columns} compartments (rows) and "
            f"{times.size} times (columns)",
            file=path,
            remedy="The file is damaged: copy or generate it again",
        )
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise InputError(
            "`t` does not contain finite, increasing times",
            file=path,
            remedy="The file is damaged: copy or generate it again",
        )
    variable, unit = _UNIT_OF[trace]
    return Traces(
        times,
        data.T,
        np.full(n_columns, PUBLISHED_CELL.first_gid),
        np.array(["somaA"]) if sites is None else sites.sections,
        np.array([0.5]) if sites is None else sites.positions,
        variable,
        unit,
    )


def read_published_sites(path: Path | str) -> RecordingSites:
    """Read the recording sites (`segs`) of a published file of traces.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    RecordingSites

    Raises
    ------
    InputError
        If the file is missing or damaged, or has no valid `segs`.
    """
    path = Path(path)
    return _places(read_npz(path, ("segs",))["segs"], path)


def _trace_of(path: Path) -> str:
    match = _NAME.fullmatch(path.name)
    endings = {ending: trace for trace, ending in ENDING_OF.items()}
    ending = match["ending"] if match else path.stem.rpartition("_")[2]
    if ending not in endings:
        raise InputError(
            "the name does not identify the recorded variable",
            file=path,
            remedy="Use a name that ends in _somav.npz, _ca.npz or _v.npz",
        )
    return endings[ending]


def _places(segs: np.ndarray, path: Path) -> RecordingSites:
    """Convert the text in `segs` to columns."""
    if segs.ndim != 2 or segs.shape[1] != 4 or segs.dtype.kind != "U":
        raise InputError(
            f"`segs` is not text with four columns ({segs.dtype}, {segs.shape})",
            file=path,
            remedy="It must contain section, position, diameter and distance by compartment",
        )
    numbers = np.empty((len(segs), 3))
    for row, texts in enumerate(segs[:, 1:].tolist()):
        try:
            numbers[row] = [float(text) for text in texts]
        except ValueError:
            raise InputError(
                f"compartment {row} of `segs` has {quoted(', '.join(texts))} instead of three "
                "numbers",
                file=path,
                remedy="It must contain section, position, diameter and distance by compartment",
            ) from None
    sections = np.array([str(name).removeprefix(SECTION_PREFIX) for name in segs[:, 0]])
    regions = np.array([_region_of(name) for name in sections.tolist()])
    return RecordingSites(sections, numbers[:, 0], regions, numbers[:, 1], numbers[:, 2])


def _region_of(section: str) -> str:
    return next((region for part, region in _REGION_BY_NAME if part in section), "unknown")
