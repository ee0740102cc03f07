"""SIMD in compiled code: lanes, values of several consecutive numbers of an array.

The compiler vectorizes plain loops automatically, but it first compares the addresses of all
arrays, since they might overlap, and it does not keep rows of sums in registers during an inner
loop over spikes. Loops that are short or contain such a loop therefore use lanes explicitly. The
compiler spreads them over the required number of registers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic, overload, register_model

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)


def instruction(function: Callable[..., Any]) -> Any:
    """Turn a code generator into a function of compiled code, with constants at compile time."""
    return intrinsic(prefer_literal=True)(function)


class Lanes(types.Type):
    """Type of a fixed number of values of one scalar type."""

    def __init__(self, dtype: types.Number, count: int) -> None:
        self.dtype, self.count = dtype, count
        super().__init__(f"Lanes({dtype}, {count})")


class Offset(Lanes):
    """Type of lanes that are kept as differences from a whole number."""

    def __init__(self, dtype: types.Number, count: int, offset: int) -> None:
        super().__init__(dtype, count)
        self.offset = offset
        self.name = f"Offset({dtype}, {count}, {offset})"


@register_model(Offset)
@register_model(Lanes)
class _LanesModel(PrimitiveModel):
    """Lanes as an LLVM vector."""

    def __init__(self, manager: Any, lanes: Lanes) -> None:
        item = manager.lookup(lanes.dtype).get_value_type()
        super().__init__(manager, lanes, ir.VectorType(item, lanes.count))


@instruction
def spread(typing_context, value, count):
    """Return lanes that all hold the same number."""
    lanes = Lanes(types.unliteral(value), count.literal_value)

    def generate(context, builder, signature, args):
        return _as_lanes(context, builder, args[0], lanes.dtype, lanes)

    return lanes(lanes.dtype, count), generate


@instruction
def converted(typing_context, a, numbers):
    """Return lanes of floats in the precision of an array or lanes."""
    lanes = Lanes(numbers.dtype, a.count)

    def generate(context, builder, signature, args):
        to = context.get_value_type(lanes)
        if a.dtype.bitwidth == lanes.dtype.bitwidth:
            return args[0]
        narrower = a.dtype.bitwidth > lanes.dtype.bitwidth
        return (builder.fptrunc if narrower else builder.fpext)(args[0], to)

    return lanes(a, numbers), generate


@instruction
def like(typing_context, lanes, value):
    """Return a number, or lanes, as lanes of the precision and count of the first argument."""
    plain = Lanes(lanes.dtype, lanes.count)

    def generate(context, builder, signature, args):
        return _as_lanes(context, builder, args[1], signature.args[1], plain)

    return plain(lanes, value), generate


@instruction
def absolute(typing_context, a):
    """Return the absolute value of floats."""

    def generate(context, builder, signature, args):
        bits = ir.VectorType(ir.IntType(a.dtype.bitwidth), a.count)
        mask = ir.Constant(bits, [(1 << (a.dtype.bitwidth - 1)) - 1] * a.count)
        return builder.bitcast(builder.and_(builder.bitcast(args[0], bits), mask), args[0].type)

    return a(a), generate


@instruction
def lesser(typing_context, a, b):
    """Return the smaller of two signed integers in each lane."""

    def generate(context, builder, signature, args):
        return builder.select(builder.icmp_signed("<", *args), *args)

    return a(a, b), generate


@instruction
def reached(typing_context, a, b):
    """Return lanes of integers of the same size with all bits set where a ≥ b."""
    lanes = Lanes(_integer_of(a.dtype), a.count)

    def generate(context, builder, signature, args):
        is_float = isinstance(a.dtype, types.Float)
        compare = builder.fcmp_ordered if is_float else builder.icmp_signed
        return builder.sext(compare(">=", *args), context.get_value_type(lanes))

    return lanes(a, b), generate


def _integer_of(dtype: Any) -> types.Integer:
    """Return the type of signed integers of the same size."""
    return types.Integer.from_bitwidth(dtype.bitwidth, signed=True)


@instruction
def chosen(typing_context, where, a, b):
    """Return the numbers of `a` where the bits of `where` are set, and of `b` elsewhere."""

    def generate(context, builder, signature, args):
        is_set = builder.icmp_signed("<", args[0], ir.Constant(args[0].type, None))
        first, second = (
            _as_lanes(context, builder, value, of, a)
            for value, of in zip(args[1:], signature.args[1:], strict=True)
        )
        return builder.select(is_set, first, second)

    return a(where, a, b), generate


@instruction
def any_of(typing_context, where):
    """Return whether any bit is set in integer lanes."""

    def generate(context, builder, signature, args):
        some, count = args[0], where.count
        while count > 4 and count % 2 == 0:  # size of a register
            count //= 2
            halves = (
                ir.Constant(ir.VectorType(_INT32, count), list(range(first, first + count)))
                for first in (0, count)
            )
            some = builder.or_(*(builder.shuffle_vector(some, some, half) for half in halves))
        whole = builder.bitcast(some, ir.IntType(count * where.dtype.bitwidth))
        return builder.icmp_unsigned("!=", whole, whole.type(0))

    return types.boolean(where), generate


@instruction
def bits_of(typing_context, where):
    """Return one bit for each lane (int64), the lowest for the first."""

    def generate(context, builder, signature, args):
        is_set = builder.icmp_signed("<", args[0], ir.Constant(args[0].type, None))
        return builder.zext(builder.bitcast(is_set, ir.IntType(where.count)), _INT64)

    return types.uint64(where), generate


@instruction
def lowest_bit(typing_context, bits):
    """Return the position of the lowest set bit."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(bits), generate


