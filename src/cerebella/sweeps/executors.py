"""Who runs the tasks of a sweep: processes here, or the executors of other libraries."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import ModuleType
from typing import Any, Literal, NoReturn, get_args

from cerebella.errors import InputError, MachineError
from cerebella.neuron_backend.processes import die_with_parent

ExecutorName = Literal["processes", "dask", "mpi", "slurm"]

CONNECT_S = 5.0
"""How long a Dask scheduler may take to answer."""


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def count_workers(asked: int | None, ranks: int = 1) -> int:
    """Return how many runs go at a time: as asked, else so that their ranks fit the cores."""
    if asked is None:
        return max(1, count_cores() // ranks)
    if asked < 1:
        raise InputError(f"{asked} workers", remedy="Give 1 or more")
    return asked


def check_executor(name: str, scheduler: str | None) -> None:
    """Raise InputError if there is no such executor, or a scheduler for one that has none."""
    if name not in EXECUTORS:
        raise InputError(f"no executor {name!r}", remedy=f"Choose from {', '.join(EXECUTORS)}")
    if scheduler is not None and name != "dask":
        raise InputError(f"executor {name} has no scheduler", remedy="Give --executor dask")


def open_executor(
    name: ExecutorName, workers: int, folder: Path, scheduler: str | None = None
) -> AbstractContextManager[Executor]:
    """Return a context in which an executor takes work; leaving it by an error ends its work.

    Parameters
    ----------
    name : one of `EXECUTORS`.
    workers : processes, jobs or ranks.
    folder : where it may keep files of its own.
    scheduler : address of a Dask scheduler, as tcp://host:8786; only for ``"dask"``.

    Raises
    ------
    InputError : no such executor, or a scheduler for one that has none.
    MachineError : its library is missing, or the scheduler does not answer.
    """
    check_executor(name, scheduler)
    return EXECUTORS[name](workers, folder, scheduler)


@contextmanager
def _processes(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """Leave Ctrl-C to the driver, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_worker)
    if sys.platform == "linux":
        die_with_parent()


def _end_worker(number: int, frame: object) -> NoReturn:
    """Unwind the run, so that its temporary files go."""
    sys.exit(128 + number)


@contextmanager
def _dask(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    distributed = _library("distributed", "dask")
    if scheduler is not None:
        with _connect(distributed, scheduler) as client:
            yield client.get_executor(pure=False)
        return
    with (
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(folder / "dask"),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def _connect(distributed: ModuleType, scheduler: str) -> Any:
    """Return a client of a scheduler, or say within ten seconds that there is none.

    The library's own time limit does not cover whatever else listens at that address.
    """
    found: Queue[Any] = Queue()

    def look() -> None:
        try:
            found.put(distributed.Client(scheduler, timeout=CONNECT_S))
        except Exception as error:
            found.put(error)

    Thread(target=look, daemon=True).start()
    try:
        client = found.get(timeout=CONNECT_S + 1)
    except Empty:
        client = TimeoutError("what listens there is silent")
    if isinstance(client, Exception):
        raise MachineError(
            f"the Dask scheduler {scheduler} does not answer ({client}). "
            "Check its address, as tcp://host:8786, and that it runs"
        ) from client
    return client


@contextmanager
def _mpi(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    with _library("mpi4py.futures", "mpi").MPIPoolExecutor(workers) as pool:
        yield pool


@contextmanager
def _slurm(workers: int, folder: Path, scheduler: str | None) -> Iterator[Executor]:
    _library("submitit", "slurm")
    from cerebella.sweeps.slurm import SlurmExecutor

    pool = SlurmExecutor(folder / "slurm", workers)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


EXECUTORS: dict[str, Callable[[int, Path, str | None], AbstractContextManager[Executor]]] = dict(
    zip(get_args(ExecutorName), (_processes, _dask, _mpi, _slurm), strict=True)
)


def _library(name: str, extra: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise MachineError(
            f"{name.partition('.')[0]} is not installed. Install it with: "
            f"pip install 'cerebella[{extra}]'"
        ) from error
