"""The processor for which code is compiled: this one, or another one by numba's variables."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_NAMES = ("vendor_id", "cpu family", "model", "stepping")


@cache
def target_processor() -> tuple[str, str]:
    """Return name and instruction sets of the processor; the latter as LLVM writes them.

    On Linux on x86-64, both are those of the kernel, so that LLVM is not loaded.
    """
    name, features = (os.environ.get(f"NUMBA_CPU_{part}") for part in ("NAME", "FEATURES"))
    if name and features is not None:
        return name, features
    own_name, own_features = _of_kernel() or _of_llvm()
    return name or own_name, own_features if features is None else features


def register_bytes() -> int:
    """Return the size of a register of SIMD: 64 with AVX-512, and 32 otherwise.

    Processors with smaller registers use two for one. Layout of memory and compilation both follow
    this number, and LLVM splits or joins registers where it disagrees.
    """
    return 64 if "+avx512f" in target_processor()[1].split(",") else 32


def _of_kernel() -> tuple[str, str] | None:
    """Return name and instruction sets of the first processor; None if Linux does not name them."""
    lines: list[str] = []
    with suppress(OSError):
        lines = _CPUINFO.read_text(errors="replace").split("\n\n", 1)[0].splitlines()
    found = {key.strip(): value.strip() for key, _, value in (one.partition(":") for one in lines)}
    if not {*_NAMES, "flags"} <= found.keys():
        return None
    flags = ",".join(f"+{flag}" for flag in sorted(found["flags"].split()))
    return " ".join(found[name] for name in _NAMES), flags


def _of_llvm() -> tuple[str, str]:
    from llvmlite import binding

    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
