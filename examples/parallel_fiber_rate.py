"""A sweep with an own measure: the rate of parallel fibers, with and without MLI2→MLI1 synapses.

How high are the rates of MLI1s, and how much do their spike counts vary from cell to cell? For
three rates of the parallel fibers, two weights of the MLI2→MLI1 synapses and two seeds.

Run: uv run python examples/parallel_fiber_rate.py
Makes parallel_fiber_rate.png in the current folder; takes some seconds.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import cerebella as cb


def fano_factor(run: cb.Run) -> float:
    """Return variance over mean of the spike counts of MLI1s."""
    spikes = run.of("MLI1")
    counts = np.bincount(spikes.cells, minlength=len(spikes.recorded))
    return counts.var() / counts.mean()


# A folder that is kept can be extended by further values, and resumed.
with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
    result = cb.sweep(
        folder,
        "mli",
        {"connections.pf_rate_Hz": "log:2:8:3", "w2_pS": [0, 70], "seed": "1-2"},
        measures=["MLI1_rate_Hz", fano_factor],
        network=cb.generate_network(seed=1, scale=0.3),
        duration_ms=200,
        executor=threads,
    )

print(result.summary.to_string(index=False))
labels = result.labels | {"fano_factor": "Fano factor of MLI1"}
figure = cb.plot_sweep(result.table, result.variables, labels)
print("Saved", cb.save_figure(figure, "parallel_fiber_rate.png"))
