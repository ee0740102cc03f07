"""The processor for which code is compiled: this one, or another one by numba's variables."""

from __future__ import annotations

import os
from functools import cache


@cache
def target_processor() -> tuple[str, str]:
    """Return name and instruction sets of the processor, as LLVM writes them."""
    from llvmlite import binding

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return name, features


def register_bytes() -> int:
    """Return the size of a register of SIMD: 64 with AVX-512, and 32 otherwise.

    Processors with smaller registers use two for one.
    """
    return 64 if "+avx512f" in target_processor()[1].split(",") else 32
