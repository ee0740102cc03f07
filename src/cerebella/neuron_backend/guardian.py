"""Run a command, and end it with all of its descendants when the caller ends.

``python -I -S guardian.py LIFELINE KIND COMMAND…`` is started by `processes.run_to_log`. LIFELINE
is the descriptor of the reading end of a pipe that the caller keeps open: the kernel closes it
however the caller ends. KIND is ``launcher`` for ``mpiexec``, whose processes are sessions of their
own and therefore not in the process group of the command, or ``plain``.

With the kind ``marked``, it starts nothing: when the caller ends, it ends all processes that have
the variable MARK with the value COMMAND in their environment; see `processes.ending_together`.

Only the standard library is used, so that this process starts in some hundredths of a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_CHECK_S = 0.2
_LOST_AFTER_S = 2.0
"""Time that a launcher has to start its processes."""
_ENDED_AFTER_S = 0.4
"""Time that it has to end after them; ``mpiexec.gforker`` waits for two seconds without reason."""
MARK = "CEREBELLA_STARTED_BY"
LOST = "error: the processes that the MPI launcher started have ended, but the launcher has not"


def die_with_parent(parent: int | None = None) -> None:
    """Make the kernel kill this process when its parent ends for any reason; Linux only.

    Parameters
    ----------
    parent : int, optional
        Process id of the parent. If it ended before this call, this process exits at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def descendants(pid: int) -> list[int]:
    """Return the process ids of all living descendants of a process, except zombies."""
    children: dict[int, list[int]] = {}
    for child, parent in _processes():
        children.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        todo += (below := children.get(todo.pop(), []))
        found += below
    return found


def _processes() -> list[tuple[int, int]]:
    """Return process id and parent of every process that is not a zombie."""
    if sys.platform != "linux":
        done = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=False
        )
        rows = [line.split() for line in done.stdout.splitlines()]
        return [(int(pid), int(parent)) for pid, parent, state in rows if state[0] != "Z"]
    found = []
    for folder in os.listdir("/proc"):  # noqa: PTH208, much faster than Path.iterdir
        if folder.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (
                    Path(f"/proc/{folder}/stat").read_text().rpartition(")")[2].split()[:2]
                )
                if state != "Z":
                    found.append((int(folder), int(parent)))
    return found


def _start(command: list[str]) -> int:
    guardian, child = os.getpid(), os.fork()
    if child:
        return child
    try:
        die_with_parent(guardian)
        os.execvp(command[0], command)
    except OSError as error:
        print(f"error: {command[0]} cannot be started ({error.strerror})", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(127)


def _reap(child: int) -> int | None:
    """Collect ended processes, including adopted ones; return the status of `child` if it ended."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                status = os.waitstatus_to_exitcode(ended[1])
    return status


def _end_descendants() -> None:
    """Kill until none is left: a process may have started another in the meantime."""
    deadline = time.monotonic() + 4
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        _reap(0)
        time.sleep(0.005)


def _watch(lifeline: int, kind: str, child: int, wakeup: int) -> int:
    """Wait for the end of `child` or of the caller; return an exit status, negative by a signal."""
    caller = os.getppid()
    last_busy, patience_s = time.monotonic(), _LOST_AFTER_S
    while True:
        ready, _, _ = select.select([lifeline, wakeup], [], [], _CHECK_S)
        if wakeup in ready:
            os.read(wakeup, 512)
        status = _reap(child)
        if status is not None:
            return status
        # A process forked from the caller can hold the pipe open, hence the second condition.
        if lifeline in ready or os.getppid() != caller:
            return -signal.SIGKILL
        if kind != "launcher" or descendants(child):
            last_busy, patience_s = time.monotonic(), _ENDED_AFTER_S
        elif time.monotonic() - last_busy > patience_s:
            print(LOST, file=sys.stderr, flush=True)
            return 1


def _end_marked(lifeline: int, value: str) -> None:
    """Wait for the end of the caller, and kill all processes that it has marked."""
    caller = os.getppid()
    while not select.select([lifeline], [], [], _CHECK_S)[0] and os.getppid() == caller:
        pass
    if os.getppid() == caller and os.read(lifeline, 1):
        return  # the caller is done
    n_empty, deadline = 0, time.monotonic() + 10
    while n_empty < 3 and time.monotonic() < deadline:
        marked = [pid for pid, _ in _processes() if _has_mark(pid, value)]
        n_empty = 0 if marked else n_empty + 1
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _has_mark(pid: int, value: str) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # ended, or of another user
        return False
    return f"{MARK}={value}".encode() in variables


def main(lifeline: int, kind: str, command: list[str]) -> None:
    """Run the command; ends this process with the status, or the signal, of the command."""
    if sys.platform == "linux":
        # Descendants whose parents end become children of this process, not of init.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wakeup, signaled = os.pipe()
    os.set_blocking(signaled, False)
    signal.set_wakeup_fd(signaled)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # the command gets them too, and ends this process
    os.set_inheritable(lifeline, False)
    status = _watch(lifeline, kind, _start(command), wakeup)
    _end_descendants()
    if status < 0:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):  # of SIGKILL
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    if sys.argv[2] == "marked":
        _end_marked(int(sys.argv[1]), sys.argv[3])
    else:
        main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
