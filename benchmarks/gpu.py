"""Time the loop on a card: bits, ensembles, large circuits, and phases. Fits in ten minutes.

Usage: pip install -e '.[gpu]' 'numba-cuda[cu13]' && python benchmarks/gpu.py [--save]

Sizes that do not fit or would exceed the time limit are left out and named in the result. --save
writes results/gpu.json, with the name of the card.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from cerebella.compiled.device import describe_card
from cerebella.compiled.engine import Numba
from cerebella.errors import CerebellaError
from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

RESULTS = Path(__file__).parent / "results" / "gpu.json"
LIMIT_S = 420.0
FEW = {"PF": 0, "BC": 0, "PC": 16}


def loops(n, *settings, few=False):
    """Models of one wiring and their states, with a seed each."""
    parameters = apply_settings(OliveParameters(), list(settings))
    circuit, coefficients = wire_circuit(parameters, 0), derive_coefficients(parameters)
    recorded = {name: np.arange(count, dtype=np.int32) for name, count in FEW.items()}
    pairs = []
    for seed in range(n):
        voltages = VoltageRequest(1000, {})
        kept = recorded if few else {}
        model = Model(parameters, circuit, coefficients, seed, voltages, kept)
        pairs.append((model, initial_state(parameters, circuit, coefficients, seed)))
    return pairs


def plan(model, seconds):
    steps = round(1000 * seconds / model.parameters.time_step_ms)
    return Plan(steps, initial_drive(model.parameters))


def check_bits(dt_ms, rule, seconds=5):
    """Whether spikes and state equal those of numba, which equal those of numpy."""
    ((model, state),) = loops(1, f"time_step_ms={dt_ms}", f"plasticity.rule={rule}")
    card = CudaIntegrator(CudaBatch([model], [state]))
    processor = integrator_of(Numba(threads=1), model, state)
    plans = [plan(model, second) for second in range(1, seconds + 1)]
    same = all(
        np.array_equal(mine.spikes[name].ids, theirs.spikes[name].ids)
        for mine, theirs in zip(card.blocks(plans), processor.blocks(plans), strict=True)
        for name in mine.spikes
    )
    mine, theirs = card.state().to_arrays(), processor.state().to_arrays()
    return same and all(np.array_equal(mine[name], theirs[name]) for name in mine)


def time_batch(n, dt_ms, scale=1.0, seconds=1):
    """Wall time of each simulated second after the first, which compiles."""
    members = loops(n, f"time_step_ms={dt_ms}", f"circuit.scale={scale}", few=True)
    start = time.perf_counter()
    batch = CudaBatch([model for model, _ in members], [state for _, state in members])
    set_up_s = time.perf_counter() - start
    batch.advance([plan(model, seconds) for model, _ in members])
    start = time.perf_counter()
    batch.advance([plan(model, 2 * seconds) for model, _ in members])
    wall_s = (time.perf_counter() - start) / seconds
    return {
        "n": n,
        "dt_ms": dt_ms,
        "scale": scale,
        "set_up_s": set_up_s,
        "wall_s_per_s": wall_s,
        "us_per_step": 1e3 * wall_s * dt_ms,
        "times_real_time_together": n / wall_s,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true")
    save = parser.parse_args().save
    try:
        card = describe_card()
    except CerebellaError as error:
        raise SystemExit(str(error)) from None
    start = time.perf_counter()
    results: dict[str, Any] = {
        "card": card,
        "bits": {},
        "ensembles": [],
        "large": [],
        "left_out": [],
    }
    jobs: list[tuple[str, str, Any, tuple[Any, ...]]] = []
    for dt in (1, 0.1):
        for rule in ("conjunctive", "pair", "off"):
            jobs.append((f"{dt} ms, {rule}", "bits", check_bits, (dt, rule)))
    for dt in (1, 0.1):
        for n in (1, 32, 132, 264, 512):
            jobs.append((f"{n} at {dt} ms", "ensembles", time_batch, (n, dt)))
    jobs += [
        (f"scale {scale}", "large", time_batch, (1, 1, scale, seconds))
        for scale, seconds in ((10, 1), (100, 0.1), (1000, 0.02))
    ]
    for name, kind, function, arguments in jobs:
        if time.perf_counter() - start > LIMIT_S:
            results["left_out"].append(f"{name}: no time left")
            continue
        try:
            found = function(*arguments)
        except (CerebellaError, MemoryError) as error:
            results["left_out"].append(f"{name}: {error}")
            continue
        if kind == "bits":
            results[kind][name] = bool(found)
        else:
            results[kind].append(found)
        print(name, found, flush=True)
    if save:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
