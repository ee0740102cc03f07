"""HDF5 files larger than memory, filled by ordinary file writes.

HDF5 defines the layout and the offset of each dataset in memory; everything is then written in
chunks. On a full disk, the write raises OSError, as for any file, while HDF5 itself would retry
its writes when the process ends, and crash it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing_extensions import Buffer

_PAGE = 4096


class Filling(NamedTuple):
    """Values to be written to a dataset.

    Attributes
    ----------
    offset : int or None
        Offset of the dataset in the file; None if it is empty.
    pieces : iterable of ndarray
        Chunks of values in the type of the dataset, in order.
    """

    offset: int | None
    pieces: Iterable[npt.NDArray]


def empty_dataset(
    group: h5py.Group, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike
) -> h5py.Dataset:
    """Create a contiguous dataset that is allocated but has no values yet."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    properties.set_obj_track_times(False)
    space = h5py.h5s.create_simple(shape)
    kind = h5py.h5t.py_create(np.dtype(dtype), logical=True)
    return h5py.Dataset(h5py.h5d.create(group.id, name.encode(), kind, space, properties))


def dataset_to_fill(group: h5py.Group, name: str, values: npt.NDArray) -> Filling:
    """Create a dataset for an array that is written later, together with chunked values."""
    dataset = empty_dataset(group, name, values.shape, values.dtype)
    return Filling(dataset.id.get_offset(), [values])


def write_filled(path: Path, lay_out: Callable[[h5py.File], list[Filling]]) -> None:
    """Write an HDF5 file in two passes: first its layout, then the values.

    Parameters
    ----------
    path : Path
        File to write.
    lay_out : callable
        Creates groups and datasets in an open file and returns the values to be written.
    """
    layout = _Layout()
    with h5py.File(layout, "w") as hdf5:
        fillings = lay_out(hdf5)
    with path.open("wb") as file:
        for page, data in layout.pages.items():
            file.seek(page * _PAGE)
            file.write(data)
        file.truncate(layout.size)
        for filling in fillings:
            if filling.offset is None:
                continue
            file.seek(filling.offset)
            for piece in filling.pieces:
                file.write(np.ascontiguousarray(piece).data)


class _Layout(io.RawIOBase):
    """A file in memory for h5py that only holds pages that were written, not those of datasets."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.pages: dict[int, bytearray] = {}
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._position = offset + (self.size if whence == os.SEEK_END else 0)
        return self._position

    def truncate(self, size: int | None = None, /) -> int:
        self.size = self._position if size is None else size
        return self.size

    def write(self, data: Buffer, /) -> int:
        view = memoryview(data).cast("B")
        for place, page, within in self._parts(len(view)):
            self.pages.setdefault(page, bytearray(_PAGE))[within] = view[place]
        self._position += len(view)
        self.size = max(self.size, self._position)
        return len(view)

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        for place, page, within in self._parts(len(view)):
            view[place] = self.pages.get(page, bytes(_PAGE))[within]
        self._position += len(view)
        return len(view)

    def _parts(self, n_bytes: int) -> Iterator[tuple[slice, int, slice]]:
        """Yield the parts of the next bytes by page: their place, the page, the place in it."""
        done = 0
        while done < n_bytes:
            page, first = divmod(self._position + done, _PAGE)
            n = min(_PAGE - first, n_bytes - done)
            yield slice(done, done + n), page, slice(first, first + n)
            done += n
