"""Compare the Purkinje cell of the package's own engine with that of CoreNEURON, run by run.

Usage: uv run python benchmarks/engine_differences.py [--trials 20] [--levels 0 8] [--save [FILE]]

Default cell, a generated one (seed 1) and, if the published data are available, the traced one,
each with the default network. Every run is added to the file as soon as it is done, and runs that
the file already holds are not repeated.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

import cerebella as cb

RESULTS = Path(__file__).parent / "results" / "engine_differences.json"
TRACED = Path(__file__).parents[2] / "shared" / "published" / "purkinje"
STEP_MS = 0.02


def load_cells():
    """The cells, by name."""
    cells = {
        "default": cb.load_default_morphology(),
        "generated, seed 1": cb.generate_morphology(seed=1),
    }
    if TRACED.is_dir():
        files = (TRACED / "pc_morphology.swc", TRACED / "pc_morphology_sections.csv")
        cells["traced"] = cb.load_morphology(*files)
    return cells


def compare(network, morphology, level, trial):
    """Run both engines; return the differences."""
    spikes = cb.simulate_mli(network, cf_sync=level, trial=trial, engine="numba", progress=False)
    theirs, ours = (
        cb.simulate_purkinje(
            spikes,
            network=network,
            morphology=morphology,
            record=("soma_v", "calcium"),
            engine=engine,
            progress=False,
        )
        for engine in ("coreneuron", "numba")
    )
    times = [run.spikes.of("PC").times_ms for run in (ours, theirs)]
    is_equal = len(times[0]) == len(times[1])
    apart = np.abs(times[0] - times[1]).max() / STEP_MS if is_equal and len(times[0]) else np.nan
    soma_v = np.abs(ours.traces["soma_v"].values - theirs.traces["soma_v"].values)
    calcium, reference = (run.traces["calcium"].values for run in (ours, theirs))
    error = np.abs(calcium.astype(float) / reference - 1)
    return {
        "spikes": len(times[0]),
        "spikes_CoreNEURON": len(times[1]),
        "steps_apart": float(apart),
        "soma_v_max_mV": float(soma_v.max()),
        "soma_v_median_mV": float(np.median(soma_v)),
        "calcium_max": float(error.max()),
        "calcium_median": float(np.median(error)),
    }


def summarize(rows):
    """One line for each cell and level."""
    table = pd.DataFrame(rows)
    table["is_equal"] = (table["spikes"] == table["spikes_CoreNEURON"]) & (
        table["steps_apart"] < 0.5
    )
    return table.groupby(["cell", "level"]).agg(
        runs=("trial", "size"),
        spikes=("spikes", "sum"),
        equal=("is_equal", "sum"),
        soma_v_max_mV=("soma_v_max_mV", "max"),
        soma_v_median_mV=("soma_v_median_mV", "median"),
        calcium_max=("calcium_max", "max"),
        calcium_median=("calcium_median", "median"),
    )


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--levels", type=int, nargs="+", default=[0, 8])
    parser.add_argument("--save", type=Path, nargs="?", const=RESULTS)
    arguments = parser.parse_args()
    file = arguments.save
    rows = json.loads(file.read_text()) if file and file.exists() else []
    done = {(row["cell"], row["level"], row["trial"]) for row in rows}
    network, cells = cb.generate_network(seed=0), load_cells()
    for trial in range(1, arguments.trials + 1):
        for name, morphology in cells.items():
            for level in arguments.levels:
                if (name, level, trial) in done:
                    continue
                row = {"cell": name, "level": level, "trial": trial}
                rows.append(row | compare(network, morphology, level, trial))
                print(rows[-1], flush=True)
                if file:
                    file.write_text(json.dumps(rows, indent=1) + "\n")
    print(summarize(rows).to_string())


if __name__ == "__main__":
    main()
