"""Time whole commands from warm caches: what a user waits for besides the integration.

Usage: uv run python benchmarks/commands.py [NAME …] [options]

NAME is a name in COMMANDS; by default all. Each command runs once to fill the caches of Python
and of compiled code, and then repeatedly; the fastest counts. With --against CHECKOUT, the same
commands of another checkout of this repository run in turn with these, in the same environment.
--save stores results/commands.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cerebella

RESULTS = Path(__file__).parent / "results" / "commands.json"
HERE = Path(cerebella.__file__).parents[1]
COMMANDS = {
    "mli run": ("mli", "run", "net", "out"),
    "purkinje run": ("purkinje", "run", "mli", "out"),
    "olive run": ("olive", "run", "out", "--duration", "1s", "--dt", "1ms"),
    "analyze": ("analyze", "pc"),
    "plot": ("plot", "pc", "--out", "pc.png"),
    "cite": ("cite", "pc"),
    "demo": ("demo", "out"),
}
"""Commands by name. ``net``, ``mli`` and ``pc`` are the inputs that `prepare` makes."""


def call(source, arguments, folder):
    """Run a command of a checkout; return its wall and processor time in s, with children."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(source)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "cerebella.cli.entry", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall_s, after = time.perf_counter() - start, os.times()
    cpu = [after.children_user - before.children_user, after.children_system]
    return wall_s, cpu[0] + cpu[1] - before.children_system


def integration_s(folder):
    """Return the time of the integration of a run, processor time if known; 0 without a run."""
    manifest = folder / "out" / "run.json"
    if not manifest.is_file():
        return 0.0
    timings = json.loads(manifest.read_text())["timings_s"]
    return timings.get("solve_cpu", timings["solve"])


def prepare(folder):
    call(HERE, ("network", "build", "net"), folder)
    call(HERE, ("mli", "run", "net", "mli"), folder)
    call(HERE, ("purkinje", "run", "mli", "pc"), folder)


def measure(source, arguments, folder):
    wall_s, cpu_s = call(source, arguments, folder)
    return {"wall_s": wall_s, "cpu_s": cpu_s, "integration_s": integration_s(folder)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=COMMANDS, metavar="NAME", default=[*COMMANDS])
    parser.add_argument("--against", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--save", nargs="?", type=Path, const=RESULTS)
    options = parser.parse_args()
    sources = {"now": HERE}
    if options.against:
        sources["before"] = options.against.absolute() / "src"
    report = {"machine": platform.machine(), "cores": os.cpu_count(), "commands": {}}
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        prepare(folder)
        for title in options.names:
            arguments = COMMANDS[title]
            for source in sources.values():
                call(source, arguments, folder)
            runs = {label: [] for label in sources}
            for _ in range(options.repeats):
                for label, source in sources.items():
                    runs[label].append(measure(source, arguments, folder))
            best = {of: min(each, key=lambda run: run["cpu_s"]) for of, each in runs.items()}
            report["commands"][title] = best
            for label, run in best.items():
                print(f"{title:13} {label:7}", *(f"{k} {v:.2f}" for k, v in run.items()))
    if options.save:
        options.save.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
