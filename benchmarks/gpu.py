"""Time the loop on a card: bits, ensembles, large circuits, and phases. Fits in ten minutes.

Usage: pip install -e '.[gpu]' 'numba-cuda[cu13]' && python benchmarks/gpu.py [--save]

Sizes that do not fit or would exceed the time limit are left out and named in the result. --save
writes results/gpu.json, with the name of the card. With --tiny and NUMBA_ENABLE_CUDASIM=1, all
parts run in numba's simulator, for a few steps of tiny circuits, against the engine numpy.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import describe_card
from cerebella.compiled.engine import Numba
from cerebella.errors import CerebellaError
from cerebella.olive.engines.cuda import integrator as cuda_integrator
from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

RESULTS = Path(__file__).parent / "results" / "gpu.json"
LIMIT_S = 420.0
FEW = {"PF": 0, "BC": 0, "PC": 4}
TINY = (
    "circuit.scale=0.25",
    "circuit.pf_per_zone=32",
    "circuit.bc_per_zone=8",
    "circuit.purkinje_per_zone=4",
    "circuit.purkinje_per_dcn=4",
    "circuit.pf_per_purkinje=24",
    "circuit.pf_per_bc=16",
    "circuit.bc_per_purkinje=8",
)


class Size(NamedTuple):
    """Settings of circuits, steps of blocks, sizes, and the engine that gives the bits."""

    settings: tuple[str, ...]
    steps: Callable[[float, float], int]
    ensembles: tuple[int, ...]
    scales: tuple[tuple[float, float], ...]
    reference: Numba | Numpy


FULL = Size(
    (),
    lambda seconds, dt_ms: round(1000 * seconds / dt_ms),
    (1, 32, 132, 264, 512),
    ((10, 1.0), (100, 0.1), (1000, 0.02)),
    Numba(threads=1),
)
FEW_STEPS = Size(TINY, lambda seconds, dt_ms: 3, (1, 2), ((0.25, 1.0), (0.5, 1.0)), Numpy())


def gain(since_cf_ms, ltp, slow_ms):
    """Potentiation that grows with the time since a CF spike."""
    return ltp * since_cf_ms / (since_cf_ms + slow_ms) if since_cf_ms < 1e9 else ltp


def loss(since_pf_ms, ltd, width_ms):
    """Depression by PF spikes before a CF spike."""
    return -ltd if since_pf_ms < width_ms else 0.0


OWN = PlasticityRule(
    name="own",
    on_pf=gain,
    on_cf=loss,
    memory_ms=100.0,
    parameters={"ltp": 3e-4, "slow_ms": 50.0, "ltd": 0.003, "width_ms": 60.0},
)


def loops(size, n, *settings, few=False, rule=None):
    """Models of one wiring and their states, with a seed each."""
    parameters = apply_settings(OliveParameters(), [*size.settings, *settings])
    circuit, coefficients = wire_circuit(parameters, 0), derive_coefficients(parameters, rule)
    recorded = {name: np.arange(count, dtype=np.int32) for name, count in FEW.items()}
    pairs = []
    for seed in range(n):
        voltages = VoltageRequest(1000, {})
        kept = recorded if few else {}
        model = Model(parameters, circuit, coefficients, seed, voltages, kept)
        pairs.append((model, initial_state(parameters, circuit, coefficients, seed)))
    return pairs


def check_bits(size, dt_ms, rule, blocks=5):
    """Whether spikes and state equal those on a processor, whose engines give the same bits."""
    own, name = (rule, "conjunctive") if isinstance(rule, PlasticityRule) else (None, rule)
    settings = f"time_step_ms={dt_ms}", f"plasticity.rule={name}"
    ((model, state),) = loops(size, 1, *settings, rule=own)
    card = CudaIntegrator(CudaBatch([model], [state]))
    processor = integrator_of(size.reference, model, state)
    drive = initial_drive(model.parameters)
    plans = [Plan(size.steps(1, dt_ms) * block, drive) for block in range(1, blocks + 1)]
    same = all(
        np.array_equal(mine.spikes[name].ids, theirs.spikes[name].ids)
        for mine, theirs in zip(card.blocks(plans), processor.blocks(plans), strict=True)
        for name in mine.spikes
    )
    mine, theirs = card.state().to_arrays(), processor.state().to_arrays()
    return bool(same and all(np.array_equal(mine[name], theirs[name]) for name in mine))


def time_batch(size, n, dt_ms, scale=None, seconds=1.0):
    """Wall time of a block after the first, which compiles, and of a sample of weights."""
    scaled = () if scale is None else (f"circuit.scale={scale}",)
    members = loops(size, n, f"time_step_ms={dt_ms}", *scaled, few=True)
    start = time.perf_counter()
    batch = CudaBatch([model for model, _ in members], [state for _, state in members])
    set_up_s, steps = time.perf_counter() - start, size.steps(seconds, dt_ms)
    drive, no_synapses = initial_drive(members[0][0].parameters), np.zeros(0, np.int64)
    batch.advance([Plan(steps, drive)] * n)()
    batch.weight_samples([(50, no_synapses)] * n)
    start = time.perf_counter()
    batch.advance([Plan(2 * steps, drive)] * n)()
    block_s = time.perf_counter() - start
    start = time.perf_counter()
    batch.weight_samples([(50, no_synapses)] * n)
    sample_s = time.perf_counter() - start
    wall_s = block_s / (1e-3 * steps * dt_ms)
    return {
        "n": n,
        "dt_ms": dt_ms,
        "scale": members[0][0].parameters.circuit.scale,
        "set_up_s": set_up_s,
        "wall_s_per_s": wall_s,
        "us_per_step": 1e6 * block_s / steps,
        "weight_sample_s": sample_s,
        "times_real_time_together": n / wall_s,
    }


def time_phases(size, scale, steps=100):
    """Time of each launch of a step of a large circuit, in µs, waiting for each."""
    ((model, state),) = loops(size, 1, "time_step_ms=1", f"circuit.scale={scale}", few=True)
    batch, spent = CudaBatch([model], [state]), {}

    def launch(kernels, shape, arrays, first, stop, blocks, threads):
        for step in range(first, stop):
            for name, kernel in kernels.phases.items():
                start = time.perf_counter()
                kernel[blocks, threads](arrays, step)
                cuda.synchronize()
                spent.setdefault(name, []).append(1e6 * (time.perf_counter() - start))

    usual = cuda_integrator.launch_phases, cuda_integrator.RESIDENT_CELLS
    cuda_integrator.launch_phases, cuda_integrator.RESIDENT_CELLS = launch, 0
    try:
        batch.advance([Plan(min(steps, size.steps(1, 1)), initial_drive(model.parameters))])
    finally:
        cuda_integrator.launch_phases, cuda_integrator.RESIDENT_CELLS = usual
    return {"scale": scale} | {name: float(np.median(times)) for name, times in spent.items()}


def jobs_of(size):
    """Return (kind, name, function, arguments), the most important ones first."""
    bits = [
        ("bits", f"{dt} ms, {getattr(rule, 'name', rule)}", check_bits, (size, dt, rule))
        for rule in ("conjunctive", "pair", "off", OWN)
        for dt in (1, 0.1)
    ]
    ensembles = [
        ("ensembles", f"{n} at {dt} ms", time_batch, (size, n, dt))
        for dt in (1, 0.1)
        for n in size.ensembles
    ]
    large = [
        ("large", f"scale {scale}", time_batch, (size, 1, 1, scale, seconds))
        for scale, seconds in size.scales
    ]
    phases = [
        ("phases", f"phases, scale {scale}", time_phases, (size, scale)) for scale, _ in size.scales
    ]
    return [*bits[:2], *ensembles, *large[:2], *phases[:2], *bits[2:], *large[2:], *phases[2:]]


def main(arguments=None):
    """Run all parts that the time allows, print and return their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="a few steps of tiny circuits")
    options = parser.parse_args(arguments)
    try:
        card = describe_card()
    except CerebellaError as error:
        raise SystemExit(str(error)) from None
    start = time.perf_counter()
    results: dict[str, Any] = {"card": card, "bits": {}, "left_out": []}
    for kind, name, function, values in jobs_of(FEW_STEPS if options.tiny else FULL):
        if time.perf_counter() - start > LIMIT_S:
            results["left_out"].append(f"{name}: no time left")
            continue
        try:
            found = function(*values)
        except (CerebellaError, MemoryError) as error:
            results["left_out"].append(f"{name}: {error}")
            continue
        if kind == "bits":
            results[kind][name] = found
        else:
            results.setdefault(kind, []).append(found)
        print(name, found, flush=True)
    print("\n".join(results["left_out"]))
    if options.save:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return results


if __name__ == "__main__":
    main()
