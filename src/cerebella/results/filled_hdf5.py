"""HDF5 files of data that do not fit into memory, written by plain writes.

HDF5 lays the file out and says where each dataset begins; the values are then written there
in pieces. A full disk is an OSError at the write that fails, as for any file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import numpy.typing as npt


class Filling(NamedTuple):
    """A dataset to be filled: where it lies, and its values in pieces.

    Attributes
    ----------
    offset : of its first byte in the file; None if it is empty.
    pieces : arrays of the dataset's type, in order.
    """

    offset: int | None
    pieces: Iterable[npt.NDArray]


def empty_dataset(
    group: h5py.Group, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike
) -> h5py.Dataset:
    """Create a contiguous dataset that has its place in the file and no values yet."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    properties.set_obj_track_times(False)
    space = h5py.h5s.create_simple(shape)
    kind = h5py.h5t.py_create(np.dtype(dtype), logical=True)
    return h5py.Dataset(h5py.h5d.create(group.id, name.encode(), kind, space, properties))


def dataset_to_fill(group: h5py.Group, name: str, values: npt.NDArray) -> Filling:
    """Create a dataset of values that are written later, as those in pieces are."""
    dataset = empty_dataset(group, name, values.shape, values.dtype)
    return Filling(dataset.id.get_offset(), [values])


def write_filled(path: Path, lay_out: Callable[[h5py.File], list[Filling]]) -> None:
    """Write an HDF5 file: `lay_out` composes it and returns what its datasets are filled with."""
    with h5py.File(path, "w") as file:
        fillings = lay_out(file)
    with path.open("r+b") as file:
        for filling in fillings:
            if filling.offset is None:
                continue
            file.seek(filling.offset)
            for piece in filling.pieces:
                file.write(np.ascontiguousarray(piece).data)
