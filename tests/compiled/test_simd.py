"""Each operation on lanes against the same on arrays; they are used in compiled code only."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from cerebella.compiled import lane_access as access
from cerebella.compiled import lane_offsets
from cerebella.compiled import simd as lanes

N = 16
RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float64])
def test_numbers_of_any_type_become_doubles(dtype):
    @njit
    def copied(array, at, out):
        access.put_lanes(out, 0, access.doubles_at(array, at, N))

    array, out = RNG.integers(0, 200, 40).astype(dtype), np.zeros(N)
    copied(array, 3, out)
    assert np.array_equal(out, array[3 : 3 + N])


def test_signed_numbers_keep_their_sign():
    @njit
    def copied(array, out):
        access.put_lanes(out, 0, access.doubles_at(array, 0, 8))

    array, out = RNG.integers(-9, 9, 8).astype(np.int32), np.zeros(8)
    copied(array, out)
    assert np.array_equal(out, array)


def test_operators_work_on_each_number():
    @njit
    def computed(a, b, out):
        x, y = access.lanes_at(a, 0, N), access.lanes_at(b, 0, N)
        access.put_lanes(out, 0, (x + y) * x - x / (y + lanes.spread(3.0, N)))

    a, b, out = RNG.normal(size=N), RNG.uniform(size=N), np.zeros(N)
    computed(a, b, out)
    assert np.array_equal(out, (a + b) * a - a / (b + 3.0))


def test_bits_of_whole_numbers():
    @njit
    def computed(a, b, out):
        x, y = access.lanes_at(a, 0, 4), access.lanes_at(b, 0, 4)
        access.put_lanes(out, 0, (x & y) + (x >> lanes.spread(np.uint64(7), 4)))

    a, b = RNG.integers(0, 1 << 63, (2, 4), dtype=np.uint64)
    out = np.zeros(4, dtype=np.uint64)
    computed(a, b, out)
    assert np.array_equal(out, (a & b) + (a >> np.uint64(7)))


def test_the_lesser_of_signed_numbers():
    @njit
    def computed(a, b, out):
        access.put_lanes(out, 0, lanes.lesser(access.lanes_at(a, 0, 8), access.lanes_at(b, 0, 8)))

    a, b = RNG.integers(-100, 100, (2, 8)).astype(np.int32)
    out = np.zeros(8, dtype=np.int32)
    computed(a, b, out)
    assert np.array_equal(out, np.minimum(a, b))


def test_a_threshold_is_reached_by_its_own_value_and_never_by_nan():
    @njit
    def crossed(v, theta, out):
        where = lanes.reached(access.lanes_at(v, 0, N), access.lanes_at(theta, 0, N))
        chosen = lanes.chosen(where, lanes.spread(1.0, N), lanes.spread(-1.0, N))
        access.put_lanes(out, 0, chosen)
        return lanes.any_of(where), lanes.bits_of(where)

    v, theta, out = np.full(N, -70.0), np.full(N, -65.0), np.zeros(N)
    assert crossed(v, theta, out) == (False, 0)
    v[3], v[15], v[7], theta[8] = -65.0, 0.0, np.nan, np.nan
    assert crossed(v, theta, out) == (True, 1 << 3 | 1 << 15)
    assert np.array_equal(np.flatnonzero(out > 0), [3, 15])


def test_bits_are_counted_and_found():
    @njit
    def found(bits):
        return lanes.count_bits(bits), lanes.lowest_bit(bits)

    assert found(np.uint64(0b1011000)) == (3, 3)


def test_offsets_keep_what_is_near_them():
    """Sums with numbers are rounded once, where those of plain singles are rounded before."""

    @njit
    def computed(a, out):
        x = lane_offsets.offset_by(access.lanes_at(a, 0, N), out, -60)
        access.put_lanes(out, 0, x + 48.806)
        access.put_lanes(out, N, -x)
        access.put_lanes(out, 2 * N, 2.0 * x)
        access.put_lanes(out, 3 * N, lanes.like(x, 1.0) - x)
        access.put_lanes(out, 4 * N, x / 4.0)

    a = RNG.uniform(-70, -50, N)
    for dtype, error in ((np.float32, 1.2e-6), (np.float64, 0)):
        out = np.zeros((5, N), dtype)
        computed(a, out.reshape(-1))
        expected = [a + 48.806, -a, 2 * a, 1 - a, a / 4]
        np.testing.assert_allclose(out[0], expected[0], rtol=0, atol=error)
        np.testing.assert_allclose(out[1:], expected[1:], rtol=2e-7)
    assert np.abs((a.astype(np.float32) + np.float32(48.806)) - expected[0]).max() > 1.2e-6
