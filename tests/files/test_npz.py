"""Archives are read whole or refused before memory is taken."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.files.npz import read_npz


def test_equal_numbers_may_be_compressed_a_thousandfold(tmp_path):
    np.savez_compressed(tmp_path / "counts.npz", io=np.zeros(3_000_000))
    assert (tmp_path / "counts.npz").stat().st_size < 30_000
    assert read_npz(tmp_path / "counts.npz")["io"].shape == (3_000_000,)


def test_a_size_that_no_compression_reaches_is_refused(tmp_path):
    header = (
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000,), }"
    )
    with zipfile.ZipFile(tmp_path / "counts.npz", "w") as archive:
        archive.writestr("io.npy", header.ljust(127) + b"\n")
    with pytest.raises(InputError, match="not as long as its shape"):
        read_npz(tmp_path / "counts.npz")
