"""Calls of the compiled functions of a rule of plasticity."""

from __future__ import annotations

from numba import types

from cerebella.compiled.pointers import caller_of

CHANGE = types.boolean(
    types.Array(types.int32, 1, "C"),
    types.int64,
    types.int64,
    types.float64,
    types.float64,
    types.float64,
    types.Array(types.float64, 1, "C"),
    types.Array(types.int32, 1, "C"),
)
"""Signature of the functions; see `cerebella.olive.engines.rule_kernels.compiled_change`."""

call_change = caller_of(CHANGE)