@instruction
def count_bits(typing_context, bits):
    """Return the number of set bits of an integer."""

    def generate(context, builder, signature, args):
        return builder.zext(builder.ctpop(args[0]), _INT64)

    return types.int64(bits), generate


@instruction
def fma(typing_context, a, b, c):
    """Return a · b + c in each lane, rounded once, on any processor."""

    def generate(context, builder, signature, args):
        vectors = [
            _as_lanes(context, builder, value, of, a)
            for value, of in zip(args, signature.args, strict=True)
        ]
        return fused(builder, *vectors)

    return a(a, b, c), generate


def fused(builder: Any, *vectors: Any) -> Any:
    """Append the instruction for a · b + c of three vectors of floats, rounded once."""
    kind = vectors[0].type
    bits = 64 if kind.element == ir.DoubleType() else 32
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.v{kind.count}f{bits}"
    )
    return builder.call(function, vectors)


def _as_lanes(context: Any, builder: Any, value: Any, of: types.Type, lanes: Lanes) -> Any:
    """Return an argument as a vector; numbers are repeated."""
    if isinstance(of, Lanes):
        return value
    vector = context.get_value_type(lanes)
    number = context.cast(builder, value, types.unliteral(of), lanes.dtype)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, _INT32(0))
    zeros = ir.Constant(ir.VectorType(_INT32, vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _lane_by_lane(of_operator: Callable[..., Any], for_floats: str, for_integers: str) -> None:
    """Define an operator by an LLVM instruction, for lanes of one type or lanes and a number."""

    @instruction
    def apply(typing_context, a, b):
        lanes = a if isinstance(a, Lanes) else b
        name = for_floats if isinstance(lanes.dtype, types.Float) else for_integers

        def generate(context, builder, signature, args):
            vectors = [
                _as_lanes(context, builder, value, of, lanes)
                for value, of in zip(args, signature.args, strict=True)
            ]
            return getattr(builder, name)(*vectors)

        return lanes(a, b), generate

    @overload(of_operator)
    def _operator(a, b):
        lanes, numbers = (
            [isinstance(types.unliteral(x), kind) for x in (a, b)] for kind in (Lanes, types.Number)
        )
        if isinstance(a, Offset) or isinstance(b, Offset):
            return None
        if of_operator is operator.truediv and lanes[0] and numbers[1]:
            return lambda a, b: a * (1.0 / b)  # a division takes four times as long
        if (a == b and lanes[0]) or (any(lanes) and any(numbers)):
            return lambda a, b: apply(a, b)
        return None


_lane_by_lane(operator.add, "fadd", "add")
_lane_by_lane(operator.sub, "fsub", "sub")
_lane_by_lane(operator.mul, "fmul", "mul")
_lane_by_lane(operator.truediv, "fdiv", "")
_lane_by_lane(operator.and_, "", "and_")
_lane_by_lane(operator.rshift, "", "lshr")


@instruction
def _negated(typing_context, a):
    def generate(context, builder, signature, args):
        return builder.fneg(args[0])

    return a(a), generate


@overload(operator.neg)
def _neg(a):
    if isinstance(a, Lanes) and isinstance(a.dtype, types.Float):
        return None if isinstance(a, Offset) else lambda a: _negated(a)
    return None
