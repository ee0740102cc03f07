"""Spikes of the molecular layer as a published spike file."""

from __future__ import annotations

from pathlib import Path

from cerebella.errors import InputError
from cerebella.exports.target import export_target
from cerebella.results.published_csv import published_spike_name, write_published_spikes
from cerebella.runs.run import Run


def export_csv(run: Run, folder: Path, *, force: bool = False) -> list[Path]:
    """Write all spikes under the published name; times have 6 significant digits.

    Parameters
    ----------
    run : Run
        A run of the molecular layer.
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
    InputError
        The condition of the run, which the published name holds, is unknown.
    """
    c = run.condition
    if c.network is None or c.w2_pS is None or c.trial is None:
        raise InputError(
            "network, weight and trial are unknown, and the published name contains them",
            file=run.path,
            remedy="Give the run directory that the spikes come from",
        )
    name = published_spike_name(c.network, c.cf_sync, c.w2_pS, c.trial)
    path = export_target(run, folder, name, force=force)
    write_published_spikes(run.require("spikes"), path)
    return [path]
