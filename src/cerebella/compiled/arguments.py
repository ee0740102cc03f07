"""Arguments of compiled procedures, as the numbers that numba's structures consist of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class ArrayKind(NamedTuple):
    """Type of a contiguous array."""

    dtype: np.dtype[Any]
    n_dimensions: int


class TupleKind(NamedTuple):
    """Type of a tuple; `of` is its class."""

    of: type[tuple[Any, ...]]
    items: tuple[Any, ...]

    def __repr__(self) -> str:
        """Return a text that is the same in every process."""
        return f"{self.of.__module__}.{self.of.__qualname__}{self.items}"


Kind = ArrayKind | TupleKind | type[int] | type[np.uint64] | type[float] | type[None]
"""Type of an argument."""

_PLAIN: dict[type, Kind] = {
    int: int,
    bool: int,
    np.bool_: int,
    np.int32: int,
    np.int64: int,
    np.uint64: np.uint64,
    float: float,
    np.float64: float,
}
_NO_OWNER = (0, 0)


def unpack(value: Any, numbers: list[Any]) -> Kind:
    """Append the numbers of an argument to a list, and return its type.

    Parameters
    ----------
    value : tuple, ndarray, int, bool, uint64, float or None
        Tuples, also named ones, hold any of these. Arrays are contiguous; they must be kept while
        the numbers, which contain their addresses, are in use.
    numbers : list
        Receives the numbers, each of which takes eight bytes in a structure of numba; see
        `format_of`.

    Raises
    ------
    TypeError
        The value is of another type.

    Examples
    --------
    >>> from cerebella.compiled.arguments import unpack
    >>> numbers = []
    >>> unpack((3, 0.5), numbers)
    builtins.tuple(<class 'int'>, <class 'float'>)
    >>> numbers
    [3, 0.5]
    """
    own = type(value)
    if own is np.ndarray:
        if not value.flags.c_contiguous:
            raise TypeError("arrays of compiled code must be contiguous")
        numbers += _NO_OWNER
        numbers += (value.size, value.itemsize, value.ctypes.data)
        numbers += value.shape
        numbers += value.strides
        return ArrayKind(value.dtype, value.ndim)
    if own in _PLAIN:
        numbers.append(value)
        return _PLAIN[own]
    if isinstance(value, tuple):
        return TupleKind(own, tuple([unpack(item, numbers) for item in value]))
    if value is None:
        numbers.append(0)
        return type(None)
    raise TypeError(f"{own.__name__} is no argument of compiled code")


def format_of(kind: Kind) -> str:
    """Return how the numbers of an argument are written, in the letters of `struct`."""
    if isinstance(kind, TupleKind):
        return "".join(map(format_of, kind.items))
    if isinstance(kind, ArrayKind):
        return (5 + 2 * kind.n_dimensions) * "q"
    return {float: "d", np.uint64: "Q"}.get(kind, "q")
