"""The functions of `functions` for lanes, in compiled code.

They consist of multiplications and additions that are fused explicitly, so that results are the
same to the bit on every processor.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import types
from numba.extending import overload

from cerebella.compiled.functions import (
    at_least,
    exp,
    inverse_cube_root,
    linoid,
    one_minus_exp,
)
from cerebella.compiled.simd import Lanes, absolute, chosen, fused, instruction, like, reached


class _Format(NamedTuple):
    """Numbers with which exponentials of a floating-point format are computed.

    Attributes
    ----------
    bits, fraction_bits : int
        Size of a number and of its fraction.
    ln2_high, ln2_low : float
        ln 2 and the rest. For singles, the rest changes the result by less than 2e-9 for each power
        of two, and is left out.
    least, most : float
        Exponents between which the exponential is a normal number.
    series : tuple of float
        Coefficients of the exponential of |r| ≤ ln 2 / 2 in powers of r.
    n_newton : int
        Newton steps of the cube root.
    """

    bits: int
    fraction_bits: int
    ln2_high: float
    ln2_low: float
    least: float
    most: float
    series: tuple[float, ...]
    n_newton: int

    @property
    def to_integer(self) -> float:
        """A number whose sum with another one has the nearest integer in its last bits."""
        return 1.5 * 2**self.fraction_bits


_TAYLOR = tuple(1 / math.factorial(k) for k in range(14))
# By Remez exchange; the relative error is 3.1e-9. The power series needs one term more.
_MINIMAX = (
    1.0,
    1.0,
    0.49999993451700897,
    0.16666520689846134,
    0.04166838736278955,
    0.00836870982297378,
    0.0013814613184743312,
)
_FORMATS = {
    types.float64: _Format(
        64, 52, 0.6931471805598903, 5.497923018708371e-14, -708, 709, _TAYLOR, 4
    ),
    types.float32: _Format(32, 23, 0.693147182464599609375, 0.0, -87, 88, _MINIMAX, 3),
}
_LOG2_E = 1.4426950408889634


def _constant(value: float, kind: ir.VectorType) -> Any:
    return ir.Constant(kind, [value] * kind.count)


def _power_of_two_and_rest(builder: Any, value: Any, form: _Format) -> tuple[Any, Any]:
    """Return shifted bits of n, and r, where value = n ln 2 + r with a small r."""
    vector = value.type
    for limit, beyond in ((form.least, "<"), (form.most, ">")):
        outside = builder.fcmp_ordered(beyond, value, _constant(limit, vector))
        value = builder.select(outside, _constant(limit, vector), value)
    to_integer = _constant(form.to_integer, vector)
    shifted = fused(builder, value, _constant(_LOG2_E, vector), to_integer)
    power = builder.fsub(shifted, to_integer)
    rest = fused(builder, power, _constant(-form.ln2_high, vector), value)
    if form.ln2_low:
        rest = fused(builder, power, _constant(-form.ln2_low, vector), rest)
    integer = ir.VectorType(ir.IntType(form.bits), vector.count)
    fraction = _constant(form.fraction_bits, integer)
    return builder.shl(builder.bitcast(shifted, integer), fraction), rest


def _series(builder: Any, rest: Any, first: int, form: _Format) -> Any:
    """Return the sum of the terms of the exponential from `first` on, over r^first."""
    *others, last = form.series[first:]
    result = _constant(last, rest.type)
    for coefficient in reversed(others):
        result = fused(builder, result, rest, _constant(coefficient, rest.type))
    return result


@instruction
def _exp_of_lanes(typing_context, x):
    form = _FORMATS[x.dtype]

    def generate(context, builder, signature, args):
        power, rest = _power_of_two_and_rest(builder, args[0], form)
        result = builder.bitcast(_series(builder, rest, 0, form), power.type)
        return builder.bitcast(builder.add(result, power), args[0].type)

    return x(x), generate


@instruction
def _one_minus_exp_of_lanes(typing_context, x):
    form = _FORMATS[x.dtype]

    def generate(context, builder, signature, args):
        vector = args[0].type
        power, rest = _power_of_two_and_rest(builder, builder.fneg(args[0]), form)
        one = _constant(1.0, vector)
        scale = builder.bitcast(builder.add(builder.bitcast(one, power.type), power), vector)
        # e^r - 1 = r + r² Σ r^(k - 2) / k!
        of_rest = fused(builder, builder.fmul(rest, rest), _series(builder, rest, 2, form), rest)
        return fused(builder, builder.fneg(scale), of_rest, builder.fsub(one, scale))

    return x(x), generate


@instruction
def _linoid_of(typing_context, x, exp_of_minus_x):
    """Return x / (1 - e^-x) in each lane, given e^-x."""

    def generate(context, builder, signature, args):
        value, vector = args[0], args[0].type
        quotient = builder.fdiv(value, builder.fsub(_constant(1.0, vector), args[1]))
        limit = fused(builder, value, _constant(0.5, vector), _constant(1.0, vector))
        small = builder.and_(
            builder.fcmp_ordered("<", value, _constant(1e-6, vector)),
            builder.fcmp_ordered(">", value, _constant(-1e-6, vector)),
        )
        return builder.select(small, limit, quotient)

    return x(x, exp_of_minus_x), generate


@instruction
def _inverse_cube_root_of_lanes(typing_context, x):
    """Newton's method from a third of the exponent, found in the upper 32 bits of the number."""
    form = _FORMATS[x.dtype]

    def generate(context, builder, signature, args):
        value, vector = args[0], args[0].type
        wide = ir.VectorType(ir.IntType(64), vector.count)
        narrow = ir.VectorType(ir.IntType(form.bits), vector.count)
        bits = builder.bitcast(value, narrow)
        if form.bits == 64:
            upper = builder.lshr(bits, _constant(32, wide))
        else:
            upper = builder.zext(bits, wide)
        third = builder.lshr(builder.mul(upper, _constant(0x55555556, wide)), _constant(32, wide))
        bias = 2 ** (form.bits - form.fraction_bits - 2) - 1
        upper_fraction_bits = form.fraction_bits - (form.bits - 32)
        magic = round(4 / 3 * (bias - 0.0450466) * 2**upper_fraction_bits)
        guess = builder.sub(_constant(magic, wide), third)
        if form.bits == 64:
            guess = builder.shl(guess, _constant(32, wide))
        else:
            guess = builder.trunc(guess, narrow)
        root = builder.bitcast(guess, vector)
        minus_third = builder.fmul(value, _constant(-1 / 3, vector))
        for _ in range(form.n_newton):
            cube = builder.fmul(builder.fmul(root, root), root)
            factor = fused(builder, cube, minus_third, _constant(4 / 3, vector))
            root = builder.fmul(root, factor)
        return root

    return x(x), generate


def _for_lanes(function: Any, of_lanes: Any) -> None:
    """Give a function its form for lanes of floats."""

    @overload(function)
    def _overloaded(x):
        if isinstance(x, Lanes) and x.dtype in _FORMATS:
            return lambda x: of_lanes(x)
        return None


_for_lanes(exp, _exp_of_lanes)
_for_lanes(one_minus_exp, _one_minus_exp_of_lanes)
_for_lanes(inverse_cube_root, _inverse_cube_root_of_lanes)


@overload(at_least)
def _at_least(least, x):
    if isinstance(x, Lanes) and x.dtype in _FORMATS:
        return lambda least, x: chosen(reached(x, like(x, least)), x, least)
    return None


@overload(linoid)
def _linoid(x):
    if isinstance(x, Lanes) and x.dtype == types.float64:
        return lambda x: _linoid_of(x, _exp_of_lanes(0.0 - x))
    if isinstance(x, Lanes) and x.dtype == types.float32:
        return lambda x: chosen(
            reached(like(x, 1e-3), absolute(x)), x * 0.5 + 1.0, x / _one_minus_exp_of_lanes(x)
        )
    return None
