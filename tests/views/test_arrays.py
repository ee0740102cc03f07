"""Arrays of a page: quantized values differ from those of the run by half a step at most."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from cerebella.views.arrays import NOT_RECORDED, ArrayStore


def decoded(store, index):
    """Return an array as the script of the page computes it."""
    entry = store.table[index]
    data = zlib.decompress(base64.b64decode(store.as_text()))
    width, n = int(entry["type"][1]), int(np.prod(entry["shape"]))
    planes = np.frombuffer(data, np.uint8, width * n, entry["offset"]).reshape(width, n)
    values = np.ascontiguousarray(planes.T).view(f"<{entry['type']}").reshape(entry["shape"])
    if entry.get("sums"):
        return np.cumsum(values, dtype=np.uint32) * entry["step"]
    if not entry.get("changes"):
        return values
    changes = (values >> 1) ^ -(values & 1).astype(np.int32)
    steps = np.cumsum(changes, axis=0).astype(np.uint16)
    found = np.where(steps == NOT_RECORDED, np.nan, entry["origin"] + entry["step"] * steps)
    return 10**found if entry["logarithmic"] else found


def test_quantized_values_differ_by_half_a_step_at_most():
    values = np.random.default_rng(1).normal(-60, 15, (50, 7))
    store = ArrayStore()
    index = store.quantized(values, 0.02)
    assert np.abs(decoded(store, index) - values).max() <= 0.01 + 1e-9


def test_logarithms_are_quantized_for_a_relative_error():
    values = 10 ** np.random.default_rng(1).uniform(-3, 2, (50, 7))
    store = ArrayStore()
    index = store.quantized(values, 0.002, logarithmic=True)
    assert np.abs(np.log10(decoded(store, index) / values)).max() <= 0.001 + 1e-9


def test_the_step_is_enlarged_for_a_range_of_more_than_16_bits():
    values = np.array([0.0, 1000.0, 500.3])
    store = ArrayStore()
    index = store.quantized(values, 0.001)
    step = store.table[index]["step"]
    assert 0.015 < step < 0.016
    assert np.abs(decoded(store, index) - values).max() <= step / 2 + 1e-9


@pytest.mark.parametrize("values", [[np.nan, 1.0, np.nan, 3.0], [np.nan] * 3])
def test_missing_values_stay_missing(values):
    store = ArrayStore()
    assert decoded(store, store.quantized(np.array(values), 0.5)).tolist() == pytest.approx(
        values, nan_ok=True
    )


def test_constant_values_are_exact():
    store = ArrayStore()
    assert decoded(store, store.quantized(np.full(4, -65.0), 0.1)).tolist() == [-65.0] * 4


def test_times_and_plain_arrays_follow_one_another():
    store = ArrayStore()
    times = store.times(np.array([0.1, 0.1, 299.996, 60_000.0]), 0.01)
    places = store.add(np.array([[0.5, -1.25], [1e6, 0]]), "f4")
    cells = store.add([0, 21_339, 7], "u4")
    assert decoded(store, times) == pytest.approx([0.1, 0.1, 300.0, 60_000.0], abs=0.005)
    assert decoded(store, places).tolist() == [[0.5, -1.25], [1e6, 0]]
    assert decoded(store, cells).tolist() == [0, 21_339, 7]
