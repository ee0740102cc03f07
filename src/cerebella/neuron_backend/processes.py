"""Child processes that end with their parent and write their output to a log."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.05


def run_to_log(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    while_running: Callable[[], None] = lambda: None,
) -> int:
    """Run a command with its output written to a log.

    The command runs in a new process group, which is killed as a whole on interruption, so that
    no compiler or MPI rank remains.

    Parameters
    ----------
    command : sequence of str or Path
        Program and arguments.
    log : Path
        File for standard output and standard error.
    folder : Path
        Working directory.
    environment : mapping of str to str, optional
        Variables added to those of this process.
    while_running : callable, optional
        Called about 20 times per second, for example to show progress.

    Returns
    -------
    int
        Exit status.
    """
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
        try:
            while process.poll() is None:
                while_running()
                time.sleep(_POLL_S)
            while_running()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)
            if process.poll() is None:
                _wait_or_kill(process)
    return process.returncode


def _wait_or_kill(process: subprocess.Popen[bytes], patience_s: float = 2.0) -> None:
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def die_with_parent() -> None:
    """Make the kernel kill this process when its parent ends for any reason."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def error_lines(log: Path, n: int = 5) -> str:
    """Return the first `n` lines of a log that mention an error, or its last `n` lines.

    Parameters
    ----------
    log : Path
        The log.
    n : int, default 5
        Number of lines.

    Returns
    -------
    str
    """
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error|fatal|no space", line, re.IGNORECASE)]
    return "\n".join(errors[:n] or lines[-n:])
