"""Reading of NumPy archives (NPZ)."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from cerebella.errors import InputError
from cerebella.files.text import check_readable, quoted
from cerebella.files.unpacked import may_be_unpacked

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those of `numpy.savez` and `numpy.savez_compressed`."""

_DAMAGED = (
    *(OSError, EOFError, ValueError, TypeError, SyntaxError, KeyError, OverflowError),
    *(RuntimeError, RecursionError, struct.error, tokenize.TokenError),
    *(zipfile.BadZipFile, zlib.error),
)
"""What Python and NumPy raise for damaged archives."""


def read_npz(
    file: Path,
    names: Iterable[str] | None = None,
    *,
    remedy: str = "The file is damaged or in another format: copy or generate it again",
) -> dict[str, npt.NDArray[Any]]:
    """Read arrays of an archive; none of them is unpickled.

    Parameters
    ----------
    file : Path
        The archive.
    names : iterable of str, optional
        The arrays to read; by default all.
    remedy : str
        Remedy if it cannot be read.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    InputError
        The file cannot be read, is not an archive of arrays, or lacks an array.
    """
    check_readable(file, kind="NumPy archive")
    try:
        with file.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            members = {
                one.filename.removesuffix(".npy"): one
                for one in archive.infolist()
                if one.filename.endswith(".npy")
            }
            wanted = list(members) if names is None else list(names)
            missing = [name for name in wanted if name not in members]
            if missing:
                raise InputError(f"has no array {quoted(missing[0])}", file=file, remedy=remedy)
            declared = sum(members[name].file_size for name in wanted)
            if not may_be_unpacked(declared, file.stat().st_size):
                raise ValueError(f"it claims arrays of {declared / 1e9:.3g} GB")
            return {name: _array(archive, members[name]) for name in wanted}
    except InputError:
        raise
    except _DAMAGED as error:
        problem = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(
            f"cannot be read as a NumPy archive ({problem})", file=file, remedy=remedy
        ) from error


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any]:
    """Return one array; its declared size is checked before memory is taken."""
    if member.compress_type not in _METHODS:
        raise ValueError(f"compression {member.compress_type} is not that of NumPy")
    with archive.open(member) as stream:
        shape, dtype = _declared(stream)
        n_bytes = prod(shape) * dtype.itemsize
        if dtype.hasobject or dtype.itemsize == 0 or dtype.names is not None:
            raise ValueError(f"{member.filename} does not contain numbers or text")
        if n_bytes != member.file_size - stream.tell():
            raise ValueError(f"{member.filename} is not as long as its shape {shape} says")
    with archive.open(member) as stream:
        return npy.read_array(stream, allow_pickle=False)


def _declared(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of the array at the start of a stream."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    if any(n < 0 for n in shape):
        raise ValueError(f"shape {shape} is negative")
    return shape, dtype
