"""Arguments of compiled procedures."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
import pytest

from cerebella.compiled.arguments import ArrayKind, format_of, unpack


class Pair(NamedTuple):
    one: object
    other: object


def kind_of(value):
    return unpack(value, [])


def words_of(value):
    """Return the numbers of a value as words of eight bytes."""
    numbers = []
    kind = unpack(value, numbers)
    return np.frombuffer(struct.pack(format_of(kind), *numbers), np.uint64).tolist()


def test_numbers_of_python_and_numpy_are_of_one_type():
    assert kind_of(3) is kind_of(np.int32(3)) is kind_of(True) is int
    assert kind_of(0.5) is kind_of(np.float64(0.5)) is float


def test_tuples_differ_by_class_and_content():
    kinds = {kind_of((1, 2)), kind_of(Pair(1, 2)), kind_of(Pair(1, 2.0)), kind_of(Pair(3, 4))}
    assert len(kinds) == 3
    assert repr(kind_of(Pair(1, np.zeros(2)))) == (
        f"{__name__}.Pair(<class 'int'>, ArrayKind(dtype=dtype('float64'), n_dimensions=1))"
    )


def test_arrays_differ_by_numbers_and_dimensions_but_not_by_length():
    assert kind_of(np.zeros((3, 4), np.float32)) == kind_of(np.zeros((0, 1), np.float32))
    assert kind_of(np.zeros((3, 4), np.float32)) == ArrayKind(np.dtype(np.float32), 2)


@pytest.mark.parametrize("value", [np.zeros((4, 4))[:, 1], np.zeros((4, 4)).T[1:], "pf", [1]])
def test_other_arguments_are_refused(value):
    with pytest.raises(TypeError, match="compiled code"):
        unpack((1, value), [])


def test_arguments_are_words_in_the_order_of_numba_structures():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    words = words_of((7, Pair(array, -0.5)))
    assert words[0] == 7
    assert words[1:6] == [0, 0, 6, 4, array.ctypes.data]
    assert words[6:10] == [2, 3, 12, 4]
    assert np.uint64(words[10]).view(np.float64) == -0.5


def test_whole_numbers_keep_their_bits():
    words = words_of((-1, np.uint64(2**64 - 1), True, None))
    assert words == [2**64 - 1, 2**64 - 1, 1, 0]
    assert kind_of(np.uint64(1)) is np.uint64
    assert kind_of(None) is type(None)
