"""Lanes that are kept as differences from a constant.

The sum with a number is one addition, and values near the constant are more accurate.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import types
from numba.extending import overload

from cerebella.compiled.simd import Lanes, Offset, instruction


@instruction
def _difference(typing_context, a):
    plain = Lanes(a.dtype, a.count)

    def generate(context, builder, signature, args):
        return args[0]

    return plain(a), generate


@instruction
def offset_by(typing_context, a, numbers, offset):
    """Return lanes minus a constant, in the precision of `numbers`; doubles are left as they are.

    Sums with numbers, and products, are those of the lanes themselves.
    """
    if numbers.dtype == types.float64:
        return a(a, numbers, offset), lambda context, builder, signature, args: args[0]
    lanes = Offset(numbers.dtype, a.count, offset.literal_value)

    def generate(context, builder, signature, args):
        constant = ir.Constant(args[0].type, [float(lanes.offset)] * a.count)
        return builder.fptrunc(builder.fsub(args[0], constant), context.get_value_type(lanes))

    return lanes(a, numbers, offset), generate


@overload(operator.add)
def _add_to_offset(a, b):
    if isinstance(a, Offset) and isinstance(types.unliteral(b), types.Number):
        offset = a.offset
        return lambda a, b: _difference(a) + (b + offset)
    return None


@overload(operator.mul)
def _multiply_offset(a, b):
    numbers = [isinstance(types.unliteral(x), types.Number) for x in (a, b)]
    if isinstance(a, Offset) and numbers[1]:
        offset = a.offset
        return lambda a, b: (_difference(a) + offset) * b
    if isinstance(b, Offset) and numbers[0]:
        offset = b.offset
        return lambda a, b: a * (_difference(b) + offset)
    return None


@overload(operator.truediv)
def _divide_offset(a, b):
    if isinstance(a, Offset) and isinstance(types.unliteral(b), types.Number):
        offset = a.offset
        return lambda a, b: (_difference(a) + offset) / b
    return None


@overload(operator.sub)
def _subtract_offset(a, b):
    if isinstance(b, Offset) and isinstance(a, Lanes):
        offset = b.offset
        return lambda a, b: a - (_difference(b) + offset)
    return None


@overload(operator.neg)
def _negate_offset(a):
    if isinstance(a, Offset):
        offset = a.offset
        return lambda a: -(_difference(a) + offset)
    return None
