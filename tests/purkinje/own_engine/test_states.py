"""Singles with remainders: sums of small changes, which single precision alone would lose."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from cerebella.compiled.lane_access import block_at, put_lanes
from cerebella.compiled.memory import block_size
from cerebella.purkinje.own_engine.states import advance_state


@njit
def advance_often(states, changes, n):
    for _ in range(n):
        advance_state(states, 0, states.size // 2, block_at(changes, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_million_small_changes_add_up(dtype):
    """Single precision alone would not move at all; nor would it if sums were reassociated."""
    width, n = block_size(), 1_000_000
    states = np.zeros(2 * width, dtype)
    states[:width] = 0.7
    changes = np.full(width, 1e-9, dtype)
    assert np.float32(0.7) + np.float32(1e-9) == np.float32(0.7)
    advance_often(states, changes, n)
    total = states[:width].astype(float) + states[width:]
    expected = float(dtype(0.7)) + n * float(dtype(1e-9))
    np.testing.assert_allclose(total, expected, rtol=1e-9)


def test_the_remainder_is_what_rounding_cuts_off():
    width = block_size()
    states = np.zeros(2 * width, np.float32)
    states[:width] = 1.0
    advance_often(states, np.full(width, 2.0**-30, np.float32), 1)
    assert (states[:width] == 1).all()
    assert (states[width:] == 2.0**-30).all()


def test_blocks_of_all_types_have_the_same_number_of_values():
    @njit
    def copy(array, out):
        put_lanes(out, 0, block_at(array, 0))

    for dtype in (np.float32, np.float64):
        array, out = np.arange(1, 65, dtype=dtype), np.zeros(64, dtype)
        copy(array, out)
        assert np.count_nonzero(out) == block_size()
