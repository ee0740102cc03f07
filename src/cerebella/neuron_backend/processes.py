"""Child processes that never outlive us and whose output is kept."""

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
    """Run `command` in `folder`, all output into `log`; return its exit status.

    The command gets a process group of its own, which is killed as a whole if we are
    interrupted, so that neither compilers nor ranks are left behind.

    Parameters
    ----------
    environment : variables on top of ours.
    while_running : called about twenty times a second, e.g. to show progress.
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
    """Have the kernel kill this process when its parent is gone, however it went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def error_lines(log: Path, n: int = 5) -> str:
    """Return the first `n` lines of a log that speak of an error, else its last `n` lines."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|fatal|no space", line, re.IGNORECASE)]
    return "\n".join(telling[:n] or lines[-n:])
