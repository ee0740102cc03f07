"""Tasks that cost nothing, for sweeps in other processes, which import them from here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.task import Task


def add_up(path, settings, needed):
    """Write a run with a single spike, at the sum of `number` and the times of the needed runs."""
    time.sleep(settings.get("seconds", 0))
    number = settings["number"] + sum(value_of(run) for run in needed)
    spikes = SpikeTrains(np.array([number]), np.array([0]), (Population("PC", 0, 1),), 1e6)
    manifest = {"kind": "number", "cerebella": "0", "duration_ms": 1e6}
    Run(manifest, spikes=spikes).save(path)


def value_of(path):
    return float(load_run(path).spikes.times_ms[0])


def refuse(path, settings, needed):
    raise InputError(f"number {settings['number']} is refused", remedy="Give another")


def stumble(path, settings, needed):
    """Fail by a defect the first time, as a file in `folder` remembers."""
    if first_time(settings):
        raise ZeroDivisionError("a defect")
    add_up(path, settings, needed)


def die_at_first(path, settings, needed):
    """Take the worker along the first time, as a crash or a lack of memory would."""
    if first_time(settings):
        os.kill(os.getpid(), signal.SIGKILL)
    add_up(path, settings, needed)


def die(path, settings, needed):
    os.kill(os.getpid(), signal.SIGKILL)


def first_time(settings):
    marker = Path(settings["folder"]) / f"tried_{settings['number']}"
    tried = marker.exists()
    marker.touch()
    return not tried


def numbers(n, run=add_up, seconds=0.0, **settings):
    """Return tasks that take some seconds each, and are the same however many."""
    labels = {"seconds": seconds}
    return [
        Task(f"number_{i}", run.__name__, run, {"number": i} | settings, labels=labels)
        for i in range(n)
    ]


def do_nothing(path, settings, needed):
    pass


def wait_for_file(path, settings, needed):
    """Fail for as long as a file is not there."""
    if not Path(settings["file"]).exists():
        raise InputError("is not ready", file=settings["file"])
    add_up(path, settings, needed)


def add_up_together(jobs):
    """Write the runs of several tasks, and what was written together."""
    folder = Path(jobs[0][1]["folder"])
    numbers = [settings["number"] for _, settings, _ in jobs]
    with (folder / "together.txt").open("a") as file:
        file.write(f"{numbers}\n")
    for path, settings, needed in jobs:
        if settings["number"] == settings.get("refused"):
            raise InputError("is refused")
        add_up(path, settings, needed)
