"""The engine of experiments with many loops, and batches of loops on a card."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from cerebella.compiled.device import Cuda
from cerebella.errors import InputError
from cerebella.olive.engines.engines import ENGINES, chosen_engine
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.runs.engines import AUTO, requested_engine
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.task import Batch, BatchRun

LARGEST_BATCH = 512
"""Default of the largest number of loops at once on a card."""

_ELSEWHERE = ("dask", "mpi", "slurm")
"""Executors whose runs may be made on other machines, whose cards are not known."""


def engine_of_loops(
    asked: str,
    parameters: OliveParameters,
    n_runs: int,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
) -> str:
    """Return the name of the engine of many loops, which may not be installed.

    Parameters
    ----------
    asked : str
        Name of an engine, or ``"auto"`` for the fastest one for all runs at once.
    parameters : OliveParameters
        The circuit.
    n_runs : int
        Number of runs.
    executor : str or concurrent.futures.Executor
        As in `run_sweep`.
    announce : callable
        Called with a line that names the engine that was chosen.
    """
    if asked != AUTO or executor in _ELSEWHERE:
        return requested_engine(asked, ENGINES).name
    chosen = chosen_engine(asked, parameters, n_runs).name
    announce(f"Engine {chosen}")
    return chosen


def batch_of(engine: str, run: BatchRun, size: int) -> Batch | None:
    """Return how loops are simulated at once; None for engines that simulate one at a time.

    Raises
    ------
    InputError
        The size is not positive.
    """
    if size < 1:
        raise InputError(f"`batch` is {size}", remedy="Give 1 or more loops at once")
    return Batch(run, size) if engine == Cuda.name else None


def workers_of(
    engine: str, executor: ExecutorName | Executor, options: dict[str, Any]
) -> dict[str, Any]:
    """Return options of `run_sweep`, with one batch at a time on a card by default."""
    on_card = engine == Cuda.name and executor == "processes"
    return options | {"workers": 1} if on_card and options.get("workers") is None else options
