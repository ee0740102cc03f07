"""`cerebella export --to nwb`, for runs of any kind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cerebella.results.load import Recording


def export_nwb(recording: Recording, folder: Path, *, force: bool) -> list[Path]:
    """Write spikes and traces as one NWB file, named after the run."""
    from cerebella.results.atomic import refuse_existing
    from cerebella.results.nwb import write_nwb

    path = folder / f"{recording.name}.nwb"
    if not force:
        refuse_existing(path)
    write_nwb(
        path,
        recording.manifest,
        recording.spikes,
        recording.traces,
        name=recording.name,
        made=datetime.fromtimestamp(recording.path.stat().st_mtime, UTC),
    )
    return [path]
