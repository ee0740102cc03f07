"""Executors of the tasks of a sweep: local processes, Dask, MPI and Slurm."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Literal, NoReturn, get_args

from cerebella.errors import InputError, MachineError
from cerebella.machine import count_cores
from cerebella.neuron_backend.guardian import die_with_parent
from cerebella.neuron_backend.processes import ending_together
from cerebella.sweeps.main_guard import check_main_guard
from cerebella.sweeps.slurm import check_slurm

ExecutorName = Literal["processes", "dask", "mpi", "slurm"]
EXECUTORS: tuple[str, ...] = get_args(ExecutorName)


def count_workers(asked: int | None, ranks: int = 1) -> int:
    """Return the number of concurrent runs: as requested, or as many as fit on the cores."""
    if asked is None:
        return max(1, count_cores() // ranks)
    if asked < 1:
        raise InputError(f"number of workers is {asked}", remedy="Give 1 or more")
    return asked


def check_executor(name: str, scheduler: str | None) -> None:
    """Raise InputError for an executor that cannot be used here, or takes no scheduler."""
    if name not in EXECUTORS:
        raise InputError(f"unknown executor {name!r}", remedy=f"Choose from {', '.join(EXECUTORS)}")
    if scheduler is not None and name != "dask":
        raise InputError(f"executor {name} takes no scheduler", remedy="Give `executor` dask")
    if name == "processes" or (name == "dask" and scheduler is None):
        check_main_guard()
    if name == "slurm":
        _library("submitit", "slurm")
        check_slurm()


def open_executor(
    name: ExecutorName, workers: int, folder: Path, scheduler: str | None = None
) -> AbstractContextManager[Executor]:
    """Return the context of an executor; leaving it with an exception cancels its work.

    Parameters
    ----------
    name : str
        A name in `EXECUTORS`.
    workers : int
        Number of processes, jobs or ranks.
    folder : Path
        Folder for temporary files of the executor.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``"tcp://host:8786"``; only for ``"dask"``.

    Returns
    -------
    context manager of concurrent.futures.Executor
        The executor.

    Raises
    ------
    InputError
        The name is unknown, or a scheduler is given for an executor without schedulers.
    MachineError
        A library is missing, or the scheduler cannot be reached.
    """
    check_executor(name, scheduler)
    return _POOLS[name](workers, folder, scheduler)


@contextmanager
def _processes(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(os.getpid(),)
    )
    try:
        with ending_together():
            yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(driver: int) -> None:
    """Ignore Ctrl-C, which the driver handles, and terminate whenever the driver does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_worker)
    Thread(target=_end_with_driver, daemon=True).start()
    die_with_parent(driver)


def _end_with_driver() -> None:
    """Exit when the pipe from the driver is closed; the kernel of Linux is faster."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        wait([driver.sentinel])
        os._exit(1)


def _end_worker(number: int, frame: object) -> NoReturn:
    """Exit by an exception, so that temporary files of the run are removed."""
    sys.exit(128 + number)


@contextmanager
def _dask(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    distributed = _library("distributed", "dask")
    from cerebella.sweeps.dask_cluster import local_cluster, remote_cluster

    if scheduler is None:
        cluster = local_cluster(distributed, workers, folder / "dask")
    else:
        cluster = remote_cluster(distributed, scheduler)
    with cluster as executor:
        yield executor


@contextmanager
def _mpi(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    with _library("mpi4py.futures", "mpi").MPIPoolExecutor(workers) as pool:
        yield pool


_POOLS: dict[str, Callable[[int, Path, str | None], AbstractContextManager[Executor]]] = {
    "processes": _processes,
    "dask": _dask,
    "mpi": _mpi,
}


def _library(name: str, extra: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise MachineError(
            f"{name.partition('.')[0]} is not installed. Install it with: "
            f"pip install 'cerebella[{extra}]'"
        ) from error
