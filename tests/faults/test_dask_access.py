"""The Dask workers of a sweep on this machine take code from their driver only."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cerebella.sweeps.executors import open_executor


def test_other_users_of_the_machine_cannot_send_code_to_the_workers(tmp_path):
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("cryptography")
    with open_executor("dask", 1, tmp_path) as executor:
        assert executor.submit(abs, -3).result() == 3
        encrypted = executor._client.cluster.scheduler_address
        plain = encrypted.replace("tls://", "tcp://")
        assert encrypted.startswith("tls://127.0.0.1:")
        for address in (encrypted, plain):
            for credentials in (None, distributed.Security.temporary()):
                with pytest.raises((OSError, TypeError, RuntimeError)):
                    distributed.Client(address, security=credentials, timeout=2)
        if sys.platform == "linux":
            addresses, ports = zip(*listening_sockets(os.getpid()), strict=True)
            assert set(addresses) == {"127.0.0.1"}
            assert 8787 not in ports  # which Dask takes by default, and warns if it is taken
    assert not (tmp_path / "dask").exists()


def listening_sockets(parent):
    """Return the addresses and ports on which a process and its children listen."""
    children = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True)
    opened = set()
    for process in (parent, *map(int, children.stdout.split())):
        for file in Path(f"/proc/{process}/fd").glob("*"):
            with contextlib.suppress(OSError):
                opened.add(str(file.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = [row[1].split(":") for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened]
    return [
        (socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)) for address, port in ends
    ]
