"""Signs of life of MPI ranks, and a time limit for the launcher that starts them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from cerebella.errors import SimulationError
from cerebella.neuron_backend.processes import error_lines

LAUNCH_LIMIT_S = 25.0
"""Time in s without progress of the launch after which it is ended."""

STARTED, JOINING, JOINED = "started", "joining", "joined"


def report_stage(folder: Path, stage: str) -> None:
    """Tell the `LaunchWatch` of the caller that this rank has reached a stage."""
    (folder / f"{stage}-{os.getpid()}").touch()


class LaunchWatch:
    """Ends a launch that stands still: until all ranks have started, and while they connect.

    Between both, ranks import NEURON, which can take minutes on a slow disk and has no limit.

    Parameters
    ----------
    folder : Path
        Folder of the worker, in which its ranks call `report_stage`.
    log : Path
        Output of the launcher.
    ranks : int
        Number of ranks.
    """

    def __init__(self, folder: Path, log: Path, ranks: int) -> None:
        self._folder, self._log, self._ranks = folder, log, ranks
        self._seen = (0, 0, 0)
        self._last_progress = time.monotonic()

    def check(self) -> None:
        """Raise SimulationError if the launch has made no progress within the limit."""
        if self._ranks == 1 or self._seen[2] >= self._ranks:
            return
        seen = tuple(
            sum(1 for _ in self._folder.glob(f"{stage}-*")) for stage in (STARTED, JOINING, JOINED)
        )
        importing = seen[0] >= self._ranks > seen[1]
        if seen != self._seen or importing:
            self._seen, self._last_progress = seen, time.monotonic()
        elif time.monotonic() - self._last_progress > LAUNCH_LIMIT_S:
            raise SimulationError(self._explain())

    def _explain(self) -> str:
        stage = "connected" if self._seen[0] >= self._ranks else "started"
        n_done = self._seen[2] if stage == "connected" else self._seen[0]
        words = error_lines(self._log) or "(none)"
        return (
            f"after {LAUNCH_LIMIT_S:g} s without progress, {n_done} of {self._ranks} processes had "
            f"{stage}, and the launch was ended. Test the launcher with `cerebella doctor`, or use "
            f"a single rank. Output of the launcher:\n{words}"
        )
