"""Compile the mechanisms of an experiment before its first run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from cerebella.neuron_backend.mechanism_sets import purkinje_mechanisms
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.sweeps.executors import ExecutorName


def compile_mechanisms(executor: ExecutorName | Executor, announce: Callable[[str], None]) -> None:
    """Compile for network and Purkinje cell if all runs are made on this machine.

    Workers elsewhere compile for their own processor when they first need the mechanisms.

    Parameters
    ----------
    executor : str or concurrent.futures.Executor
        As given to `run_sweep`; only ``"processes"`` is known to be this machine.
    announce : callable
        Called with a line before a compilation.
    """
    if executor == "processes":
        ensure_mechanisms(announce=announce)
        ensure_mechanisms(purkinje_mechanisms(), announce=announce)
