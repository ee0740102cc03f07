"""HDF5 files larger than memory, filled by ordinary file writes.

HDF5 defines the layout and the offset of each dataset; the values are then written there in
chunks. On a full disk, the write raises OSError, as for any file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import numpy.typing as npt


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
    # The file is new, so that no other process has it; its file system may have no locks.
    with h5py.File(path, "w", locking=False) as file:
        fillings = lay_out(file)
    with path.open("r+b") as file:
        for filling in fillings:
            if filling.offset is None:
                continue
            file.seek(filling.offset)
            for piece in filling.pieces:
                file.write(np.ascontiguousarray(piece).data)
