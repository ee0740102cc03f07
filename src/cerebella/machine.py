"""Cores and memory of this machine, as far as this process may use them."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_MEMINFO = Path("/proc/meminfo")
_OWN_CGROUP = Path("/proc/self/cgroup")
_CGROUPS = Path("/sys/fs/cgroup")


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def available_memory_MB() -> float | None:
    """Return the memory in MB that new processes can take, within limits of a job or container.

    Returns
    -------
    float or None
        None where the system does not tell (other than Linux).
    """
    if not _MEMINFO.is_file():
        return None
    fields = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines())
    free = [int(fields["MemAvailable"].split()[0]) / 1024] if "MemAvailable" in fields else []
    own = _OWN_CGROUP.read_text().rpartition("::")[2].strip() if _OWN_CGROUP.is_file() else "/"
    folder = _CGROUPS / own.lstrip("/")
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError):  # "max" means no limit
            limit, used = (int((place / f"memory.{n}").read_text()) for n in ("max", "current"))
            free.append((limit - used) / 2**20)
        if place == _CGROUPS:
            break
    return max(0.0, min(free)) if free else None


def peak_memory_MB() -> float:
    """Return the peak resident memory of this process in MB.

    On Linux, `getrusage` includes the memory of the process that started this one; the peak of this
    program alone is ``VmHWM`` in ``/proc/self/status``.
    """
    if _STATUS.is_file():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1024)
