"""Time the loop on a card: bits, ensembles, large circuits, phases, host. Fits in ten minutes.

Usage: pip install -e '.[gpu]' 'numba-cuda[cu13]' && python benchmarks/gpu.py [--save]
       NUMBA_ENABLE_CUDASIM=1 python benchmarks/gpu.py --only host    (needs no card)

Sizes that do not fit or would exceed the time limit are left out and named in the result. --save
writes results/gpu.json, with the name of the card. With --tiny and NUMBA_ENABLE_CUDASIM=1, all
parts run in numba's simulator, for a few steps of tiny circuits, against the engine numpy.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import LAUNCHES, Cuda, describe_card
from cerebella.compiled.engine import Numba
from cerebella.errors import CerebellaError
from cerebella.olive import integrate as loop
from cerebella.olive.engines.cuda import integrator as cuda_integrator
from cerebella.olive.engines.cuda import weighing
from cerebella.olive.engines.cuda.arrays import RINGS
from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.partial_run import started_run
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.recording import OliveRecording
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.simulate import request_of
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import NEURONS, derive_coefficients
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
    """Settings of circuits, steps of blocks, sizes, and the engine that gives the bits.

    `recorded` is the number of circuits of which the host's time is measured.
    """

    settings: tuple[str, ...]
    steps: Callable[[float, float], int]
    ensembles: tuple[int, ...]
    scales: tuple[tuple[float, float], ...]
    recorded: int
    reference: Numba | Numpy


FULL = Size(
    (),
    lambda seconds, dt_ms: round(1000 * seconds / dt_ms),
    (1, 32, 132, 264, 512),
    ((10, 1.0), (100, 0.1), (1000, 0.02)),
    128,
    Numba(threads=1),
)
FEW_STEPS = Size(TINY, lambda seconds, dt_ms: 3, (1, 2), ((0.25, 1.0), (0.5, 1.0)), 2, Numpy())

OF_RATES = OliveRecording(spikes={"IO": "all", "PC": 16}, voltages={})
"""What the experiment cf-rate records."""


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


def time_batch(size, n, dt_ms):
    """Times of an ensemble; see `time_block`."""
    members = loops(size, n, f"time_step_ms={dt_ms}", few=True)
    return [time_block(size, members, dt_ms)]


def time_large(size, scale, seconds):
    """Times of a large circuit by kind of launches, also in one block of threads if it fits."""
    members = loops(size, 1, "time_step_ms=1", f"circuit.scale={scale}", few=True)
    n_cells = sum(members[0][0].circuit.sizes[name] for name in NEURONS)
    rows = []
    if n_cells <= cuda_integrator.RESIDENT_CELLS:
        rows.append({"launches": "resident"} | time_block(size, members, 1, seconds))
    for launches in LAUNCHES:
        with patch.object(cuda_integrator, "RESIDENT_CELLS", 0):
            row = time_block(size, members, 1, seconds, launches=launches)
        rows.append({"launches": launches} | row)
    return rows


def time_block(size, members, dt_ms, seconds=1.0, **options):
    """Wall time of a block after the first, which compiles, and of a sample of weights."""
    models, states = zip(*members, strict=True)
    n, drive = len(members), initial_drive(models[0].parameters)
    start = time.perf_counter()
    batch = CudaBatch(models, states, **options)
    set_up_s, steps = time.perf_counter() - start, size.steps(seconds, dt_ms)
    asked = [(50, np.zeros(0, np.int64))] * n
    batch.advance([Plan(steps, drive)] * n)()
    batch.weight_samples(asked)
    start = time.perf_counter()
    finish = batch.advance([Plan(2 * steps, drive)] * n)
    block_s = time.perf_counter() - start
    finish()
    sort_s = time.perf_counter() - start - block_s
    start = time.perf_counter()
    batch.weight_samples(asked)
    sample_s = time.perf_counter() - start
    wall_s = block_s / (1e-3 * steps * dt_ms)
    return {
        "n": n,
        "dt_ms": dt_ms,
        "scale": models[0].parameters.circuit.scale,
        "set_up_s": set_up_s,
        "wall_s_per_s": wall_s,
        "us_per_step": 1e6 * block_s / steps,
        "sort_s": sort_s,
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

    with (
        patch.object(cuda_integrator, "launch_phases", launch),
        patch.object(cuda_integrator, "RESIDENT_CELLS", 0),
    ):
        batch.advance([Plan(min(steps, size.steps(1, 1)), initial_drive(model.parameters))])
    return [{"scale": scale} | {name: float(np.median(times)) for name, times in spent.items()}]


def time_host(size, n, dt_ms, seconds=6, repeats=3):
    """Processor time of the host, in µs for each circuit and second, without any kernel.

    Spikes of a second, made beforehand, are what leaves the card in each block. `record_us` is that
    of the thread that sorts and records, `rest_us` that of what the card waits for.
    """
    parameters = apply_settings(OliveParameters(), [*size.settings, f"time_step_ms={dt_ms}"])
    requests = [
        request_of(parameters, duration_ms=1e3 * seconds, trial=k, record=OF_RATES)
        for k in range(1, n + 1)
    ]
    keys, models = keys_of_a_second(size, requests[0]), loop.build_models(requests)
    counts = np.array([len(one) for one in keys], np.int32)
    spent: dict[str, list[float]] = {}

    def timed(name, function):
        def call(*arguments, **options):
            start = time.thread_time()
            found = function(*arguments, **options)
            spent.setdefault(name, []).append(time.thread_time() - start)
            return found

        return call

    def launch(kernels, arrays, first, stop, threads):
        out, starts = np.zeros(arrays.out.shape, np.int64), arrays.out_first.copy_to_host()
        for start, one in zip(starts, keys, strict=False):
            out[start : start + len(one)] = one[:, np.newaxis]
        arrays.out.copy_to_device(out)
        arrays.n_out.copy_to_device(np.tile(counts, (n, 1)))

    replaced = [
        patch.object(cuda_integrator, "launch_resident", timed("made", launch)),
        patch.object(weighing, "weighing_kernel", lambda shape: NoWeighing()),
        patch.object(CudaBatch, "advance", timed("rest", CudaBatch.advance)),
        patch.object(CudaBatch, "weight_samples", timed("weigh", CudaBatch.weight_samples)),
        patch.object(loop, "_record", timed("record", loop._record)),
    ]
    found = []
    for _ in range(repeats):
        spent.clear()
        with ExitStack() as stack:
            for one in replaced:
                stack.enter_context(one)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            members = []
            for k, (request, model) in enumerate(zip(requests, models, strict=True)):
                begun = started_run(folder / str(k), request, resume=False, force=False)
                stack.enter_context(begun)
                members.append(loop.Member(folder / str(k), request, model))
            loop.integrate(members, Cuda(), 1e9, lambda now: None, start=time.perf_counter())
        us = {name: 1e6 * float(np.mean(times[1:])) / n for name, times in spent.items()}
        found.append((us["record"], us["rest"] + us["weigh"] - us["made"]))
    record_us, rest_us = map(min, zip(*found, strict=True))
    return [{"n": n, "dt_ms": dt_ms, "record_us": record_us, "rest_us": rest_us}]


class NoWeighing:
    """A kernel that leaves a weight of 0 in each bin."""

    def __getitem__(self, blocks_and_threads):
        return self

    def __call__(self, weights, where, wirings, bins, synapses, histogram, sums, chosen):
        histogram.copy_to_device(np.ones(histogram.shape, np.int64))


def keys_of_a_second(size, request):
    """Recorded spikes of a second by population, in the order of steps but not of cells."""
    (model,), found = loop.build_models([request]), []
    n_steps = size.steps(1, request.parameters.time_step_ms)
    state = initial_state(model.parameters, model.circuit, model.coefficients, model.seed)
    reference, rng = integrator_of(size.reference, model, state), np.random.default_rng(0)
    (block,) = reference.blocks([Plan(n_steps, initial_drive(model.parameters))])
    for name in RINGS:
        spikes, kept = block.spikes[name], model.recorded.get(name)
        steps = np.repeat(np.arange(n_steps), np.diff(spikes.offsets))
        keys = steps * model.circuit.sizes[name] + spikes.ids
        order = np.lexsort((rng.random(len(keys)), steps))
        leave = kept is None or name == "IO" or np.isin(spikes.ids[order], kept)
        found.append(keys[order][leave].ravel())
    return found


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
        ("large", f"scale {scale}", time_large, (size, scale, seconds))
        for scale, seconds in size.scales
    ]
    phases = [
        ("phases", f"phases, scale {scale}", time_phases, (size, scale)) for scale, _ in size.scales
    ]
    host = [
        ("host", f"host, {size.recorded} at {dt} ms", time_host, (size, size.recorded, dt))
        for dt in (1, 0.1)
    ]
    return [
        *bits[:2], *ensembles, *large[:2], *phases[:2], *bits[2:], *host, *large[2:], *phases[2:],
    ]  # fmt: skip


def main(arguments=None):
    """Run all parts that the time allows, print and return their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="a few steps of tiny circuits")
    parser.add_argument("--only", metavar="KIND", help="bits, ensembles, large, phases or host")
    options = parser.parse_args(arguments)
    try:
        card = describe_card()
    except CerebellaError as error:
        raise SystemExit(str(error)) from None
    start = time.perf_counter()
    results: dict[str, Any] = {"card": card, "bits": {}, "left_out": []}
    for kind, name, function, values in jobs_of(FEW_STEPS if options.tiny else FULL):
        if options.only not in (None, kind):
            continue
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
            results.setdefault(kind, []).extend(found)
        print(name, found, flush=True)
    print("\n".join(results["left_out"]))
    if options.save:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return results


if __name__ == "__main__":
    main()
