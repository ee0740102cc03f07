"""Time the molecular layer network and a straightforward NEURON script in one run.

Usage: uv run python benchmarks/mli_network.py [--repeats 3] [--scales 1 3 10] [--save [FILE]]

Prints ratios and compares spikes; --save stores them in results/mli_network.json. Each time is
the shortest of the repeats, which other processes disturb least; "cpu" is the processor time of a
whole run, summed over its processes, which they hardly affect.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from plain_network import plain_library

from cerebella.compiled.engine import Numba
from cerebella.molecular_layer.inputs import cf_spikes_of_level, draw_pf_spikes
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.molecular_layer.request import MLIRequest, pack
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.workers import REQUEST, write_parcel
from cerebella.results.spikes import merge_spike_trains

RESULTS = Path(__file__).parent / "results" / "mli_network.json"


def cpu_s():
    """Processor time of this process and of its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def time_cerebella(network, **options):
    """Run once; seconds of each part, memory, and the MLI spikes."""
    start, cpu_before = time.perf_counter(), cpu_s()
    simulation = simulate_mli(network, cf_sync=8, **options)
    total, cpu = time.perf_counter() - start, cpu_s() - cpu_before
    spikes = simulation.spikes
    mli = spikes.gids < network.population("PF").first_gid
    manifest = simulation.manifest
    return {
        **{name: manifest["timings_s"][name] for name in ("set_up", "solve")},
        "total": total,
        "cpu": cpu,
        "peak_memory_MB": manifest["peak_memory_MB"],
    }, set(zip(spikes.times_ms[mli].tolist(), spikes.gids[mli].tolist(), strict=True))


def time_plain(network, engine):
    """Run the plain script once, also in a separate process."""
    asked = MLIRequest()
    pf = draw_pf_spikes(network, asked.parameters, asked.duration_ms, asked.seed, asked.trial)
    inputs = merge_spike_trains([pf, cf_spikes_of_level(network, 8, asked.duration_ms)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start, cpu_before = time.perf_counter(), cpu_s()
        write_parcel(folder, REQUEST, pack(asked, network, inputs))
        script = Path(__file__).with_name("plain_network.py")
        subprocess.run([sys.executable, script, folder, engine], check=True)
        total, cpu = time.perf_counter() - start, cpu_s() - cpu_before
        report = json.loads((folder / "plain.json").read_text())
        with np.load(folder / "plain.npz") as arrays:
            times_ms, gids = arrays["times_ms"], arrays["gids"]
    return {**report, "total": total, "cpu": cpu}, set(
        zip(times_ms.tolist(), gids.tolist(), strict=True)
    )


def least(rows):
    """Return the least of each entry over repeats."""
    return {key: min(row[key] for row in rows) for key in rows[0]}


def compare(repeats):
    """Time plain, ours on one rank, on two, and on the own engine, alternating."""
    network = generate_network(seed=0)
    timed = {"plain": [], "cerebella": [], "cerebella, 2 ranks": [], "own engine": []}
    spikes = {}
    for _ in range(repeats):
        for name, run in (
            ("plain", lambda: time_plain(network, "coreneuron")),
            ("cerebella", lambda: time_cerebella(network, engine=CoreNeuron())),
            ("cerebella, 2 ranks", lambda: time_cerebella(network, engine=CoreNeuron(ranks=2))),
            ("own engine", lambda: time_cerebella(network, engine=Numba())),
        ):
            row, spikes[name] = run()
            timed[name].append(row)
            print(f"{name:20} " + "  ".join(f"{k} {v:.2f}" for k, v in row.items()), flush=True)
    exact_row, exact = time_plain(network, "neuron")
    print("plain on NEURON      " + "  ".join(f"{k} {v:.2f}" for k, v in exact_row.items()))
    times = {name: least(rows) for name, rows in timed.items()}
    plain, ours, two, own = times.values()
    n_different = {
        "plain on NEURON": len(exact - spikes["cerebella"]),
        "plain on CoreNEURON": len(spikes["plain"] - spikes["cerebella"]),
        "2 ranks": len(spikes["cerebella, 2 ranks"] - spikes["cerebella"]),
        "own engine": len(spikes["own engine"] ^ spikes["cerebella"]),
    }
    return {
        "least": times,
        "repeats": repeats,
        "ratio_total": plain["total"] / ours["total"],
        "ratio_cpu": plain["cpu"] / ours["cpu"],
        "ratio_set_up_and_solve": (plain["set_up"] + plain["solve"])
        / (ours["set_up"] + ours["solve"]),
        "ratio_solve_2_ranks": ours["solve"] / two["solve"],
        "ratio_own_engine_solve": ours["solve"] / own["solve"],
        "ratio_own_engine_cpu": ours["cpu"] / own["cpu"],
        "ratio_own_engine_cpu_against_plain": plain["cpu"] / own["cpu"],
        "n_spikes": len(spikes["cerebella"]),
        "spikes_that_differ_from": n_different,
    }


def scale(factors):
    """Time larger networks: does the cost grow faster than the network?"""
    rows = {}
    for factor in factors:
        start = time.perf_counter()
        network = generate_network(seed=0, scale=factor)
        generate_s = time.perf_counter() - start
        row, _ = time_cerebella(network, engine=CoreNeuron())
        own, _ = time_cerebella(network, engine=Numba())
        rows[str(factor)] = {"generate": generate_s, "n_synapses": len(network.synapses), **row}
        rows[str(factor)]["own_engine"] = own
        print(factor, rows[str(factor)], flush=True)
    return rows


def main():
    """Measure, print and perhaps store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scales", type=float, nargs="*", default=[1, 3, 10])
    parser.add_argument("--save", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    arguments = parser.parse_args()
    ensure_mechanisms(molecular_layer_mechanisms())
    plain_library()
    simulate_mli(generate_network(seed=0), duration_ms=1, engine=Numba())  # compile, or load
    report = {"machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    if arguments.repeats:
        report["against_plain"] = compare(arguments.repeats)
    if arguments.scales:
        report["scaling"] = scale(arguments.scales)
    print(json.dumps(report, indent=2))
    if arguments.save:
        arguments.save.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
