"""The file that an export writes."""

from __future__ import annotations

from pathlib import Path

from cerebella.errors import InputError
from cerebella.files.text import quoted
from cerebella.results.outputs import check_file_output, refuse_existing, refuse_shared
from cerebella.runs.run import Run


def export_target(run: Run, folder: Path, name: str, *, force: bool) -> Path:
    """Return ``folder / name``.

    Raises
    ------
    InputError
        The name, which contains names from the manifest, is a path; or the file is not a regular
        one, or that from which the run was loaded.
    OutputExistsError
        The file exists, and `force` is False.
    """
    if Path(name).name != name:
        raise InputError(
            f"{quoted(name)} is a path, not the name of a file",
            file=folder,
            remedy="Correct the names in the manifest of the run",
        )
    path = folder / name
    refuse_shared(path, [run.path])
    if not force:
        refuse_existing(path)
    check_file_output(path)
    return path
