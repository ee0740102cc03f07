"""Compile the kernels of the loop for cards, without one, and print what they use as JSON.

Usage: NUMBA_ENABLE_CUDASIM=0 python compiled_kernels.py RULE CAPABILITY, such as conjunctive 9.0
"""

from __future__ import annotations

import json
import re
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
from cuda.bindings import nvjitlink  # type: ignore[import-not-found]
from numba import from_dtype, types
from numba.cuda import dispatcher
from numba.cuda.cudadrv.libs import get_cudalib

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import card_target
from cerebella.olive.engines.cuda.arrays import TYPES, Circuits
from cerebella.olive.engines.cuda.conversion import structure_of
from cerebella.olive.engines.cuda.kernels import REGISTERS_OF_A_THREAD, kernels_of
from cerebella.olive.engines.cuda.rule_functions import changes_of
from cerebella.olive.engines.cuda.weighing import weighing_kernel
from cerebella.olive.engines.engine import Model, VoltageRequest
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings


def default_kernels(rule):
    """Return the kernels of the default circuit, and that which samples weights."""
    parameters = apply_settings(OliveParameters(), ["time_step_ms=1", f"plasticity.rule={rule}"])
    coefficients = derive_coefficients(parameters)
    model = Model(parameters, wire_circuit(parameters, 0), coefficients, 0, VoltageRequest(1, {}))
    shape = structure_of([model])
    return kernels_of(shape, changes_of(coefficients.rule, card_target())), weighing_kernel(shape)


def compiled(kernel, arguments, capability):
    """Return the text of a kernel for cards of a compute capability."""
    return cuda.compile_ptx(kernel.py_func, arguments, cc=capability)[0]


def used(ptx, capability):
    """Return registers, spills and shared memory in bytes, as assembled and linked for a card."""
    major, minor = capability
    options = [
        f"-arch=sm_{major}{minor}",
        "-verbose",
        "-Xptxas=-v",
        f"-maxrregcount={REGISTERS_OF_A_THREAD}",
    ]
    linker = nvjitlink.create(len(options), options)
    text = ptx.encode() + b"\0"
    nvjitlink.add_data(linker, nvjitlink.InputType.PTX, text, len(text), "kernel")
    if "cudaCG" in ptx:  # barriers of a cooperative grid
        nvjitlink.add_file(linker, nvjitlink.InputType.LIBRARY, get_cudalib("cudadevrt", True))
    nvjitlink.complete(linker)
    log = bytearray(nvjitlink.get_info_log_size(linker))
    nvjitlink.get_info_log(linker, log)
    report = log.decode()
    return {
        name: max(map(int, re.findall(pattern, report)), default=0)
        for name, pattern in {
            "registers": r"used (\d+) registers",
            "spilled_bytes": r"(\d+) bytes spill stores",
            "shared_bytes": r"(\d+) bytes smem",
        }.items()
    }


def main(rule, capability):
    """Print the products and sums that are fused, by kernel, and what those of many steps use."""
    # Compilation asks the card at hand for its compute capability.
    card = SimpleNamespace(compute_capability=capability)
    module: Any = dispatcher
    module.get_current_device = lambda: card
    arrays = [types.Array(from_dtype(np.dtype(kind)), n, "C") for kind, n in TYPES.values()]
    of_field = dict(zip(TYPES, arrays, strict=True))
    circuits = types.NamedTuple([of_field[name] for name in Circuits._fields], Circuits)
    kernels, weighing = default_kernels(rule)
    of_steps = {"resident": kernels.resident, "cooperative": kernels.cooperative}
    long = {
        name: compiled(kernel, (circuits, types.int64, types.int64), capability)
        for name, kernel in of_steps.items()
    }
    texts = long | {
        name: compiled(kernel, (circuits, types.int64), capability)
        for name, kernel in kernels.phases.items()
    }
    whole, half = (
        [types.Array(kind, n, "C") for n in (1, 2, 3)] for kind in (types.int64, types.int32)
    )
    of_samples = (half[1], half[1], whole[0], types.float64, whole[1], whole[1], whole[2], half[1])
    texts["weighing"] = compiled(weighing, of_samples, capability)
    fused = {name: len(re.findall(r"\bfma\.\w+\.f(?:32|64)", ptx)) for name, ptx in texts.items()}
    products = len(re.findall(r"\bmul\.rn\.f64", long["resident"]))
    resources = {name: used(ptx, capability) for name, ptx in long.items()}
    print(json.dumps({"used": resources, "fused": fused, "products": products}))


if __name__ == "__main__":
    main(sys.argv[1], tuple(map(int, sys.argv[2].split("."))))
