"""The directory of a sweep: its identity, and the lock that admits one process at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import InputError
from cerebella.files.json_file import read_json
from cerebella.parameters.renamed import upgrade, without_added
from cerebella.results.atomic import atomic_file, explained, is_left_over
from cerebella.results.difference import describe_difference
from cerebella.results.locks import locked_folder
from cerebella.runs.directory import is_run

SWEEP_FILE, FAILED_FILE, RUNS = "sweep.json", "failed.json", "runs"
SWEEP_SCHEMA, OLDER_SCHEMA = "cerebella-sweep/2", "cerebella-sweep/1"
_LOCK_FILE = "sweep.lock"

_NOT_RECORDED = "not recorded (the folder was made before sweeps recorded their model)"


class Identity(NamedTuple):
    """The identity of a sweep: experiment, settings and model shared by all runs.

    Attributes
    ----------
    experiment : str
        Name of the experiment.
    settings : mapping
        Parameters and inputs.
    model : mapping or None
        Versions and mechanisms of the levels used, which also determine the results. None, if
        not specified, is compatible with every model.
    """

    experiment: str
    settings: Mapping[str, Any]
    model: Mapping[str, Any] | None = None


@contextmanager
def open_sweep_folder(
    folder: Path, identity: Identity, *, accept_mixture: bool = False
) -> Iterator[Path]:
    """Lock the directory of a sweep while the block runs; create it if it does not exist.

    Parameters
    ----------
    folder : Path
        The directory.
    identity : Identity
        Identity of the runs to be made there.
    accept_mixture : bool
        Accept finished runs of another model, and record the mixture.

    Yields
    ------
    Path
        The absolute path of the directory.

    Raises
    ------
    InputError
        It belongs to another experiment, other settings or another model, contains other
        files, or is in use by another process.
    """
    folder = folder.absolute()
    check_sweep_folder(folder, identity, accept_mixture=accept_mixture)
    with explained(folder):
        (folder / RUNS).mkdir(parents=True, exist_ok=True)
    with locked_folder(folder, folder / _LOCK_FILE):
        mixtures = check_sweep_folder(folder, identity, accept_mixture=accept_mixture)
        content = {
            "schema": SWEEP_SCHEMA,
            "experiment": identity.experiment,
            "settings": identity.settings,
            "model": identity.model,
            "accepted_mixtures": mixtures,
        }
        _remove_left_overs(folder)
        _write_json(folder / SWEEP_FILE, content)
        save_failures(folder, {})
        yield folder


def _remove_left_overs(folder: Path) -> None:
    """Remove temporary files of processes that were killed."""
    for file in folder.iterdir():
        if is_left_over(file.name, of=SWEEP_FILE) or is_left_over(file.name, of=FAILED_FILE):
            file.unlink()


def remove_abandoned(folder: Path, *, except_of: Collection[str] = ()) -> None:
    """Remove the temporary folders of runs that were interrupted.

    Parameters
    ----------
    folder : Path
        The sweep's directory.
    except_of : collection of str
        Names of run directories that jobs may still write.
    """
    for abandoned in (folder / RUNS).glob(".*"):
        if not any(abandoned.name.startswith(f".{name}-") for name in except_of):
            shutil.rmtree(abandoned, ignore_errors=True)


def check_sweep_folder(
    folder: Path, identity: Identity, *, accept_mixture: bool = False
) -> list[dict[str, Any]]:
    """Return the mixtures accepted in `folder`, including one accepted by this call.

    Parameters
    ----------
    folder : Path
        The directory, which need not exist.
    identity : Identity
        Identity of the runs to be made there.
    accept_mixture : bool
        Accept finished runs of another model.

    Returns
    -------
    list of dict
        For each mixture, the model of the older runs under ``made_with`` (None if unknown) and
        the difference in words.

    Raises
    ------
    InputError
        A sweep of this identity cannot start or continue there.
    """
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise InputError("is a file, not a folder", file=folder, remedy="Give another name")
    file = folder / SWEEP_FILE
    if not file.is_file():
        if all(
            path.name in (_LOCK_FILE, RUNS) or is_left_over(path.name, of=SWEEP_FILE)
            for path in folder.iterdir()
        ):
            return []
        raise InputError(
            f"is not empty and not an experiment (it has no {SWEEP_FILE})",
            file=folder,
            remedy="Give another name",
        )
    old = load_sweep(folder)
    if old["experiment"] != identity.experiment:
        raise InputError(
            f"holds experiment {old['experiment']}, not {identity.experiment}",
            file=folder,
            remedy="Give another name",
        )
    difference = describe_difference(
        *map(without_added, (old["settings"], json.loads(json.dumps(identity.settings))))
    )
    if difference:
        raise InputError(
            f"holds this experiment under other settings: {difference}",
            file=folder,
            remedy="Give the same settings, or another folder",
        )
    return _check_model(folder, old, identity.model, accept_mixture=accept_mixture)


def _check_model(
    folder: Path,
    old: Mapping[str, Any],
    model: Mapping[str, Any] | None,
    *,
    accept_mixture: bool,
) -> list[dict[str, Any]]:
    """Compare the model of finished runs with the current one; see `check_sweep_folder`."""
    mixtures, made_with = old["accepted_mixtures"], old["model"]
    if model is None or not _has_runs(folder):
        return mixtures
    if made_with is None:
        difference = f"the model was {_NOT_RECORDED}"
    else:
        difference = describe_difference(made_with, model)
    if not difference:
        return mixtures
    if not accept_mixture:
        raise InputError(
            f"contains finished runs of another, or possibly another, model: {difference}",
            file=folder,
            remedy="Give another folder, or accept the mixture, which is then recorded, "
            "with `accept_mixture`",
        )
    return [*mixtures, {"made_with": made_with, "difference": difference}]


def finished_model(folder: Path) -> Mapping[str, Any] | None:
    """Return the model that made the finished runs of a folder.

    Parameters
    ----------
    folder : Path
        The directory, which need not exist.

    Returns
    -------
    mapping or None
        None if there are no finished runs, or their model was not recorded.
    """
    if not (folder / SWEEP_FILE).is_file() or not _has_runs(folder):
        return None
    return load_sweep(folder)["model"]


def _has_runs(folder: Path) -> bool:
    return any(map(is_run, (folder / RUNS).glob("[!.]*")))


def load_sweep(folder: Path) -> dict[str, Any]:
    """Read the identity of a sweep's directory, of any schema, with current names.

    Parameters
    ----------
    folder : Path
        The directory.

    Returns
    -------
    dict
        ``experiment``, ``settings``, ``model`` (None if it was not recorded) and
        ``accepted_mixtures``.

    Raises
    ------
    InputError
        The file cannot be read or has an unknown schema.
    """
    file = folder / SWEEP_FILE
    content = read_json(file, remedy="Restore it")
    schema = content.get("schema")
    if schema not in (SWEEP_SCHEMA, OLDER_SCHEMA):
        raise InputError(
            f"has the schema {schema!r}, which this version does not support",
            file=file,
            remedy="Open it with the version of cerebella that wrote it, or a later version",
        )
    return {"model": None, "accepted_mixtures": []} | upgrade(content)


def save_failures(folder: Path, failed: Mapping[str, str]) -> None:
    """Write the failed tasks with their errors; without failures, remove the file."""
    if failed:
        _write_json(folder / FAILED_FILE, failed)
    else:
        (folder / FAILED_FILE).unlink(missing_ok=True)


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    with atomic_file(file) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
