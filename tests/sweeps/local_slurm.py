"""Slurm on this machine: its daemons in a temporary folder, on loopback and free ports."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
START_S = 30.0

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=2000
PartitionName=short Nodes={host} Default=YES MaxTime=5:00:00 State=UP
"""


def find(daemon: str) -> str | None:
    """Return the path of a daemon, which is often outside PATH."""
    return shutil.which(daemon, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running_slurm(folder: Path) -> Iterator[Path]:
    """Run Slurm with one node, this machine; yields the file for the variable SLURM_CONF."""
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(64))
    key.chmod(0o600)
    file = folder / "slurm.conf"
    file.write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0],
            user=pwd.getpwuid(os.getuid()).pw_name,
            folder=folder,
            ports=free_ports(2),
            cores=os.cpu_count(),
        )
    )
    environment = {**os.environ, "SLURM_CONF": str(file)}
    names = ("socket=munge.sock", "pid-file=munged.pid", "log-file=munged.log", "seed-file=seed")
    options = [f"--{name.replace('=', f'={folder}/')}" for name in names]
    commands = (
        ["munged", "--foreground", "--force", f"--key-file={key}", *options],
        ["slurmctld", "-D", "-i"],
        ["slurmd", "-D"],
    )
    started = []
    try:
        for daemon, *arguments in commands:
            with (folder / f"{daemon}.out").open("wb") as sink:
                started.append(
                    subprocess.Popen(
                        [find(daemon) or daemon, *arguments],
                        env=environment,
                        stdout=sink,
                        stderr=sink,
                        start_new_session=True,
                    )
                )
            time.sleep(0.5)
        wait_until_idle(environment)
        yield file
    finally:
        subprocess.run(
            ["scancel", "--user", str(os.getuid())], env=environment, capture_output=True
        )
        for process in reversed(started):
            end(process)


def wait_until_idle(environment) -> None:
    """Wait until the node accepts jobs."""
    end_s = time.monotonic() + START_S
    while True:
        shown = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True
        )
        if shown.stdout.strip() == "idle":
            return
        if time.monotonic() > end_s:
            raise RuntimeError(f"Slurm did not start: {shown.stdout} {shown.stderr}")
        time.sleep(0.2)


def end(process) -> None:
    """Terminate a daemon and what it has started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_ports(n: int) -> list[int]:
    """Return ports of the loopback interface that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
