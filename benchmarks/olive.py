"""Time the olivocerebellar loop: real time, ns per synaptic event, time of each part.

Usage: uv run python benchmarks/olive.py [--seconds 100] [--long] [--large] [--figures]
           [--save [FILE]]

Everything of the default recording is on. --long adds 1000 s at 0.1 ms, --large the circuit of 10
and of 100 times the size, --figures the figure of 1000 s. --save stores the numbers in
results/olive.json. All runs follow one another; since other work on the machine
slows them down, the fastest of several equal runs counts.
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

from cerebella.compiled.engine import Numba
from cerebella.machine import peak_memory_MB
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.numba_integrator import NumbaIntegrator, _draw_pf, _noise
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.inputs import input_rates
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.simulate import simulate_olive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

RESULTS = Path(__file__).parent / "results" / "olive.json"


def parameters_of(dt_ms, scale=1.0):
    return apply_settings(OliveParameters(), [f"time_step_ms={dt_ms}", f"circuit.scale={scale}"])


def events_per_second(run):
    """Synaptic events that arrive in a simulated second, from rates and fan-outs."""
    circuit = run.manifest["parameters"]["circuit"]
    n = {name: population.n_cells for name, population in run.populations.items()}
    seconds = run.duration_ms / 1000
    rate = {x: len(run.of(x).times_ms) / seconds / max(1, len(run.of(x).recorded)) for x in n}
    pf = n["PC"] * circuit["pf_per_purkinje"] + n["BC"] * circuit["pf_per_bc"]
    return (
        pf * rate["PF"]
        + n["PC"] * (circuit["bc_per_purkinje"] * rate["BC"] + rate["IO"] + rate["PC"])
        + n["DCN"] * rate["MF"]
        + n["IO"] * rate["DCN"]
    )


def time_fastest(n_runs, *args, **options):
    """Return the fastest of some runs."""
    runs = [time_run(*args, **options) for _ in range(n_runs)]
    return min(runs, key=lambda run: run["wall_s"])


def time_run(dt_ms, seconds, engine, scale=1.0, record=None):
    """Run once and return its speed."""
    start = time.perf_counter(), time.process_time()
    run = simulate_olive(
        parameters_of(dt_ms, scale),
        duration_ms=1000.0 * seconds,
        engine=engine,
        record=record,
    )
    wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    events = events_per_second(run)
    return {
        "dt_ms": dt_ms,
        "scale": scale,
        "seconds": seconds,
        "wall_s": wall,
        "cpu_s": cpu,
        "times_real_time": seconds / wall,
        "times_real_time_of_cpu": seconds / cpu,
        "ns_per_event": 1e9 * cpu / seconds / events,
        "set_up_s": run.manifest["timings_s"]["set_up"],
        "peak_memory_MB": peak_memory_MB(),
        "engine": engine.name,
        **engine.settings(),
    }


def time_parts(dt_ms, repeats=20):
    """CPU milliseconds of each part of a simulated second, the least of several."""
    parameters = parameters_of(dt_ms)
    circuit, coefficients = wire_circuit(parameters, 0), derive_coefficients(parameters)
    model = Model(parameters, circuit, coefficients, 0, VoltageRequest(1000, {}))
    engine = NumbaIntegrator(model, initial_state(parameters, circuit, coefficients, 0))
    drive, n_steps = initial_drive(parameters), round(1000 / dt_ms)
    list(engine.blocks([Plan(n_steps, drive)]))
    rates = input_rates(drive, dt_ms)
    parts: dict[str, list[float]] = {"PF trains": [], "front": [], "noise": [], "back": []}
    for k in range(2, repeats + 2):
        first, plan = n_steps * (k - 1), Plan(n_steps * k, drive)
        fibers = engine._front_inputs.pf.copy()
        marks = [time.thread_time()]
        _draw_pf(model, fibers, rates, engine._front_logs["PF"], plan.stop)
        marks.append(time.thread_time())
        front = engine._front(plan)
        marks.append(time.thread_time())
        _noise(model, "IO", first, plan.stop)
        marks.append(time.thread_time())
        engine._back(front)
        marks.append(time.thread_time())
        for name, spent in zip(parts, np.diff(marks), strict=True):
            parts[name].append(1000 * spent)
    least = {name: min(values) for name, values in parts.items()}
    return {
        "PF trains": least["PF trains"],
        "PF→BC and basket cells": least["front"] - least["PF trains"],
        "noise of IO": least["noise"],
        "PF→PC, plasticity, PC, DCN, IO": least["back"] - least["noise"],
    }


def time_division_floor():
    """CPU milliseconds of the one division that each neuron needs in each of 10 000 steps."""
    from numba import njit

    @njit(error_model="numpy")
    def divide(x, y, n):
        for _ in range(n):
            for i in range(x.size):
                x[i] = y[i] / (1.0 + x[i])

    x, y = np.zeros(664), np.ones(664)
    divide(x, y, 1)
    spent = []
    for _ in range(10):
        start = time.thread_time()
        divide(x, y, 10_000)
        spent.append(time.thread_time() - start)
    return 1000 * min(spent)


def time_figure():
    """Seconds to analyze and draw 1000 s."""
    from cerebella.analysis.olive_balance import summarize_olive
    from cerebella.plots.olive import plot_olive
    from cerebella.plots.save import save_figure
    from cerebella.runs.load import load_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate_olive(parameters_of(1.0), out=folder / "run", duration_ms=1e6)
        start = time.perf_counter(), time.process_time()
        run = load_run(folder / "run")
        save_figure(plot_olive(run), folder / "run.png")
        summarize_olive(run)
        spikes = sum(len(run.of(x).times_ms) for x in ("PF", "PC", "DCN", "IO"))
        wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
        return {"figure_s": wall, "figure_cpu_s": cpu, "spikes": spikes}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=100.0)
    options.add_argument("--long", action="store_true")
    options.add_argument("--large", action="store_true")
    options.add_argument("--figures", action="store_true")
    options.add_argument("--save", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    asked = options.parse_args()
    simulate_olive(duration_ms=1000.0)  # compile, or load what is compiled
    report = {"machine": platform.processor() or platform.machine(), "load": os.getloadavg()[0]}
    report["runs"] = [
        time_fastest(5, dt, asked.seconds, Numba(threads))
        for dt in (1.0, 0.1)
        for threads in (1, 2)
    ]
    if asked.long:
        report["runs"] += [time_fastest(2, 0.1, 1000.0, Numba(threads)) for threads in (1, 2)]
    report["runs"] += [time_run(dt, 4 * dt, Numpy()) for dt in (1.0, 0.1)]
    if asked.large:
        few = ["BC=none", "PC=128"]
        simulate_olive(parameters_of(1.0, 10.0), duration_ms=10.0)  # compile lists
        report["runs"] += [
            time_fastest(3, 1.0, 20.0, Numba(threads), scale=10.0) for threads in (1, 2)
        ]
        report["runs"].append(time_run(1.0, 2.0, Numba(threads=1), scale=100.0, record=few))
    report["parts_ms_per_s"] = {str(dt): time_parts(dt) for dt in (1.0, 0.1)}
    report["division_floor_ms_per_s_at_0.1_ms"] = time_division_floor()
    if asked.figures:
        report["figures"] = time_figure()
    text = json.dumps(report, indent=2, ensure_ascii=False)
    print(text)
    if asked.save:
        asked.save.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
