"""Writing HDF5 files that fail like other files do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py


@contextmanager
def new_hdf5(path: Path) -> Iterator[h5py.File]:
    """Yield an HDF5 file to fill, composed in memory and written to `path` when it is whole.

    HDF5 keeps what it could not write to a full disk, tries again when the process ends, and
    crashes it. Written in one go, a full disk is an OSError and nothing else.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        yield file
    path.write_bytes(buffer.getbuffer())
