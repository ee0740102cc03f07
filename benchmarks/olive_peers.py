"""The loop side by side with its peers: processor time for a synaptic event, and rates.

Usage: uv run python benchmarks/olive_peers.py [--seconds 10] [--dt 1 0.1] [--save [FILE]]
       [--brian2-python PYTHON] [--nest-python PYTHON]

The common model is PF, BC and PC with PF→BC, PF→PC without plasticity and BC→PC; wiring,
weights and PF spikes are the same in all. Peers have environments of their own: those of uv, made
when they are missing, or a given Python. A peer that cannot be installed is skipped with a message.
Brian2 compiles C++ and needs g++. Ours draws its PF spikes; the peers receive them as input. All
use one thread, one after the other in one run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.simulate import simulate_olive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "olive_peers.json"
ENVIRONMENTS = {
    "brian2": ["--with", "brian2>=2.9", "--with", "numpy<2.4"],
    "nest": ["--with", "nest-simulator>=3.10"],
}
CLASSES = ("pf_bc", "pf_purkinje", "bc_purkinje")
LOOP = frozenset({"cf_purkinje", "purkinje_dcn", "mf_dcn", "dcn_io"})


def common_model(dt_ms):
    """Return the model with everything but PF, BC and PC cut off, and its drive."""
    settings = [f"time_step_ms={dt_ms}", "plasticity.rule=off", "plasticity.initial_weight=0.37"]
    parameters = apply_settings(OliveParameters(), [*settings, "io.noise_mV=0"])
    circuit, coefficients = wire_circuit(parameters, 0), derive_coefficients(parameters)
    model = Model(parameters, circuit, coefficients, 0, VoltageRequest(1, {}))
    return model, replace(initial_drive(parameters), mf_rate_Hz=0.0, cut=LOOP)


def time_ours(dt_ms, seconds, engine):
    """Return processor seconds for a simulated second after the first, rates, and PF spikes."""
    model, drive = common_model(dt_ms)
    state = initial_state(model.parameters, model.circuit, model.coefficients, 0)
    integrator, second = integrator_of(engine, model, state), round(1000 / dt_ms)
    n_blocks = max(1, round(seconds))
    last = round(seconds * second)
    ends = [second, *(second + last * k // n_blocks for k in range(1, n_blocks + 1))]
    blocks, start = [], 0.0
    for block in integrator.blocks(Plan(end, drive) for end in ends):
        blocks.append(block)
        if len(blocks) == 1:
            start = time.process_time()
    spent = time.process_time() - start
    rates = {
        name: sum(len(x.spikes[name].ids) for x in blocks[1:]) / seconds / model.circuit.sizes[name]
        for name in ("PF", "BC", "PC")
    }
    steps = [
        block.first + np.repeat(np.arange(len(o) - 1), np.diff(o))
        for block in blocks
        for o in [block.spikes["PF"].offsets]
    ]
    pf = np.concatenate(steps), np.concatenate([block.spikes["PF"].ids for block in blocks])
    return {
        "peer": f"cerebella, {engine.name}",
        "cpu_s_per_s": spent / seconds,
        "rates_Hz": rates,
    }, pf


def time_whole_loop(dt_ms, seconds):
    """Return the same of the full model with plasticity and the default recording."""
    parameters = apply_settings(OliveParameters(), [f"time_step_ms={dt_ms}"])
    marks, rates = [], {}
    for length in (1.0, 1.0 + seconds):
        start = time.process_time()
        run = simulate_olive(parameters, duration_ms=1000 * length, engine=Numba(threads=1))
        marks.append(time.process_time() - start)
        rates = {
            name: len(run.of(name).times_ms) / length / max(1, len(run.of(name).recorded))
            for name in run.populations
        }
    return {
        "peer": "cerebella, numba, whole loop, plasticity, recording",
        "cpu_s_per_s": (marks[1] - marks[0]) / seconds,
        "rates_Hz": rates,
    }


def write_common(path, dt_ms, seconds, pf, rates_Hz):
    """Write the input of peers: wiring, weights, constants of cells and synapses, PF spikes."""
    model, _ = common_model(dt_ms)
    parameters, circuit, coefficients = model.parameters, model.circuit, model.coefficients
    arrays = {"dt_ms": dt_ms, "seconds": seconds, "pf_steps": pf[0], "pf_ids": pf[1]}
    for name in ("PF", "BC", "PC"):
        arrays[f"n_{name}"] = circuit.sizes[name]
    for name in ("BC", "PC"):
        cell = parameters.neuron(name)
        values = {
            "leak": cell.leak_per_ms,
            "leak_reversal": cell.leak_reversal_mV,
            "threshold": cell.threshold_mV,
            "threshold_tau": cell.threshold_tau_ms,
            "threshold_max": cell.threshold_max_mV,
            "reset": cell.reset_mV,
            "refractory": coefficients.cells[name].hold_steps * dt_ms,
            "mean_interval": 1000 / rates_Hz[name],
        }
        arrays[name] = json.dumps(values)
    factors = {
        "pf_bc": circuit.pf_bc_factor,
        "pf_purkinje": np.float64(parameters.plasticity.initial_weight),
        "bc_purkinje": circuit.bc_purkinje_factor,
    }
    for name in CLASSES:
        synapse = getattr(parameters.synapses, name)
        arrays[f"tau_{name}"] = synapse.tau_ms
        arrays[f"weight_{name}"] = synapse.weight_per_ms * factors[name]
        arrays[f"k_{name}"] = coefficients.synapses[name].jump / synapse.weight_per_ms
    wiring = {
        name: getattr(circuit, name) for name in ("pf_of_bc", "pf_of_purkinje", "bc_of_purkinje")
    }
    np.savez(path, **arrays, **wiring)


def time_peer(name, common, python):
    """Run the script of a peer, or say why not."""
    start = [python] if python else ["uv", "run", "--no-project", *ENVIRONMENTS[name], "python"]
    script = HERE / "peers" / f"{name}_loop.py"
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    try:
        done = subprocess.run(
            [*start, script, common], capture_output=True, text=True, env=environment, check=False
        )
    except OSError as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        return None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"{name} is left out: {reason}. See --{name}-python", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def events_per_second(rates_Hz, sizes):
    """Return the synaptic events of a simulated second, those of PF, BC and PC."""
    return (
        rates_Hz["PF"] * (512 * sizes["BC"] + 1024 * sizes["PC"])
        + rates_Hz["BC"] * 128 * sizes["PC"]
    )


def compare(dt_ms, seconds, pythons):
    """Return a report on each peer, ours first."""
    ours, pf = time_ours(dt_ms, seconds, Numba(threads=1))
    sizes = common_model(dt_ms)[0].circuit.sizes
    with tempfile.TemporaryDirectory() as folder:
        common = Path(folder) / "common.npz"
        write_common(common, dt_ms, seconds, pf, ours["rates_Hz"])
        peers = [time_peer(name, common, python) for name, python in pythons.items()]
    plain, _ = time_ours(dt_ms, max(0.2, seconds * dt_ms / 10), Numpy())
    reports = [time_whole_loop(dt_ms, seconds), ours, *(x for x in peers if x), plain]
    for report in reports:
        given = {"PF": ours["rates_Hz"]["PF"]} | report["rates_Hz"]
        events = events_per_second(given, sizes)
        report["ns_per_event"] = 1e9 * report["cpu_s_per_s"] / events
        report["times_real_time_by_cpu"] = 1 / report["cpu_s_per_s"]
    return reports


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--dt", type=float, nargs="+", default=[1.0, 0.1])
    options.add_argument("--brian2-python", help="a Python that has Brian2")
    options.add_argument("--nest-python", help="a Python that has NEST")
    options.add_argument("--save", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    asked = options.parse_args()
    pythons = {"brian2": asked.brian2_python, "nest": asked.nest_python}
    simulate_olive(duration_ms=100.0, engine=Numba(threads=1))  # compile, or load what is compiled
    report = {"load": os.getloadavg()[0], "by_dt_ms": {}}
    for dt_ms in asked.dt:
        rows = report["by_dt_ms"][str(dt_ms)] = compare(dt_ms, asked.seconds, pythons)
        print(f"dt {dt_ms:g} ms")
        for row in rows:
            rates = ", ".join(f"{x} {rate:.4g}" for x, rate in row["rates_Hz"].items())
            print(
                f"  {row['peer']:52} {row['ns_per_event']:8.2f} ns/event "
                f"{row['times_real_time_by_cpu']:8.3g} x real time   {rates} Hz"
            )
    if asked.save:
        asked.save.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
