"""Functions of numbers that have the same form in Python and, for lanes, in compiled code.

Equations of channels are written with these functions. In compiled code they consist of
multiplications and additions that are fused explicitly, so that results are the same to the bit on
every processor.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import overload

from cerebella.compiled.simd import Lanes, fused, instruction

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.6931471805598903
"""ln 2 without its last 11 bits, so that its product with a small integer is exact."""
_LN2_LOW = 5.497923018708371e-14
_TO_INTEGER = 6755399441055744.0
"""1.5 · 2⁵²: a sum with it has the nearest integer in its last bits."""
_LEAST, _MOST = -708.0, 709.0
_SERIES = [1 / math.factorial(k) for k in range(14)]


def exp(x: float) -> Any:
    """Return e^x; in lanes, x is limited to the range of normal numbers, -708 to 709."""
    return math.exp(x)


def linoid(x: float) -> Any:
    """Return x / (1 - e^-x), which is 1 at x = 0."""
    if abs(x) < 1e-6:
        return 1 + x / 2
    return x / (1 - math.exp(-x))


@instruction
def _exp_of_lanes(typing_context, x):
    def generate(context, builder, signature, args):
        vector = args[0].type
        integer = ir.VectorType(ir.IntType(64), vector.count)

        def constant(value: float, kind: Any = vector) -> Any:
            return ir.Constant(kind, [value] * kind.count)

        value = args[0]
        for limit, beyond in ((_LEAST, "<"), (_MOST, ">")):
            outside = builder.fcmp_ordered(beyond, value, constant(limit))
            value = builder.select(outside, constant(limit), value)
        shifted = fused(builder, value, constant(_LOG2_E), constant(_TO_INTEGER))
        power = builder.fsub(shifted, constant(_TO_INTEGER))
        rest = fused(builder, power, constant(-_LN2_HIGH), value)
        rest = fused(builder, power, constant(-_LN2_LOW), rest)
        result = constant(_SERIES[-1])
        for coefficient in _SERIES[-2::-1]:
            result = fused(builder, result, rest, constant(coefficient))
        bits = builder.shl(builder.bitcast(shifted, integer), constant(52, integer))
        return builder.bitcast(builder.add(builder.bitcast(result, integer), bits), vector)

    return x(x), generate


@instruction
def _linoid_of(typing_context, x, exp_of_minus_x):
    """Return x / (1 - e^-x) in each lane, given e^-x."""

    def generate(context, builder, signature, args):
        value, vector = args[0], args[0].type

        def constant(number: float) -> Any:
            return ir.Constant(vector, [number] * vector.count)

        quotient = builder.fdiv(value, builder.fsub(constant(1.0), args[1]))
        limit = fused(builder, value, constant(0.5), constant(1.0))
        small = builder.and_(
            builder.fcmp_ordered("<", value, constant(1e-6)),
            builder.fcmp_ordered(">", value, constant(-1e-6)),
        )
        return builder.select(small, limit, quotient)

    return x(x, exp_of_minus_x), generate


@overload(exp)
def _exp(x):
    if isinstance(x, Lanes) and x.dtype == types.float64:
        return lambda x: _exp_of_lanes(x)
    return None


@overload(linoid)
def _linoid(x):
    if isinstance(x, Lanes) and x.dtype == types.float64:
        return lambda x: _linoid_of(x, _exp_of_lanes(0.0 - x))
    return None
