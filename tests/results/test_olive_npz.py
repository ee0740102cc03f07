from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.olive_npz import read_olive_npz

COUNTS = np.array([[1, 0], [0, 0], [2, 1]], dtype=np.uint16)
WEIGHTS = np.full((4, 5), 0.25, dtype=np.float32)
GOOD = {"IO_spikes": COUNTS, "weights": WEIGHTS}


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "loop.npz", **arrays)
        return tmp_path / "loop.npz"

    return write


def test_a_file_without_the_width_of_its_bins_has_100_ms(npz):
    counts = read_olive_npz(npz(**GOOD))
    assert counts.bin_ms == 100
    assert counts.duration_ms == 300
    assert counts.rates_Hz == {"IO": pytest.approx(4 / 2 / 0.3)}
    assert counts.weights_times_ms is None
    assert np.array_equal(counts.weights, WEIGHTS)


def test_the_width_of_bins_that_a_file_gives_counts(npz):
    assert read_olive_npz(npz(**GOOD, bin_ms=np.array(50.0))).rates_Hz["IO"] == pytest.approx(
        4 / 2 / 0.15
    )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "contains no arrays"),
        ({"IO_spikes": COUNTS}, "contains IO_spikes"),
        ({"t": COUNTS, "data": COUNTS}, "contains t, data"),
        (GOOD | {"PF_spikes": COUNTS[0]}, "PF_spikes .* does not contain counts by bin and cell"),
        (GOOD | {"IO_spikes": np.full((3, 2), -1)}, "does not contain counts"),
        (GOOD | {"IO_spikes": np.full((3, 2), 0.5)}, "does not contain counts"),
        (GOOD | {"IO_spikes": np.array([["a"]])}, "does not contain counts"),
        (GOOD | {"PF_spikes": COUNTS[:2]}, "same number of bins.* IO 3, PF 2"),
        (GOOD | {"IO_spikes": COUNTS[:0]}, "same number of bins"),
        (GOOD | {"weights": WEIGHTS[0]}, "does not contain values by sample and synapse"),
        (GOOD | {"weights_times_ms": np.arange(3.0)}, "does not contain 4 times"),
        (GOOD | {"bin_ms": np.array(0.0)}, "not a valid bin width"),
        (GOOD | {"bin_ms": np.array(["x"])}, "not a valid bin width"),
        (GOOD | {"weights": np.array([{}], dtype=object)}, "does not contain numbers or text"),
    ],
)
def test_other_arrays_are_refused_with_what_is_wanted(npz, arrays, message):
    with pytest.raises(InputError, match=f"(?s){message}.*<POP>_spikes"):
        read_olive_npz(npz(**arrays))


def test_files_that_are_no_archives_are_refused(tmp_path, npz):
    good = npz(**GOOD)
    (tmp_path / "cut.npz").write_bytes(good.read_bytes()[:300])
    damaged = bytearray(good.read_bytes())
    damaged[150] ^= 255
    (tmp_path / "damaged.npz").write_bytes(damaged)
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "text.npz").write_text("time,cell\n")
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, COUNTS)
    for name in ("cut", "damaged", "empty", "text", "single", "missing"):
        with pytest.raises(InputError, match=f"{name}.npz.*(NumPy archive|No such file)"):
            read_olive_npz(tmp_path / f"{name}.npz")
