"""Time a sweep: what its machinery costs, and what a second core gives.

Usage: uv run python benchmarks/sweep.py [--trials 2] [--save]

The same runs (levels 0 and 8, network and Purkinje cell) three times, one after the other: called
directly, as a sweep with one worker, as a sweep with two. --save stores results/sweep.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from cerebella.experiments.sweep import point_paths, run_sweep
from cerebella.experiments.sync_points import SyncModel, sync_points
from cerebella.network.generate import generate_network

RESULTS = Path(__file__).parent / "results" / "sweep.json"
LEVELS = (0, 8)


def run_directly(folder, model, points):
    model.save(folder)
    paths = point_paths(folder, points)
    for point in points:
        needed = [paths[name] for name in point.after]
        point.run(paths[point.name], {**point.settings, **point.how}, needed)


def run_as_sweep(folder, model, points, workers):
    results = run_sweep(
        folder,
        points,
        experiment="benchmark",
        settings={},
        workers=workers,
        prepare=model.save,
    )
    errors = [result.error for result in results.values() if result.error]
    if errors:
        raise SystemExit(errors[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    model = SyncModel(generate_network(seed=0))
    points = sync_points(model, LEVELS, range(1, options.trials + 1))
    wall_s = {}
    with tempfile.TemporaryDirectory() as name:
        for title, run, more in (
            ("direct", run_directly, ()),
            ("one worker", run_as_sweep, (1,)),
            ("two workers", run_as_sweep, (2,)),
        ):
            start = time.perf_counter()
            run(Path(name) / title.replace(" ", "_"), model, points, *more)
            wall_s[title] = time.perf_counter() - start
            print(f"{title:12} {wall_s[title]:7.1f} s for {len(points)} runs", flush=True)
    result = {
        "runs": len(points),
        "wall_s": wall_s,
        "overhead": wall_s["one worker"] / wall_s["direct"] - 1,
        "throughput_of_two": wall_s["one worker"] / wall_s["two workers"],
        "load_after": os.getloadavg(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    print(f"overhead {100 * result['overhead']:+.1f} %")
    print(f"two workers give {result['throughput_of_two']:.2f} times the throughput of one")
    if options.save:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
