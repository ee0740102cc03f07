"""Limit of the memory that the content of a compressed file may take."""

from __future__ import annotations

_ALWAYS_BYTES = 16_000_000
_MOST_COMPRESSED = 100


def may_be_unpacked(n_bytes: int, stored_bytes: int) -> bool:
    """Return whether arrays are plausible for the bytes from which they are unpacked.

    A small file may declare any size. Arrays of any size that are not compressed, and recordings,
    which are rarely compressed to less than a tenth, are below this limit.

    Parameters
    ----------
    n_bytes : int
        Declared size of the arrays in memory.
    stored_bytes : int
        Bytes that they take in the file.

    Returns
    -------
    bool
    """
    return n_bytes <= _ALWAYS_BYTES + _MOST_COMPRESSED * stored_bytes
