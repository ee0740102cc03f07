"""Memory use of this process."""

from __future__ import annotations

import resource
import sys


def peak_memory_MB() -> float:
    """Return the peak resident memory of this process in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1024)
