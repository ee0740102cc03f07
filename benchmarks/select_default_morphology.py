"""Choose the default Purkinje cell among generated ones, by a rule.

Usage: uv run python benchmarks/select_default_morphology.py [--seeds 24] [--cells 10]
           [--trials 1 2 3] [--levels 0 8] [--jobs 1] [--save] [--write]

The rule, in this order:

1. Form. Of the seeds 0, 1, …, only cells of which `describe_morphology` warns of nothing (counts,
   lengths, areas, path distances, share of thin compartments, impedance of the soma).
2. Of these, the `--cells` with the least mean deviation from the traced cell, each value in units
   of its tolerance.
3. Firing. The molecular layer of network seed 0 drives each of them, in several trials and at
   several levels of synchrony. A cell stays if its means over all runs are within the targets:
   simple spikes 40 to 48 Hz, 4 to 7 spikelets, pause 55 to 85 ms, spiny calcium within 20 % of the
   traced cell's (means of 12 trials and of levels 0 and 8).
4. Of these, the one with the least mean deviation from the traced cell's values, each in units of
   half its target's width.

The effect of synchrony plays no part, for the cell is to be used to study it.
--save stores the table in results/select_default_morphology.json; --write replaces the
default cell (then set DEFAULT_SEED).
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

import cerebella as cb
from cerebella.parameters.traced_morphology import TRACED
from cerebella.purkinje.simulate import simulate_purkinje

RESULTS = Path(__file__).parent / "results" / "select_default_morphology.json"
DATA = Path(__file__).parents[1] / "src" / "cerebella" / "purkinje" / "data"
TARGETS = {
    "simple_spike_rate_Hz": (43.6, 40, 48),
    "n_spikelets": (5.4, 4, 7),
    "pause_ms": (74.3, 55, 85),
    "calcium_mean_nM": (349.2, 0.8 * 349.2, 1.2 * 349.2),
}
"""Traced cell, lowest and highest that is accepted."""


generated = cache(lambda seed: cb.generate_morphology(seed=seed))


def describe(seed):
    """Deviation of one cell's form, and warnings."""
    statistics = cb.describe_morphology(generated(seed))
    deviations = [
        abs(value - TRACED[key].value) / (TRACED[key].high - TRACED[key].value)
        for key, value in statistics.values.items()
        if np.isfinite(TRACED[key].high) and TRACED[key].high > TRACED[key].value
    ]
    return seed, float(np.mean(deviations)), statistics.warnings


def fire(arguments):
    """Response of one cell in one run."""
    seed, trial, spikes, cell_counts = arguments
    run = simulate_purkinje(spikes, network=cell_counts, morphology=generated(seed), trial=trial)
    response = cb.compute_purkinje_summary(run).response
    spike = response.complex_spike
    return {
        "simple_spike_rate_Hz": response.simple_spikes.rate_Hz,
        "n_spikelets": spike.n_spikelets if spike else 0,
        "pause_ms": response.pause_ms,
        "calcium_mean_nM": response.calcium_mean_nM,
    }


def select_by_form(seeds, n_cells, pool):
    rows = sorted(pool.map(describe, seeds), key=lambda row: row[1])
    for seed, deviation, warnings in rows:
        print(f"seed {seed:3d}  form {deviation:.3f}  {'; '.join(warnings) or 'ok'}")
    return [(seed, deviation) for seed, deviation, warnings in rows if not warnings][:n_cells]


def select_by_firing(cells, trials, levels, pool):
    network = cb.generate_network(seed=0)
    cell_counts = dict(network.cell_counts)
    drives = [
        (trial, cb.simulate_mli(network, cf_sync=level, trial=trial).spikes, cell_counts)
        for trial in trials
        for level in levels
    ]
    tasks = [(seed, *drive) for seed, _ in cells for drive in drives]
    responses = list(pool.map(fire, tasks))
    table = []
    for i, (seed, form) in enumerate(cells):
        own = responses[i * len(drives) : (i + 1) * len(drives)]
        means = {key: float(np.mean([one[key] for one in own])) for key in TARGETS}
        within = all(low <= means[key] <= high for key, (_, low, high) in TARGETS.items())
        firing = float(
            np.mean(
                [
                    abs(means[key] - traced) / ((high - low) / 2)
                    for key, (traced, low, high) in TARGETS.items()
                ]
            )
        )
        table.append(
            {"seed": seed, "form": form, "firing": firing, "within": within, **means, "runs": own}
        )
    return sorted(table, key=lambda row: (not row["within"], row["firing"]))


def print_table(table):
    print(f"{'seed':>5}{'form':>8}{'firing':>8}  within" + "".join(f"{k:>22}" for k in TARGETS))
    for row in table:
        values = "".join(f"{row[key]:22.2f}" for key in TARGETS)
        print(
            f"{row['seed']:5d}{row['form']:8.3f}{row['firing']:8.3f}  {row['within']!s:6}{values}"
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--cells", type=int, default=10)
    parser.add_argument("--trials", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--levels", type=int, nargs="+", default=[0, 8])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        cells = select_by_form(range(options.seeds), options.cells, pool)
        table = select_by_firing(cells, options.trials, options.levels, pool)
    print_table(table)
    best = table[0]["seed"]
    print(f"chosen: seed {best}")
    if options.save:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"chosen": best, "cells": table}, indent=1) + "\n")
    if options.write:
        cb.save_morphology(
            cb.generate_morphology(seed=best), DATA / "default.swc", DATA / "default_sections.csv"
        )


if __name__ == "__main__":
    main()
