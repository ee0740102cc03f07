"""Time the Purkinje cell and its ordinary formulation in plain NEURON in one run.

Usage: uv run python benchmarks/purkinje_cell.py [--stretch 20] [--full] [--repeats 2] [--builds]
           [--save [FILE]]

The traced cell, driven by a published trial, if the published data are available; else
the default cell and network. The ordinary formulation takes more than a second for each simulated
millisecond, so only a stretch is simulated; --full simulates all. "cpu" is the processor time of
integration, which other processes hardly affect. --save stores everything in
results/purkinje_cell.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from ordinary_cell import ordinary_mechanisms

import cerebella as cb
from cerebella.morphology.swc import load_morphology
from cerebella.network.load import load_cell_counts
from cerebella.purkinje import integrate
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.runs.load import load_run

RESULTS = Path(__file__).parent / "results" / "purkinje_cell.json"
PUBLISHED = Path(__file__).parents[2] / "shared" / "published"
TRIAL = "spk_43_20241112_153832_cfsync_sync_8_w2_70_trial_11.csv"


@cache
def load_case() -> dict[str, Any]:
    """Arguments of `simulate_purkinje`, apart from the duration."""
    networks, cell = PUBLISHED / "networks", PUBLISHED / "purkinje"
    if not PUBLISHED.is_dir():
        return {"spikes": cb.simulate_mli(cb.generate_network(seed=0), cf_sync=8, trial=1)}
    return {
        "spikes": load_run(networks / TRIAL),
        "network": load_cell_counts(networks),
        "morphology": load_morphology(
            cell / "pc_morphology.swc", cell / "pc_morphology_sections.csv"
        ),
        "pf_table": networks / "pf_syn_table.csv",
        "replay_published": True,
    }


def plain_mechanisms():
    """The package's mechanisms, compiled as NEURON does by default."""
    return replace(purkinje_mechanisms(), options=())


def run(duration_ms, engine="coreneuron", mechanisms=purkinje_mechanisms):
    """Simulate once; seconds of each part, memory, and the soma's voltage."""
    with mock.patch.object(integrate, "purkinje_mechanisms", return_value=mechanisms()):
        simulation = simulate_purkinje(**load_case(), duration_ms=duration_ms, engine=engine)
    manifest = simulation.manifest
    seconds = manifest["timings_s"]
    row = {
        "set_up": seconds["set_up"],
        "wall_per_ms": seconds["solve"] / duration_ms,
        "cpu_per_ms": seconds["solve_cpu"] / duration_ms,
        "total": seconds["total"],
        "peak_memory_MB": manifest["peak_memory_MB"],
    }
    return row, simulation


def spikes_and_voltage(simulation, reference):
    """Compare two runs: spikes, steps between them, and voltages (mV)."""
    ours, theirs = simulation.spikes.of("PC").times_ms, reference.spikes.of("PC").times_ms
    difference = np.abs(
        simulation.traces["soma_v"].values[:, 0] - reference.traces["soma_v"].values[:, 0]
    )
    same_number = len(ours) == len(theirs)
    apart = np.abs(ours - theirs) / 0.02 if same_number and len(ours) else np.array([np.nan])
    return {
        "spikes": [len(ours), len(theirs)],
        "largest_difference_samples": round(float(apart.max()), 6),
        "largest_difference_mV": float(difference.max()),
        "median_difference_mV": float(np.median(difference)),
    }


def least(rows):
    return {key: min(row[key] for row in rows) for key in rows[0]}


ENGINES = {
    "cerebella, CoreNEURON": ("coreneuron", purkinje_mechanisms),
    "cerebella, own engine": ("numba", purkinje_mechanisms),
    "cerebella, own engine in doubles": (cb.Numba(precision="double"), purkinje_mechanisms),
}
FORMULATIONS = {
    "ordinary, NEURON": ("neuron", ordinary_mechanisms),
    "cerebella, NEURON": ("neuron", purkinje_mechanisms),
    **ENGINES,
}


def compare(cases, duration_ms, repeats):
    """Time cases on the same duration, alternating; compare their results with the first."""
    timed = {name: [] for name in cases}
    last = {}
    for engine in {engine for engine, _ in cases.values()}:
        run(1.0, engine)  # compilation
    for _ in range(repeats):
        for name, (engine, mechanisms) in cases.items():
            row, last[name] = run(duration_ms, engine, mechanisms)
            timed[name].append(row)
            print(f"{name:34} " + "  ".join(f"{k} {v:.3f}" for k, v in row.items()), flush=True)
    times = {name: least(rows) for name, rows in timed.items()}
    first, *others = times
    return {
        "duration_ms": duration_ms,
        "repeats": repeats,
        "least": times,
        "times_faster_cpu": {
            name: times[first]["cpu_per_ms"] / times[name]["cpu_per_ms"] for name in others
        },
        "times_faster_wall": {
            name: times[first]["wall_per_ms"] / times[name]["wall_per_ms"] for name in others
        },
        f"against {first}": {name: spikes_and_voltage(last[name], last[first]) for name in others},
    }


def compare_builds(duration_ms):
    """Run the build for this processor, with fast mathematics, and the build without options."""
    fast_row, fast = run(duration_ms)
    plain_row, plain = run(duration_ms, mechanisms=plain_mechanisms)
    return {
        "for this processor": fast_row,
        "without options": plain_row,
        **spikes_and_voltage(fast, plain),
    }


def time_run(duration_ms, engine):
    simulate_purkinje(**load_case(), duration_ms=duration_ms, engine=engine)


def throughput(duration_ms, engine, repeats):
    """Two runs one after the other, and at once in two processes; the fastest of several."""
    in_turn, at_once = [], []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        wait([pool.submit(time_run, 10.0, engine) for _ in range(4)])  # imports, compiled code
        for _ in range(repeats):
            start = time.perf_counter()
            for _ in range(2):
                pool.submit(time_run, duration_ms, engine).result()
            in_turn.append(time.perf_counter() - start)
            start = time.perf_counter()
            for submitted in [pool.submit(time_run, duration_ms, engine) for _ in range(2)]:
                submitted.result()
            at_once.append(time.perf_counter() - start)
    return {
        "in_turn_s": min(in_turn),
        "at_once_s": min(at_once),
        "ratio": min(in_turn) / min(at_once),
    }


def main():
    """Measure, print and perhaps store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stretch", type=float, default=20.0, help="ms of the ordinary one")
    parser.add_argument("--whole", type=float, default=299.0, help="ms of a whole run")
    parser.add_argument("--full", action="store_true", help="the ordinary one for the whole too")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--builds", action="store_true", help="compare builds; compiles another")
    parser.add_argument("--save", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    options = parser.parse_args()
    stretch_ms = options.whole if options.full else options.stretch
    formulations = compare(FORMULATIONS, stretch_ms, options.repeats)
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "options": list(purkinje_mechanisms().options),
        "cell": "traced" if PUBLISHED.is_dir() else "default",
        "formulations": formulations,
        "ratio_cpu": formulations["times_faster_cpu"]["cerebella, CoreNEURON"],
        "engines": compare(ENGINES, options.whole, options.repeats),
        "throughput": throughput(options.whole, "coreneuron", options.repeats),
        "throughput_own_engine": throughput(options.whole, "numba", options.repeats),
    }
    if options.builds:
        report["builds"] = compare_builds(options.whole)
    print(json.dumps(report, indent=2))
    if options.save:
        options.save.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
