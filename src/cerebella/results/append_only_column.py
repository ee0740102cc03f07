"""Columns of numbers appended to binary files, and written as HDF5 datasets at the end."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.results.filled_hdf5 import Filling, empty_dataset

_PIECE = 1 << 16
_MOST_PENDING = 1 << 20
"""Bytes of a column buffered in memory; short runs need no file."""


class Column:
    """Rows of numbers in an append-only binary file, which can be truncated to resume a run.

    Attributes
    ----------
    path : Path
        The file.
    dtype : dtype
        Type of the numbers.
    length : int
        Number of rows.
    row : tuple of int
        Shape of a row; () for scalars.
    """

    def __init__(
        self,
        path: Path,
        dtype: npt.DTypeLike,
        row: tuple[int, ...] = (),
        written: Sequence[int] | npt.NDArray[np.int64] = (0, 0, 0),
    ) -> None:
        """Truncate the file, if there is one, to the rows that `flush` described as `written`."""
        self.length, self._n_bytes, self._checksum = map(int, written)
        self.path, self.dtype, self.row = path, np.dtype(dtype), row
        self._pending = bytearray()
        exists = path.exists()
        if self._n_bytes > (path.stat().st_size if exists else 0):
            raise OSError(f"{path} is shorter than expected")
        if exists:
            os.truncate(path, self._n_bytes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole column."""
        return (self.length, *self.row)

    def append(self, rows: npt.NDArray | Sequence[Any]) -> None:
        """Append rows; `flush` writes them to the file.

        Parameters
        ----------
        rows : ndarray or sequence, shape (n_rows, *row)
            Values.
        """
        self._pending += np.asarray(rows, dtype=self.dtype).tobytes()
        self.length += len(rows)
        if len(self._pending) > _MOST_PENDING:
            self.flush()

    def flush(self) -> npt.NDArray[np.int64]:
        """Write all buffered rows to the file, without synchronizing it to disk.

        The file is open meanwhile only, since a batch of runs has more columns than a process may
        have open files.

        Returns
        -------
        ndarray, shape (3,)
            Number of rows and of bytes, and checksum (CRC-32) of the bytes.
        """
        self._checksum = zlib.crc32(self._pending, self._checksum)
        data = memoryview(self._pending)
        with self.path.open("ab", buffering=0) as file:
            while len(data):
                data = data[file.write(data) :]
        self._n_bytes += len(self._pending)
        self._pending = bytearray()
        return np.array([self.length, self._n_bytes, self._checksum])

    def pieces(self) -> Iterator[npt.NDArray]:
        """Yield all rows in chunks of about 65 000 numbers, which fit in the processor cache."""
        width = math.prod(self.row)
        at_a_time = max(1, _PIECE // max(width, 1))
        n_pending = len(self._pending) // max(width * self.dtype.itemsize, 1)
        if self._n_bytes:
            with self.path.open("rb") as file:
                for first in range(0, self.length - n_pending, at_a_time):
                    n = min(at_a_time, self.length - n_pending - first)
                    yield np.fromfile(file, self.dtype, n * width).reshape(n, *self.row)
        pending = np.frombuffer(self._pending, self.dtype).reshape(n_pending, *self.row)
        for first in range(0, n_pending, at_a_time):
            yield pending[first : first + at_a_time]


def damage_of(path: Path, written: npt.NDArray[np.int64]) -> str:
    """Return what is wrong with the file of a column, or "" if it still holds its rows.

    Parameters
    ----------
    path : Path
        The file.
    written : ndarray, shape (3,)
        Its rows, as returned by `Column.flush`; rows written later do not count.
    """
    _, n_bytes, expected = map(int, written)
    found, missing = 0, n_bytes
    if missing and not path.is_file():
        return "is missing"
    if missing:
        with path.open("rb") as file:
            while missing and (piece := file.read(min(missing, _MOST_PENDING))):
                found, missing = zlib.crc32(piece, found), missing - len(piece)
    if missing:
        return "is cut"
    return "" if found == expected else "is altered"


def dataset_of(
    group: h5py.Group,
    name: str,
    column: Column,
    convert: Callable[[npt.NDArray], npt.NDArray] | None = None,
    dtype: npt.DTypeLike | None = None,
) -> Filling:
    """Create the dataset of a column, to be filled later.

    Parameters
    ----------
    group : h5py.Group
        Parent of the dataset.
    name : str
        Name of the dataset.
    column : Column
        Values.
    convert : callable, optional
        Conversion applied to each chunk of rows.
    dtype : dtype, optional
        Type after conversion; by default that of the column.

    Returns
    -------
    Filling
    """
    dataset = empty_dataset(group, name, column.shape, dtype or column.dtype)
    pieces = column.pieces()
    return Filling(dataset.id.get_offset(), map(convert, pieces) if convert else pieces)
