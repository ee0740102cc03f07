"""Child processes that end with their parent and write their output to a log."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cerebella.neuron_backend import guardian

_POLL_S = 0.05
_TERMINATION_S = 2.0
_DEATH_S = 5.0


def run_to_log(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    launcher: bool = False,
    while_running: Callable[[], None] = lambda: None,
) -> int:
    """Run a command with its output written to a log.

    The command is started by a small process, `cerebella.neuron_backend.guardian`, which ends it
    with all of its descendants when it is finished, when this process is interrupted, and when this
    process is killed, so that no compiler or MPI rank remains. If the guardian is killed, its
    process group is ended here.

    Parameters
    ----------
    command : sequence of str or Path
        Program and arguments.
    log : Path
        File for standard output and standard error.
    folder : Path
        Working directory.
    environment : mapping of str to str, optional
        All variables of the command; by default those of this process.
    launcher : bool, default False
        Whether the command is an MPI launcher. It fails if it continues for 2 s without processes.
    while_running : callable, optional
        Called about 20 times per second, for example to show progress.

    Returns
    -------
    int
        Exit status; negative after a signal.
    """
    lifeline, held = os.pipe()
    guarded = [
        *(sys.executable, "-I", "-S", guardian.__file__),
        *(str(lifeline), "launcher" if launcher else "plain"),
        *map(str, command),
    ]
    try:
        with log.open("wb") as sink:
            process = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
                pass_fds=(lifeline,),
            )
    except BaseException:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    try:
        while process.poll() is None:
            while_running()
            time.sleep(_POLL_S)
        while_running()
    finally:
        _end(process, held)
    return process.returncode


def _end(process: subprocess.Popen[bytes], held: int) -> None:
    """End the guardian and its command: by request, then through the pipe, then by force."""
    with contextlib.suppress(ProcessLookupError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    _wait(process, _TERMINATION_S)
    os.close(held)
    _wait(process, _DEATH_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: subprocess.Popen[bytes], patience_s: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)


@contextmanager
def ending_together() -> Iterator[None]:
    """End all processes that are started in the block if this process is killed meanwhile.

    New processes of Python need seconds to import what they run, and cannot watch their parent
    before. They are found by a variable of their environment; Linux only.
    """
    lifeline, held = os.pipe()
    value = f"{os.getpid()}-{os.urandom(8).hex()}"
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", guardian.__file__, str(lifeline), "marked", value],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(lifeline,),
    )
    os.close(lifeline)
    before = os.environ.get(guardian.MARK)
    os.environ[guardian.MARK] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[guardian.MARK]
        else:
            os.environ[guardian.MARK] = before
        with contextlib.suppress(BrokenPipeError):
            os.write(held, b"done")
        os.close(held)
        watcher.wait()


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
