"""Dask: a private cluster on this machine, or one whose scheduler already runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import ModuleType
from typing import Any

from cerebella.errors import MachineError

CONNECT_S = 5.0
"""Time limit in s for the connection to a scheduler."""

_NO_PAGES = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}


@contextmanager
def local_cluster(distributed: ModuleType, workers: int, folder: Path) -> Iterator[Executor]:
    """Start workers on this machine to which only this process and they have access.

    A scheduler executes whatever code it receives, and any user of a machine can connect to its
    ports. Connections are therefore encrypted (TLS), with a certificate that exists for as long as
    the cluster and is required on both sides. All ports are on the loopback interface.

    Parameters
    ----------
    distributed : module
        The library.
    workers : int
        Number of worker processes.
    folder : Path
        Folder for temporary files; removed at the end.

    Yields
    ------
    concurrent.futures.Executor

    Raises
    ------
    MachineError
        The library that makes certificates is missing.
    """
    if find_spec("cryptography") is None:
        raise MachineError(
            "cryptography is not installed, without which any user of this machine could send code "
            "to the Dask workers. Install it with: pip install 'cerebella[dask]'"
        )
    import dask.config  # pyright: ignore[reportMissingImports]

    try:
        with (
            dask.config.set(_NO_PAGES),
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                protocol="tls://",
                security=True,
                # Any free port: without an address, port 8787 is used even if it is taken.
                dashboard_address="127.0.0.1:0",
                local_directory=str(folder),
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client.get_executor(pure=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def remote_cluster(distributed: ModuleType, scheduler: str) -> Iterator[Executor]:
    """Use a scheduler, such as ``tcp://host:8786``; raise MachineError if it does not answer."""
    with _connect(distributed, scheduler) as client:
        yield client.get_executor(pure=False)


def _connect(distributed: ModuleType, scheduler: str) -> Any:
    """Connect to a scheduler, or raise MachineError within ten seconds.

    The time limit of the library does not apply if another service listens at the address.
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
        client = TimeoutError("no reply from that address")
    if isinstance(client, Exception):
        raise MachineError(
            f"the Dask scheduler {scheduler} does not answer ({client}). "
            "Check its address, such as tcp://host:8786, and that it is running"
        ) from client
    return client
