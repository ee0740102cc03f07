"""Reading of HDF5 files: numbers and text that are within the file itself.

Every access to a file that was not written in this process goes through these functions. Links to
other files are not followed, declared sizes are checked before memory is taken, and whatever
HDF5 raises for a damaged file becomes an `InputError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from h5py import h5l  # type: ignore[attr-defined]

from cerebella.errors import InputError
from cerebella.files.text import check_readable, quoted
from cerebella.files.unpacked import may_be_unpacked

_DAMAGED = "The file is damaged or in another format: copy or generate it again"
_LONGEST_TEXT = 200
_MOST_SOFT_LINKS = 8
_TEXTS_AT_A_TIME = 64
_LARGEST_WHOLE = 2**53
_WIDEST = 8
"""Bytes of a number."""


@contextmanager
def opened_hdf5(file: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading, without a lock.

    HDF5 locks files by default, and then refuses one that another program has open for writing,
    and every file on a file system without locks, such as some NFS and Lustre.

    Parameters
    ----------
    file : Path
        The file.

    Yields
    ------
    h5py.File

    Raises
    ------
    InputError
        If the file is missing, damaged or not HDF5.
    """
    check_readable(file, kind="SONATA file")
    with _explained(file):
        opened = h5py.File(file, "r", locking=False)
    try:
        yield opened
    finally:
        with _explained(file):
            opened.close()


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Convert what HDF5 raises for a damaged file."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        problem = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"cannot be read as HDF5 ({problem})", file=file, remedy=_DAMAGED
        ) from error


def names_in(group: h5py.Group, file: Path) -> list[str]:
    """Return the names of the members of a group."""
    with _explained(file):
        return [str(name) for name in group]


def group_in(parent: h5py.Group, name: str, file: Path) -> h5py.Group:
    """Return the group `name` of `parent`, or raise InputError."""
    return _member(parent, name, file, h5py.Group, "group")


def dataset_in(parent: h5py.Group, name: str, file: Path) -> h5py.Dataset:
    """Return the dataset `name` of `parent`, or raise InputError."""
    dataset: h5py.Dataset = _member(parent, name, file, h5py.Dataset, "dataset")
    with _explained(file):
        is_outside = dataset.is_virtual or bool(dataset.external)
    if is_outside:
        raise _leads_outside(parent, name, file)
    return dataset


def numbers_in(
    parent: h5py.Group, name: str, file: Path, *, n_dimensions: int = 1
) -> npt.NDArray[Any]:
    """Return the numbers of a dataset.

    Parameters
    ----------
    parent : h5py.Group
        Group that contains it.
    name : str
        Its name.
    file : Path
        The file, for messages.
    n_dimensions : int
        Its dimensions.

    Returns
    -------
    ndarray of int or float

    Raises
    ------
    InputError
        There is no such dataset, it contains other values, or it is larger than it can be.
    """
    dataset = _numeric(parent, name, file, n_dimensions)
    with _explained(file):
        return np.asarray(dataset[()])


def length_in(parent: h5py.Group, name: str, file: Path) -> int:
    """Return the length of a column of numbers without reading it; errors as of `numbers_in`."""
    return _numeric(parent, name, file, 1).shape[0]


def _numeric(parent: h5py.Group, name: str, file: Path, n_dimensions: int) -> h5py.Dataset:
    """Return a dataset of numbers after a check of its type, shape and size."""
    dataset = dataset_in(parent, name, file)
    with _explained(file):
        shape, dtype, stored = dataset.shape, dataset.dtype, dataset.id.get_storage_size()
        chunk = dataset.chunks or ()
    is_number = dtype.kind in "iuf" and dtype.itemsize <= _WIDEST
    if shape is None or len(shape) != n_dimensions or not is_number:
        raise InputError(
            f"{_place(parent, name)} contains {dtype} of shape {shape}, not numbers in "
            f"{n_dimensions} dimension{'s' if n_dimensions > 1 else ''}",
            file=file,
            remedy=_DAMAGED,
        )
    n_bytes = max(prod(shape), prod(chunk)) * dtype.itemsize
    if not may_be_unpacked(n_bytes, min(stored, file.stat().st_size)):
        raise InputError(
            f"{_place(parent, name)} claims {n_bytes / 1e9:.3g} GB, far more than the file holds",
            file=file,
            remedy=_DAMAGED,
        )
    return dataset


def whole_numbers_in(parent: h5py.Group, name: str, file: Path) -> npt.NDArray[np.int64]:
    """Return a column of integers, which may be stored as floats; errors as of `numbers_in`."""
    values = numbers_in(parent, name, file)
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
        is_whole = (np.abs(values) <= _LARGEST_WHOLE) & (values == np.floor(values))
    else:
        is_whole = values <= np.iinfo(np.int64).max
    if not is_whole.all():
        raise InputError(
            f"{_place(parent, name)} contains {values[~is_whole][0]}, which is not an integer",
            file=file,
            remedy=_DAMAGED,
        )
    return values.astype(np.int64)


