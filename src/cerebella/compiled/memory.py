"""Memory for compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.compiled.processor import register_bytes

_LINE_BYTES = 64


def block_size() -> int:
    """Return how many numbers a block has: as many as there are singles in a register.

    Blocks of doubles thus fill two registers. Code for blocks of singles has more intermediate
    results than there are registers, and twice as many would be moved to memory with two for each.
    """
    return register_bytes() // 4


def aligned(array: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return a copy that starts at a cache line, which registers of 64 bytes then never cross.

    Parameters
    ----------
    array : array_like
        Numbers.
    dtype : dtype, optional
        Type of the copy.

    Returns
    -------
    ndarray
        Contiguous copy of the same shape.

    Examples
    --------
    >>> from cerebella.compiled.memory import aligned
    >>> aligned([1.0, 2.0]).ctypes.data % 64
    0
    """
    values = np.asarray(array, dtype)
    memory = np.empty(values.nbytes + _LINE_BYTES, np.uint8)
    first = -memory.ctypes.data % _LINE_BYTES
    copy = memory[first : first + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy
