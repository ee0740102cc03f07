"""Traces of a Purkinje cell as published files."""

from __future__ import annotations

from pathlib import Path

from cerebella.errors import InputError
from cerebella.exports.target import export_target
from cerebella.morphology.recording_sites import PUBLISHED_ORIGIN_X, load_recording_sites
from cerebella.results.published_npz import (
    ENDING_OF,
    published_trace_name,
    write_published_traces,
)
from cerebella.runs.run import Run


def export_npz(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Write the recorded traces under their published names.

    Parameters
    ----------
    run : Run
        A run of the Purkinje cell.
    folder : Path
        Folder to write into.
    force : bool
        Replace files of the same name.

    Returns
    -------
    list of Path
        One file for each trace.

    Raises
    ------
    InputError
        The run recorded no traces.
    """
    files = {
        name: export_target(run, folder, published_trace_name(run.manifest, name), force=force)
        for name in ENDING_OF
        if name in run.traces
    }
    if not files:
        raise InputError(
            "recorded no traces", file=run.path, remedy="Repeat it with `record` soma_v"
        )
    for name, file in files.items():
        traces, sites = run.traces[name], None
        if name != "soma_v":
            sites = load_recording_sites(run, traces, origin_x=PUBLISHED_ORIGIN_X)
        write_published_traces(traces, file, sites)
    return list(files.values())
