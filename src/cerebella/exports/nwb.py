"""A run of any level as a file of Neurodata Without Borders."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cerebella.exports.target import export_target
from cerebella.results.nwb import write_nwb
from cerebella.runs.run import Run


def export_nwb(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Write spikes and traces as one NWB file, named after the run.

    Parameters
    ----------
    run : Run
        A run.
    folder : Path
        Folder to write into.
    force : bool
        Replace a file of the same name.

    Returns
    -------
    list of Path
        The file.

    Raises
    ------
    MachineError
        pynwb is not installed.
    """
    path = export_target(run, folder, f"{run.name}.nwb", force=force)
    made = None if run.path is None else datetime.fromtimestamp(run.path.stat().st_mtime, UTC)
    write_nwb(path, run.manifest, run.require("spikes"), run.traces, name=run.name, made=made)
    return [path]
