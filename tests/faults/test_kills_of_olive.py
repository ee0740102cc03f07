"""A run of the loop that is killed at any moment is complete, resumable or not begun.

Moments are spread over start-up, work and final write; every fourth signal is that of Ctrl-C.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import cerebella as cb

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}
DURATION_MS, OLD_DURATION_MS = 20_000.0, 100.0
FILES = ("run.json", "spikes.h5", "voltage.h5", "weights.h5")
N_KILLS = 50

# A checkpoint after each block, so that many kills meet one.
SCRIPT = (
    "import cerebella.olive.simulate as s, cerebella.cli.main as m;"
    "s.simulate_olive.__kwdefaults__['checkpoint_every_s'] = 0.0; m.main()"
)
COMMAND = ["--dt", "1", "--scale", "0.25", "--duration", "20s", "--threads", "1"]


class Moment(NamedTuple):
    """A moment of a run: some time after the first file of a phase appears."""

    phase: str
    after_s: float


PHASES = {
    "start": lambda path, before: True,
    "work": lambda path, before: checkpoints(path) > before,
    "final write": lambda path, before: any(path.parent.glob(f".{path.name}-*.cerebella")),
}


def checkpoints(path: Path) -> int:
    """Return the step of the last checkpoint, or 0."""
    names = [file.name for file in path.glob("partial/checkpoint-*.npz")]
    return max((int(name.split("-")[1]) for name in names), default=0)


def simulate(path: Path, duration_ms: float = DURATION_MS, **options) -> cb.Run:
    return cb.simulate_olive(SMALL, duration_ms=duration_ms, out=path, progress=False, **options)


def start(path: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-c", SCRIPT, "olive", "run", path, *COMMAND, *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def lengths_of_phases(path: Path, *options: str) -> dict[str, float]:
    """Run to the end, and return the duration of each phase in s."""
    before, begun, ended = checkpoints(path), {}, 0.0
    process = start(path, *options)
    while process.poll() is None:
        for phase, has_begun in PHASES.items():
            if phase not in begun and has_begun(path, before):
                begun[phase] = time.monotonic()
        if PHASES["final write"](path, before):
            ended = time.monotonic()
        time.sleep(0.0002)
    assert process.returncode == 0
    return dict(zip(PHASES, np.diff([*begun.values(), ended]).tolist(), strict=True))


def moments(lengths: dict[str, float]) -> list[Moment]:
    phases = [list(PHASES)[number % 3] for number in range(N_KILLS)]
    return [Moment(phase, lengths[phase] * n / N_KILLS) for n, phase in enumerate(phases)]


def kill_at(moment: Moment, number: int, path: Path, *options: str) -> bool:
    """Run and kill; return whether the process was still alive."""
    before = checkpoints(path)
    process = start(path, *options)
    while process.poll() is None and not PHASES[moment.phase](path, before):
        time.sleep(0.0002)
    time.sleep(moment.after_s)
    was_alive = process.poll() is None
    process.send_signal(signal.SIGINT if number % 4 == 3 else signal.SIGKILL)
    process.wait(timeout=60)
    return was_alive


def same_spikes(path: Path, whole: Path) -> bool:
    return all((path / name).read_bytes() == (whole / name).read_bytes() for name in FILES[1:])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "run"
    simulate(path)
    return path


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("old") / "run"
    simulate(path, OLD_DURATION_MS)
    return path


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A run that was interrupted in its middle."""

    class InterruptedRunError(Exception):
        pass

    def interrupt(fraction: float) -> None:
        if fraction > 0.3:
            raise InterruptedRunError

    path = tmp_path_factory.mktemp("begun") / "run"
    with pytest.raises(InterruptedRunError):
        cb.simulate_olive(
            SMALL, duration_ms=DURATION_MS, out=path, progress=interrupt, checkpoint_every_s=0.0
        )
    return path


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "run --force", "run --resume"])
def test_killed_at_fifty_moments_nothing_is_lost_and_nothing_stays(
    tmp_path, whole, old, begun, command, capsys
):
    options = command.split()[1:]
    origin = {"run": None, "run --force": old, "run --resume": begun}[command]
    tried, met, held, faults = Counter(), Counter(), Counter(), []

    def new_folder(name: str) -> Path:
        path = tmp_path / name / "run"
        path.parent.mkdir()
        if origin is not None:
            shutil.copytree(origin, path)
        return path

    lengths_of_phases(new_folder("first"), *options)  # slower, since files are not cached yet
    lengths = lengths_of_phases(new_folder("second"), *options)
    for number, moment in enumerate(moments(lengths)):
        path = new_folder(str(number))
        met[moment.phase] += kill_at(moment, number, path, *options)
        tried[moment.phase] += 1
        try:
            check_state(path, command, old, whole)
            finish(path, command)
            assert same_spikes(path, whole)
            assert sorted(file.name for file in path.iterdir()) == sorted(FILES)
            assert [file.name for file in path.parent.iterdir()] == ["run"]
            held[moment.phase] += 1
        except (AssertionError, cb.CerebellaError) as error:
            faults.append((moment, number, str(error)[:500]))
        shutil.rmtree(path.parent)
    with capsys.disabled():
        print(
            f"\n{command}: {lengths} s, tried {dict(tried)}, alive {dict(met)}, held {dict(held)}"
        )
    assert not faults


def check_state(path: Path, command: str, old: Path, whole: Path) -> None:
    """Assert that a killed run is complete or absent, and that a finished one is still there."""
    if (path / "run.json").exists():
        run = cb.load_run(path)
        assert len(run.of("IO").times_ms) > 0 or run.duration_ms == OLD_DURATION_MS
        assert same_spikes(path, whole if run.duration_ms == DURATION_MS else old)
    else:
        assert command != "run --force"


def finish(path: Path, command: str) -> None:
    """Repeat the command, or resume the run where there is one to be resumed."""
    if command == "run --force":
        simulate(path, force=True)
    else:
        simulate(path, resume=path.exists())
