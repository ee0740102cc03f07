"""Arguments of compiled procedures, as the numbers that numba's structures consist of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class ArrayKind(NamedTuple):
    """Type of a contiguous array."""

    dtype: str
    n_dimensions: int


class TupleKind(NamedTuple):
    """Type of a tuple; `of` is its class."""

    of: type[tuple[Any, ...]]
    items: tuple[Any, ...]

    def __repr__(self) -> str:
        """Return a text that is the same in every process."""
        return f"{self.of.__module__}.{self.of.__qualname__}{self.items}"


Kind = ArrayKind | TupleKind | type[int] | type[float]
"""Type of an argument."""


def kind_of(value: Any) -> Kind:
    """Return the type of an argument.

    Parameters
    ----------
    value : tuple, ndarray, int or float
        Tuples, also named ones, hold any of these. Arrays are contiguous.

    Raises
    ------
    TypeError
        The value is of another type.

    Examples
    --------
    >>> from cerebella.compiled.arguments import kind_of
    >>> kind_of(np.zeros((2, 3)))
    ArrayKind(dtype='float64', n_dimensions=2)
    """
    if isinstance(value, tuple):
        return TupleKind(type(value), tuple(map(kind_of, value)))
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise TypeError("arrays of compiled code must be contiguous")
        return ArrayKind(value.dtype.name, value.ndim)
    for kind, abstract in ((int, np.integer), (float, np.floating)):
        if isinstance(value, (kind, abstract)):
            return kind
    raise TypeError(f"{type(value).__name__} is no argument of compiled code")


def packed(arguments: tuple[Any, ...]) -> npt.NDArray[np.int64]:
    """Return arguments as numba holds them in memory, which consists of words of eight bytes.

    The arrays must be kept while the result is in use, which contains their addresses.
    """
    words: list[int] = []
    _pack(arguments, words)
    return np.array(words, np.int64)


def _pack(value: Any, words: list[int]) -> None:
    if isinstance(value, tuple):
        for item in value:
            _pack(item, words)
    elif isinstance(value, np.ndarray):
        no_owner = 0
        words += (no_owner, no_owner, value.size, value.itemsize, value.ctypes.data)
        words += value.shape
        words += value.strides
    elif isinstance(value, (float, np.floating)):
        words.append(int(np.float64(value).view(np.int64)))
    else:
        words.append(int(value))
