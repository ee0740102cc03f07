"""Numbers as they come, appended to plain files; and as datasets of an HDF5 file at the end."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.results.filled_hdf5 import Filling, empty_dataset

_PIECE = 1 << 16
_MOST_PENDING = 1 << 20
"""Bytes of a column that wait in memory; a short run needs no file for them."""


class Column:
    """Rows of numbers of one type in a plain file that only grows, or is cut back to go on.

    Attributes
    ----------
    length : number of rows.
    row : shape of a row; () for single numbers.
    """

    def __init__(
        self, path: Path, dtype: npt.DTypeLike, length: int = 0, row: tuple[int, ...] = ()
    ) -> None:
        """Begin with the first `length` rows of the file; what comes after them is dropped."""
        self.path, self.dtype, self.length, self.row = path, np.dtype(dtype), length, row
        self._pending = bytearray()
        self._file: io.FileIO | None = None
        exists, n_bytes = path.exists(), length * math.prod(row) * self.dtype.itemsize
        if n_bytes > (path.stat().st_size if exists else 0):
            raise OSError(f"{path} is shorter than it was when it was last checked")
        if exists:
            self._file = path.open("r+b", buffering=0)
            self._file.truncate(n_bytes)
            self._file.seek(0, os.SEEK_END)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all rows together."""
        return (self.length, *self.row)

    def append(self, rows: npt.NDArray) -> None:
        """Append rows (n, *row); `flush` has them in the file."""
        numbers = np.ascontiguousarray(rows, dtype=self.dtype)
        self._pending += numbers.reshape(-1).view(np.uint8).data
        self.length += len(rows)
        if len(self._pending) > _MOST_PENDING:
            self.flush()

    def flush(self) -> None:
        """Have all rows in the file, if not yet on the disk."""
        if self._file is None:
            self._file = self.path.open("w+b", buffering=0)
        data = memoryview(self._pending)
        while len(data):
            data = data[self._file.write(data) :]
        self._pending = bytearray()

    def pieces(self) -> Iterator[npt.NDArray]:
        """Yield all rows, some 65 000 numbers at a time, which stay in the processor's cache."""
        width = math.prod(self.row)
        at_a_time = max(1, _PIECE // max(width, 1))
        n_pending = len(self._pending) // max(width * self.dtype.itemsize, 1)
        if self._file is not None:
            with self.path.open("rb") as file:
                for first in range(0, self.length - n_pending, at_a_time):
                    n = min(at_a_time, self.length - n_pending - first)
                    yield np.fromfile(file, self.dtype, n * width).reshape(n, *self.row)
        pending = np.frombuffer(self._pending, self.dtype).reshape(n_pending, *self.row)
        for first in range(0, n_pending, at_a_time):
            yield pending[first : first + at_a_time]

    def close(self) -> None:
        """Close the file; what is pending stays."""
        if self._file is not None:
            self._file.close()


def dataset_of(
    group: h5py.Group,
    name: str,
    column: Column,
    convert: Callable[[npt.NDArray], npt.NDArray] | None = None,
    dtype: npt.DTypeLike | None = None,
) -> Filling:
    """Create the dataset of a column, and return what it is to be filled with.

    Parameters
    ----------
    convert : turns rows into what is kept, which has the type `dtype`.
    """
    dataset = empty_dataset(group, name, column.shape, dtype or column.dtype)
    pieces = column.pieces()
    return Filling(dataset.id.get_offset(), map(convert, pieces) if convert else pieces)
