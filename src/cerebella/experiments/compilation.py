"""Compile the mechanisms of an experiment before its first run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from cerebella.neuron_backend.mechanism_sets import purkinje_mechanisms
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.main_guard import check_main_guard


def compile_mechanisms(executor: ExecutorName | Executor, announce: Callable[[str], None]) -> None:
    """Compile for network and Purkinje cell if all runs are made on this machine.

    Workers on other machines compile for their own processor on first use.

    Parameters
    ----------
    executor : str or concurrent.futures.Executor
        As in `run_sweep`; only ``"processes"`` certainly runs on this machine.
    announce : callable
        Called with a line before a compilation.
    """
    if executor == "processes":
        check_main_guard()
        ensure_mechanisms(announce=announce)
        ensure_mechanisms(purkinje_mechanisms(), announce=announce)
