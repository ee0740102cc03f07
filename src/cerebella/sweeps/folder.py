"""The directory of a sweep: what it is of, and who may work in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_file, explained
from cerebella.results.difference import describe_difference

SWEEP_FILE, FAILED_FILE, RUNS = "sweep.json", "failed.json", "runs"
SWEEP_SCHEMA = "cerebella-sweep/1"
_LOCK_FILE = "sweep.lock"


@contextmanager
def open_sweep_folder(folder: Path, experiment: str, settings: Mapping[str, Any]) -> Iterator[Path]:
    """Hold a sweep's directory for as long as the block runs; make it if it is not there.

    Raises
    ------
    InputError : it is of another experiment or other settings, holds something else, or another
        process holds it.
    """
    folder = folder.absolute()
    check_sweep_folder(folder, experiment, settings)
    with explained(folder):
        (folder / RUNS).mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InputError(
            "another process is at work in this folder",
            file=folder,
            remedy="Wait for it, or give another folder",
        ) from None
    try:
        check_sweep_folder(folder, experiment, settings)
        _write_json(
            folder / SWEEP_FILE,
            {"schema": SWEEP_SCHEMA, "experiment": experiment, "settings": settings},
        )
        save_failures(folder, {})
        for abandoned in (folder / RUNS).glob(".*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield folder
    finally:
        lock.release()


def check_sweep_folder(folder: Path, experiment: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError unless a sweep can begin or go on at `folder`."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is a file, not a folder", file=folder, remedy="Give another name")
    file = folder / SWEEP_FILE
    if not file.is_file():
        if {path.name for path in folder.iterdir()} <= {_LOCK_FILE, RUNS}:
            return
        raise InputError(
            f"is not empty and not an experiment (it has no {SWEEP_FILE})",
            file=folder,
            remedy="Give another name",
        )
    old = load_sweep(folder)
    if old["experiment"] != experiment:
        raise InputError(
            f"holds experiment {old['experiment']}, not {experiment}",
            file=folder,
            remedy="Give another name",
        )
    difference = describe_difference(old["settings"], settings)
    if difference:
        raise InputError(
            f"holds this experiment under other settings: {difference}",
            file=folder,
            remedy="Give the same settings, or another folder",
        )


def load_sweep(folder: Path) -> dict[str, Any]:
    """Read what a sweep's directory is of: its experiment and settings.

    Raises
    ------
    InputError : the file cannot be read, or is none of ours.
    """
    file = folder / SWEEP_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", file=file, remedy="Restore it") from error
    if not isinstance(content, dict) or content.get("schema") != SWEEP_SCHEMA:
        raise InputError("describes no experiment that this version knows", file=file)
    return content


def save_failures(folder: Path, failed: Mapping[str, str]) -> None:
    """Write the tasks that failed with their errors; no file if there are none."""
    if failed:
        _write_json(folder / FAILED_FILE, failed)
    else:
        (folder / FAILED_FILE).unlink(missing_ok=True)


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    with atomic_file(file) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
