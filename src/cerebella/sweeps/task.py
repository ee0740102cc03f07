"""A run of a sweep, and its directory."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import CerebellaError, InputError
from cerebella.neuron_backend.launcher import leave_launcher
from cerebella.parameters.renamed import without_added
from cerebella.runs.directory import is_run
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.legacy import legacy_identity

RunTask = Callable[[Path, Mapping[str, Any], Sequence[Path]], None]
"""Makes the run directory (1) from settings (2) and the finished runs it depends on (3)."""

Job = tuple[Path, Mapping[str, Any], Sequence[Path]]
"""A run directory to make, settings, and the finished runs that it depends on."""

BatchRun = Callable[[Sequence[Job]], None]
"""Makes several run directories at once."""

_KEY_LENGTH = 8


class Batch(NamedTuple):
    """How runs of several tasks are made at once, as by a card.

    Attributes
    ----------
    run : callable
        ``run([(path, settings, needed), …])`` makes the run directories; a function at module
        level. It is called with tasks whose batches are equal, when all of them are ready.
    size : int
        Largest number of runs at once.
    group : str
        Distinguishes batches with the same function.
    in_turn : bool
        Whether runs are made one after the other by one worker. Batches are then smaller where
        others would have nothing to do, and single runs where the number of workers is unknown.
    """

    run: BatchRun
    size: int
    group: str = ""
    in_turn: bool = False


class Task(NamedTuple):
    """One run of a sweep.

    Attributes
    ----------
    name : str
        Unique within the sweep; with the key it names the run's directory.
    kind : str
        Kind of simulation, such as ``"purkinje-cell"``. The key is a hash of kind, settings and the
        keys of the tasks in `after`, so that functions may be moved and renamed.
    run : callable
        ``run(path, settings, needed)`` makes the run directory `path` from the settings and the
        directories of the runs in `after`; a function at module level, so that other processes
        can import it.
    settings : mapping
        Everything besides the runs in `after` that determines the result; values that JSON can
        represent.
    after : tuple of str
        Names of the tasks it depends on, in the order of their paths in `needed`.
    weight : float
        Duration relative to other tasks.
    labels : mapping
        Additional settings that affect neither the result nor the key.
    cores : int
        Cores that it uses, such as one for each rank.
    seconds : float
        Estimated duration in s on one core, which sets the time limit of a Slurm job; 0 if unknown.
    batch : Batch, optional
        How its run is made at once with others, on executors other than Slurm.

    Examples
    --------
    >>> def network(path, settings, needed):
    ...     cb.simulate_mli(cb.generate_network(seed=settings["seed"])).save(path)
    >>> task = cb.Task("network", "molecular-layer-network", network, {"seed": 3})
    >>> task.settings["seed"]
    3
    """

    name: str
    kind: str
    run: RunTask
    settings: Mapping[str, Any]
    after: tuple[str, ...] = ()
    weight: float = 1.0
    labels: Mapping[str, Any] = {}
    cores: int = 1
    seconds: float = 0.0
    batch: Batch | None = None


def run_task(
    run: RunTask, path: Path, settings: Mapping[str, Any], needed: Sequence[Path]
) -> str | None:
    """Make one run, in any process; return the error message, or None."""
    leave_launcher()
    if is_run(path):
        return None
    try:
        run(path, settings, needed)
    except CerebellaError as error:
        return None if is_run(path) else str(error)
    except Exception:  # any fault of one run is its result, and the other runs go on
        return traceback.format_exc()
    return None


def run_batch(run: BatchRun, jobs: Sequence[Job]) -> list[str | None]:
    """Make several runs at once, in any process; return the error message, or None, of each."""
    leave_launcher()
    error = None
    try:
        run([job for job in jobs if not is_run(job[0])])
    except CerebellaError as problem:
        error = str(problem)
    except Exception:  # any fault of runs is their result, and others go on
        error = traceback.format_exc()
    return [None if is_run(path) else error for path, *_ in jobs]


def task_paths(folder: Path | str, tasks: Sequence[Task]) -> dict[str, Path]:
    """Return the run directory of each task; it need not exist.

    A finished run that a sweep of schema 1 made is found under its older key.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory.
    tasks : sequence of Task
        Tasks, each after its dependencies.

    Returns
    -------
    dict of str to Path
        {name of a task: its directory}, in the order of `tasks`.

    Raises
    ------
    InputError
        Two tasks share a name, two functions share a kind, or a task does not come after its
        dependencies.
    """
    _check(tasks)
    runs = Path(folder).absolute() / RUNS
    keys: dict[str, str] = {}
    older_keys: dict[str, str] = {}
    paths = {}
    for task in tasks:
        settings = without_added(dict(task.settings))
        keys[task.name] = _hash(task.kind, settings, [keys[name] for name in task.after])
        older_keys[task.name] = _hash(
            *legacy_identity(task.kind, _function_of(task), settings),
            [older_keys[name] for name in task.after],
        )
        path, older = (
            runs / f"{task.name}-{by_name[task.name][:_KEY_LENGTH]}"
            for by_name in (keys, older_keys)
        )
        paths[task.name] = older if is_run(older) and not is_run(path) else path
    return paths


def _check(tasks: Sequence[Task]) -> None:
    known: set[str] = set()
    functions: dict[str, str] = {}
    for task in tasks:
        if task.name in known:
            raise InputError(
                f"two tasks are named {task.name!r}", remedy="Give each task its own name"
            )
        unknown = [name for name in task.after if name not in known]
        if unknown:
            raise InputError(
                f"task {task.name!r} depends on {unknown[0]!r}, which does not come before it"
            )
        function = _function_of(task)
        if functions.setdefault(task.kind, function) != function:
            raise InputError(
                f"tasks of kind {task.kind!r} have two functions, {functions[task.kind]} and "
                f"{function}",
                remedy="Give each function its own kind",
            )
        known.add(task.name)


def _function_of(task: Task) -> str:
    return f"{task.run.__module__}.{task.run.__qualname__}"


def _hash(*parts: Any) -> str:
    text = json.dumps(list(parts), sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
