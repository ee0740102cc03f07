"""Limit of the memory that the content of a compressed file may take."""

from __future__ import annotations

_ALWAYS_BYTES = 16_000_000
_MOST_COMPRESSED = 100
_MOST_DEFLATED = 1032
"""Largest factor by which the compression of NPZ and HDF5 reduces anything."""
_MOST_REPETITIVE_BYTES = 500_000_000


def may_be_unpacked(n_bytes: int, stored_bytes: int) -> bool:
    """Return whether arrays are plausible for the bytes from which they are unpacked.

    A small file may declare any size. Arrays of any size that are not compressed, and recordings,
    which are rarely compressed to less than a tenth, are below this limit; so are up to 500 MB of
    equal numbers, such as the counts of a silent population.

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
    repetitive = min(_MOST_REPETITIVE_BYTES, _MOST_DEFLATED * stored_bytes)
    return n_bytes <= max(_ALWAYS_BYTES + _MOST_COMPRESSED * stored_bytes, repetitive)
