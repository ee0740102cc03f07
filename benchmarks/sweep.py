"""Time a sweep: its overhead, and the throughput of two workers.

Usage: uv run python benchmarks/sweep.py [--trials 2] [--save [FILE]]

The same runs (levels 0 and 8, network and Purkinje cell) three times, one after the other: called
directly, as a sweep with one worker, as a sweep with two. Then empty tasks, few and
many, measure the overhead of the start and of each task. --save stores results/sweep.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np

from cerebella.experiments.cf_synchrony.tasks import SyncModel, sync_tasks
from cerebella.network.generate import generate_network
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.run import Run
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

RESULTS = Path(__file__).parent / "results" / "sweep.json"
LEVELS = (0, 8)
FEW, MANY = 2, 200
NO_SPIKES = SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64), (Population("PC", 0, 1),), 1.0)


def do_nothing(path, settings, needed):
    manifest = {"kind": "nothing", "cerebella": "", "duration_ms": 1.0}
    Run(manifest, spikes=NO_SPIKES).save(path)


def run_directly(folder, model, tasks):
    if model is not None:
        model.save(folder)
    paths = task_paths(folder, tasks)
    for task in tasks:
        needed = [paths[name] for name in task.after]
        task.run(paths[task.name], {**task.settings, **task.labels}, needed)


def run_as_sweep(folder, model, tasks, workers):
    results = run_sweep(
        folder,
        tasks,
        experiment="benchmark",
        settings={},
        workers=workers,
        prepare=(lambda folder: None) if model is None else model.save,
    )
    errors = [result.error for result in results.values() if result.error]
    if errors:
        raise SystemExit(errors[0])


def time_machinery(folder):
    """Return the seconds that a sweep takes to start, and for each task, beyond the runs."""
    extra = []
    for n in (FEW, MANY):
        tasks = [Task(f"task_{i}", "nothing", do_nothing, {"i": i}) for i in range(n)]
        wall = []
        for title, run, more in (("direct", run_directly, ()), ("sweep", run_as_sweep, (1,))):
            start = time.perf_counter()
            run(folder / f"{title}_{n}", None, tasks, *more)
            wall.append(time.perf_counter() - start)
        extra.append(wall[1] - wall[0])
    per_point = (extra[1] - extra[0]) / (MANY - FEW)
    return extra[0] - FEW * per_point, per_point


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2)
    parser.add_argument("--save", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    options = parser.parse_args()
    model = SyncModel(generate_network(seed=0))
    tasks = sync_tasks(model, LEVELS, range(1, options.trials + 1))
    wall_s = {}
    with tempfile.TemporaryDirectory() as name:
        for title, run, more in (
            ("direct", run_directly, ()),
            ("one worker", run_as_sweep, (1,)),
            ("two workers", run_as_sweep, (2,)),
        ):
            start = time.perf_counter()
            run(Path(name) / title.replace(" ", "_"), model, tasks, *more)
            wall_s[title] = time.perf_counter() - start
            print(f"{title:12} {wall_s[title]:7.1f} s for {len(tasks)} runs", flush=True)
        start_s, per_point_s = time_machinery(Path(name))
    result = {
        "runs": len(tasks),
        "wall_s": wall_s,
        "start_s": start_s,
        "per_point_s": per_point_s,
        "overhead": wall_s["one worker"] / wall_s["direct"] - 1,
        "throughput_of_two": wall_s["one worker"] / wall_s["two workers"],
        "load_after": os.getloadavg(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    print(f"overhead {100 * result['overhead']:+.1f} %")
    print(f"start {start_s:.1f} s, {1000 * per_point_s:.1f} ms a task")
    print(f"two workers give {result['throughput_of_two']:.2f} times the throughput of one")
    if options.save:
        options.save.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
