"""Lanes from the memory of arrays and back: in a row, gathered, or a block."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from cerebella.compiled import memory
from cerebella.compiled.simd import Lanes, instruction

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)


def _start_of(context: Any, builder: Any, array: types.Type, value: Any) -> Any:
    """Return the address of the first number of an array, or of what `numbers_of` returned."""
    if isinstance(array, types.CPointer):
        return value
    return context.make_array(array)(context, builder, value).data


@instruction
def numbers_of(typing_context, array):
    """Return the numbers of a contiguous array without its shape, owner and reference count.

    Compiled functions that take arrays count references to them, which takes longer than a few
    operations on lanes.
    """
    numbers = types.CPointer(array.dtype)

    def generate(context, builder, signature, args):
        return _start_of(context, builder, array, args[0])

    return numbers(array), generate


def _place(context: Any, builder: Any, signature: Any, args: Any, count: int) -> Any:
    """Return the address of `count` numbers of an array (first argument) from an index (second)."""
    array, at = signature.args[:2]
    data = _start_of(context, builder, array, args[0])
    index = context.cast(builder, args[1], at, types.int64)
    item = context.get_data_type(array.dtype)
    return builder.bitcast(builder.gep(data, [index]), ir.VectorType(item, count).as_pointer())


def _load(context: Any, builder: Any, signature: Any, args: Any, count: int) -> Any:
    value = builder.load(_place(context, builder, signature, args, count))
    value.align = signature.args[0].dtype.bitwidth // 8
    return value


@instruction
def lanes_at(typing_context, array, at, like):
    """Return numbers of a contiguous array from the flat index `at` on.

    Their count is that of `like`, a constant or lanes.
    """
    count = like.count if isinstance(like, Lanes) else like.literal_value
    lanes = Lanes(array.dtype, count)

    def generate(context, builder, signature, args):
        return _load(context, builder, signature, args, lanes.count)

    return lanes(array, types.unliteral(at), like), generate


@instruction
def doubles_at(typing_context, array, at, count):
    """Return numbers of any type as float64."""
    lanes = Lanes(types.float64, count.literal_value)

    def generate(context, builder, signature, args):
        value = _load(context, builder, signature, args, lanes.count)
        to = context.get_value_type(lanes)
        if array.dtype == types.float64:
            return value
        return builder.sitofp(value, to) if array.dtype.signed else builder.uitofp(value, to)

    return lanes(array, types.unliteral(at), count), generate


@instruction
def numbers_from(typing_context, numbers, first):
    """Return numbers without the first ones."""

    def generate(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return numbers(numbers, types.int64), generate


@instruction
def first_numbers(typing_context, numbers, count):
    """Return the first numbers of an array as a tuple.

    The compiler moves what depends only on them out of loops that write to other arrays.
    """
    items = types.UniTuple(numbers.dtype, count.literal_value)

    def generate(context, builder, signature, args):
        places = (builder.gep(args[0], [_INT64(k)]) for k in range(items.count))
        return context.make_tuple(builder, items, [builder.load(place) for place in places])

    return items(numbers, count), generate


@instruction
def gathered(typing_context, array, indices, at, like):
    """Return numbers of an array whose flat indices are those of `indices` from `at` on.

    Their count is that of `like`, a constant or lanes.
    """
    count = like.count if isinstance(like, Lanes) else like.literal_value
    lanes = Lanes(array.dtype, count)

    def generate(context, builder, signature, args):
        data = _start_of(context, builder, array, args[0])
        result = ir.Constant(context.get_value_type(lanes), ir.Undefined)
        first = context.cast(builder, args[2], signature.args[2], types.int64)
        where = _start_of(context, builder, indices, args[1])
        for lane in range(lanes.count):
            index = builder.load(builder.gep(where, [builder.add(first, _INT64(lane))]))
            number = builder.load(builder.gep(data, [index]))
            result = builder.insert_element(result, number, _INT32(lane))
        return result

    return lanes(array, indices, types.unliteral(at), like), generate


@instruction
def put_lanes(typing_context, array, at, lanes):
    """Write lanes to a contiguous array from the flat index `at` on."""

    def generate(context, builder, signature, args):
        place = _place(context, builder, signature, args, lanes.count)
        builder.store(args[2], place).align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.unliteral(at), lanes), generate


@instruction
def prefetch(typing_context, array, at):
    """Prefetch the cache line of the flat index `at` of an array, if it exists."""

    def generate(context, builder, signature, args):
        place = _place(context, builder, signature, args, 1)
        byte = builder.bitcast(place, ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [byte.type, _INT32, _INT32, _INT32])
        name = f"llvm.prefetch.p0{'' if byte.type.is_opaque else 'i8'}"
        fetch = cgutils.get_or_insert_function(builder.module, kind, name)
        builder.call(fetch, [byte, _INT32(0), _INT32(3), _INT32(1)])
        return context.get_dummy_value()

    return types.void(array, types.unliteral(at)), generate


@instruction
def block_size(typing_context, array):
    """Return how many numbers fill a block, a constant of compiled code."""

    def generate(context, builder, signature, args):
        return _INT64(memory.block_size())

    return types.int64(array), generate


@instruction
def block_at(typing_context, array, at):
    """Return the numbers of a contiguous array that fill a block, from the flat index `at` on."""
    lanes = Lanes(array.dtype, memory.block_size())

    def generate(context, builder, signature, args):
        return _load(context, builder, signature, args, lanes.count)

    return lanes(array, types.unliteral(at)), generate
