"""Writing of HDF5 files with ordinary errors on a full disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py


@contextmanager
def new_hdf5(path: Path) -> Iterator[h5py.File]:
    """Yield an HDF5 file in memory and write it to `path` when the block ends.

    On a full disk, HDF5 itself retries pending writes when the process ends, and crashes it.
    Written in a single call, a full disk only raises OSError.

    Parameters
    ----------
    path : Path
        File to write.

    Yields
    ------
    h5py.File
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        yield file
    path.write_bytes(buffer.getbuffer())
