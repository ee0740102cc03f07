"""Functions of lanes against those of numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from cerebella.compiled import lane_functions  # noqa: F401, forms of the functions for lanes
from cerebella.compiled.functions import exp, inverse_cube_root, linoid, one_minus_exp
from cerebella.compiled.lane_access import lanes_at, put_lanes
from cerebella.compiled.simd import fma

COUNT = 8
SMALL = np.geomspace(1e-30, 1e-2, 160)


def compiled(function):
    """Return a function in compiled code as a function of arrays of either precision."""

    of_lanes = njit(function)

    @njit
    def loop(x, out):
        for i in range(0, x.size, COUNT):
            put_lanes(out, i, of_lanes(lanes_at(x, i, COUNT)))

    def apply(x):
        out = np.empty_like(x)
        loop(x, out)
        return out

    return apply


@pytest.fixture(scope="module")
def exp_of():
    return compiled(lambda x: exp(x))


@pytest.mark.parametrize(
    ("dtype", "most", "error"),
    [(float, 708, 3e-16), (np.float32, 10, 1e-7), (np.float32, 87, 3e-7)],
)
def test_exp_differs_from_the_true_value_by_rounding_only(exp_of, dtype, most, error):
    """The reduction of singles to |x| < ln 2 / 2 adds 2e-9 for each power of two."""
    x = np.concatenate([np.linspace(-most, most, 8000), np.linspace(-1e-3, 1e-3, 80)]).astype(dtype)
    np.testing.assert_allclose(exp_of(x), np.exp(x.astype(float)), rtol=error)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_exp_stays_within_normal_numbers_and_keeps_nan(exp_of, dtype):
    x = np.array([-1e9, -np.inf, 1e9, np.inf, np.nan, 0.0, -0.0, -720.0], dtype)
    result = exp_of(x)
    assert (result[:2] >= np.finfo(dtype).tiny).all()
    assert np.isfinite(result[2:4]).all()
    assert np.isnan(result[4])
    assert (result[5:7] == 1).all()


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 5e-16), (np.float32, 2e-7)])
def test_the_part_that_a_relaxation_covers_is_accurate_for_short_and_long_steps(dtype, error):
    x = np.concatenate([SMALL, np.linspace(-20, 80, 4000), -SMALL]).astype(dtype)
    covered = compiled(lambda x: one_minus_exp(x))(x)
    np.testing.assert_allclose(covered, -np.expm1(-x.astype(float)), rtol=error)
    assert one_minus_exp(1e-20) == 1e-20


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 5e-16), (np.float32, 2e-7)])
def test_inverse_cube_root(dtype, error):
    x = np.concatenate([np.geomspace(1e-30, 1e30, 4000), np.linspace(1, 2, 800)]).astype(dtype)
    root = compiled(lambda x: inverse_cube_root(x))(x)
    np.testing.assert_allclose(root, np.cbrt(1 / x.astype(float)), rtol=error)
    assert inverse_cube_root(8.0) == pytest.approx(0.5)


def test_linoid_is_smooth_at_zero_in_python_and_in_lanes():
    x = np.array([0.0, 1e-7, -1e-7, 1e-5, -1e-5, 1.0, -1.0, 30.0])
    out = compiled(lambda x: linoid(x))(x)
    np.testing.assert_allclose(out, [linoid(value) for value in x.tolist()], rtol=1e-11)
    assert out[0] == 1
    assert out[5] == pytest.approx(1 / (1 - np.exp(-1)))


@pytest.mark.parametrize(("dtype", "bits"), [(np.float64, 30), (np.float32, 13)])
def test_fused_products_are_rounded_once(dtype, bits):
    x = np.full(COUNT, 1 + 2.0**-bits, dtype)
    out = compiled(lambda x: fma(x, x, -1.0))(x)
    # x * x - 1 would lose the last term
    assert (out == 2.0 ** (1 - bits) + 2.0 ** (-2 * bits)).all()