def texts_in(parent: h5py.Group, name: str, file: Path) -> list[str]:
    """Return a column of texts, of fixed or of variable length; errors as of `numbers_in`."""
    dataset = dataset_in(parent, name, file)
    with _explained(file):
        shape, is_text = dataset.shape, h5py.check_string_dtype(dataset.dtype) is not None
        n_bytes = prod(shape or ()) * dataset.dtype.itemsize
        stored = min(dataset.id.get_storage_size(), file.stat().st_size)
    if shape is None or len(shape) != 1 or not is_text or not may_be_unpacked(n_bytes, stored):
        raise InputError(
            f"{_place(parent, name)} is not a column of texts", file=file, remedy=_DAMAGED
        )
    texts: list[str] = []
    for first in range(0, shape[0], _TEXTS_AT_A_TIME):
        with _explained(file):
            some: list[str] = list(dataset.asstr()[first : first + _TEXTS_AT_A_TIME])
        if any(len(text) > _LONGEST_TEXT for text in some):
            raise InputError(
                f"{_place(parent, name)} contains a text of more than {_LONGEST_TEXT} characters",
                file=file,
                remedy=_DAMAGED,
            )
        texts += some
    return texts


def text_attribute(node: h5py.Group | h5py.Dataset, name: str, file: Path) -> str | None:
    """Return an attribute that is text, as a string or as bytes of fixed length; None if absent."""
    value = _attribute(node, name, file)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if value is None or (isinstance(value, str) and len(value) <= _LONGEST_TEXT):
        return value if value is None else value.strip()
    raise _refused_attribute(node, name, value, "a text", file)


def number_attribute(node: h5py.Group | h5py.Dataset, name: str, file: Path) -> float | None:
    """Return an attribute that is a number; None if absent."""
    value = _attribute(node, name, file)
    if value is None or isinstance(value, int | float):
        return value
    raise _refused_attribute(node, name, value, "a number", file)


def whole_attribute(node: h5py.Group | h5py.Dataset, name: str, file: Path) -> int | None:
    """Return an attribute that is an integer; None if absent."""
    value = number_attribute(node, name, file)
    if value is None or value == value // 1:
        return None if value is None else int(value)
    raise _refused_attribute(node, name, value, "an integer", file)


def _attribute(node: h5py.Group | h5py.Dataset, name: str, file: Path) -> Any:
    """Return a single value as an object of Python."""
    with _explained(file):
        if name not in node.attrs:
            return None
        stored = node.attrs.get_id(name)
        shape, dtype = stored.shape, stored.dtype
    is_text = h5py.check_string_dtype(dtype) is not None
    if shape not in ((), (1,)) or not (is_text or dtype.kind in "iuf"):
        raise _refused_attribute(node, name, f"{dtype} of shape {shape}", "a single value", file)
    with _explained(file):
        value = np.asarray(node.attrs[name]).ravel()[0]
        return value.item() if isinstance(value, np.generic) else value


def _member(parent: h5py.Group, name: str, file: Path, kind: Any, word: str) -> Any:
    member = _linked(parent, name, file, _MOST_SOFT_LINKS)
    if not isinstance(member, kind):
        raise InputError(
            f"has no {word} {_place(parent, name)}",
            file=file,
            remedy="Give a SONATA file of the correct kind",
        )
    return member


def _linked(parent: h5py.Group, name: str, file: Path, n_left: int) -> Any:
    """Return a member; soft links are followed step by step, so that none leads outside."""
    with _explained(file):
        key = name.encode("utf-8", "surrogateescape")
        if not parent.id.links.exists(key):
            return None
        kind = parent.id.links.get_info(key).type
        if kind == h5l.TYPE_HARD:
            return parent[name]
        is_soft = kind == h5l.TYPE_SOFT and n_left > 0
        target = parent.id.links.get_val(key).decode() if is_soft else ""
        place: Any = parent.file["/"] if target.startswith("/") else parent
    if not is_soft:
        raise _leads_outside(parent, name, file)
    for part in target.split("/"):
        if part not in ("", "."):
            place = _linked(place, part, file, n_left - 1)
        if not isinstance(place, h5py.Group):
            break
    return place


def _place(parent: h5py.Group | h5py.Dataset, name: str) -> str:
    return quoted(f"{(parent.name or '').rstrip('/')}/{name}")[1:-1]


def _leads_outside(parent: h5py.Group, name: str, file: Path) -> InputError:
    return InputError(
        f"{_place(parent, name)} is a link, or refers to values in another file",
        file=file,
        remedy="Copy the values into one file",
    )


def _refused_attribute(
    node: h5py.Group | h5py.Dataset, name: str, value: object, expected: str, file: Path
) -> InputError:
    return InputError(
        f"attribute {name} of {_place(node, '')} is {quoted(str(value))}, not {expected}",
        file=file,
        remedy=_DAMAGED,
    )
