"""Memory use of this process."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


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
