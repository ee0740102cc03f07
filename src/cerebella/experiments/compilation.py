"""Compile the engines of an experiment before its first run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from cerebella.compiled.engine import Numba
from cerebella.experiments.engines import FAMILIES
from cerebella.machine import count_cores
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.runs.compilation import compile_code, is_compiled
from cerebella.runs.directory import is_run
from cerebella.runs.engines import engine_of
from cerebella.runs.level import Level, level_of, resolve
from cerebella.sweeps.executors import ExecutorName, open_executor
from cerebella.sweeps.main_guard import check_main_guard


def compile_engines(
    engines: Mapping[str, str],
    runs: Iterable[Path],
    executor: ExecutorName | Executor,
    announce: Callable[[str], None],
) -> None:
    """Compile the code of engines if there are runs to make, all of them on this machine.

    Workers on other machines compile for their own processor on first use.

    Parameters
    ----------
    engines : mapping of str to str
        Name of the engine of each level.
    runs : iterable of Path
        Run directories, of which some may be complete.
    executor : str or concurrent.futures.Executor
        As in `run_sweep`; only ``"processes"`` certainly runs on this machine.
    announce : callable
        Called with a line before a compilation.

    Raises
    ------
    MachineError
        An engine is not installed, or its code cannot be compiled.
    """
    if executor != "processes":
        return
    check_main_guard()
    if all(map(is_run, runs)):
        return
    own: list[Level] = []
    for level, name in engines.items():
        record = level_of(level)
        engine_of(name, resolve(record.engines))  # raises MachineError if it is not installed
        if FAMILIES[name] == "neuron":
            ensure_mechanisms(resolve(record.mechanisms)(), announce=announce)
        elif name == Numba.name:
            own.append(record)
    _compile_own([level for level in own if not is_compiled(level)], announce)


def _compile_own(levels: Sequence[Level], announce: Callable[[str], None]) -> None:
    """Compile the code of levels, several at a time in a process each."""
    if len(levels) == 1:
        compile_code(levels[0], announce)
    if len(levels) <= 1:
        return
    titles = " and the ".join(level.title for level in levels)
    announce(f"Compiling the code of the {titles} (once, about a minute)")
    with open_executor("processes", min(len(levels), count_cores()), Path()) as pool:
        for _ in pool.map(_warm_up, [level.kind for level in levels]):
            pass


def _warm_up(kind: str) -> None:
    level_of(kind).warm_up()
