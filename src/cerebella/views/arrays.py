"""Arrays of a page: quantized, as differences over time, compressed, and written as text."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_LARGEST = 2**16 - 2
NOT_RECORDED = 2**16 - 1
"""Quantized value that stands for NaN."""

_LEVEL = 6
"""Compression: higher levels take several times longer and save 5 %."""


class ArrayStore:
    """Arrays of a page, each described by an entry of its table.

    Bytes of equal significance lie together, and quantized values are differences from the sample
    before, with the sign in the lowest bit, since most differences are then small numbers, which
    compress well.

    Attributes
    ----------
    table : list of dict
        Type, shape and place of each array.
    """

    def __init__(self) -> None:
        self.table: list[dict[str, Any]] = []
        self._parts: list[bytes] = []

    def add(self, values: npt.ArrayLike, dtype: str) -> int:
        """Add an array as it is, and return its index.

        Parameters
        ----------
        values : array_like
            Values.
        dtype : {"u1", "u2", "u4", "f4"}
            Type of NumPy.
        """
        array = np.asarray(values)
        return self._append(array.astype(f"<{dtype}"), shape=array.shape)

    def quantized(self, values: Array, step: float, *, logarithmic: bool = False) -> int:
        """Add an array in whole steps, and return its index.

        Parameters
        ----------
        values : ndarray of float, shape (n_samples,) or (n_samples, n_columns)
            Values; NaN is kept.
        step : float
            Largest difference of neighboring steps, of the logarithm to base 10 if `logarithmic`.
            It is enlarged where the range of the values needs more than 65 534 steps. The error is
            half a step at most.
        logarithmic : bool
            Whether the logarithms of the values are quantized.
        """
        values = np.asarray(values, dtype=np.float64)
        if logarithmic:
            values = np.log10(np.maximum(values, np.finfo(np.float32).tiny))
        low, high = (np.nanmin(values), np.nanmax(values)) if np.isfinite(values).any() else (0, 0)
        step = max(step, float(high - low) / _LARGEST)
        steps = np.nan_to_num(np.rint((values - low) / step), nan=NOT_RECORDED).astype(np.uint16)
        change = steps.copy()
        change[1:] -= steps[:-1]
        signed = change.view(np.int16)
        folded = ((signed << 1) ^ (signed >> 15)).view(np.uint16)
        return self._append(
            folded,
            shape=values.shape,
            changes=True,
            step=step,
            origin=float(low),
            logarithmic=logarithmic,
        )

    def times(self, times_ms: Array, step_ms: float) -> int:
        """Add sorted times in whole steps, and return the index.

        Parameters
        ----------
        times_ms : ndarray of float, shape (n,)
            Times.
        step_ms : float
            Step; the error is half of it at most.
        """
        steps = np.rint(np.asarray(times_ms) / step_ms).astype(np.uint32)
        return self._append(
            np.diff(steps, prepend=np.uint32(0)), shape=steps.shape, sums=True, step=step_ms
        )

    def as_text(self) -> str:
        """Return all arrays as base64 of their compressed bytes."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), _LEVEL)).decode("ascii")

    def _append(self, array: Array, **entry: Any) -> int:
        flat = np.ascontiguousarray(array).reshape(-1)
        planes = flat.view(np.uint8).reshape(-1, flat.itemsize).T
        kind = "f4" if flat.dtype.kind == "f" else f"u{flat.itemsize}"
        offset = sum(map(len, self._parts))
        self.table.append({"type": kind, "offset": offset, **entry})
        self._parts.append(planes.tobytes())
        return len(self.table) - 1
