"""Functions of lanes against those of numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from cerebella.compiled.functions import exp, linoid
from cerebella.compiled.simd import fma, lanes_at, put_lanes

COUNT = 8


@pytest.fixture(scope="module")
def exp_of():
    @njit
    def compiled(x, out):
        for i in range(0, x.size, COUNT):
            put_lanes(out, i, exp(lanes_at(x, i, COUNT)))

    def apply(x):
        out = np.empty_like(x)
        compiled(x, out)
        return out

    return apply


def test_exp_differs_from_the_true_value_by_rounding_only(exp_of):
    x = np.concatenate([np.linspace(-708, 709, 8000), np.linspace(-1e-3, 1e-3, 80)])
    np.testing.assert_allclose(exp_of(x), np.exp(x), rtol=3e-16)


def test_exp_stays_within_normal_numbers_and_keeps_nan(exp_of):
    x = np.array([-1e9, -np.inf, 1e9, np.inf, np.nan, 0.0, -0.0, -720.0])
    result = exp_of(x)
    assert (result[:2] >= np.finfo(float).tiny).all()
    assert np.isfinite(result[2:4]).all()
    assert np.isnan(result[4])
    assert (result[5:7] == 1).all()


def test_linoid_is_smooth_at_zero_in_python_and_in_lanes():
    @njit
    def compiled(x, out):
        put_lanes(out, 0, linoid(lanes_at(x, 0, COUNT)))

    x = np.array([0.0, 1e-7, -1e-7, 1e-5, -1e-5, 1.0, -1.0, 30.0])
    out = np.empty_like(x)
    compiled(x, out)
    np.testing.assert_allclose(out, [linoid(value) for value in x], rtol=1e-11)
    assert out[0] == 1
    assert out[5] == pytest.approx(1 / (1 - math.exp(-1)))


def test_fused_products_are_rounded_once():
    @njit
    def compiled(x, out):
        lanes = lanes_at(x, 0, COUNT)
        put_lanes(out, 0, fma(lanes, lanes, -1.0))

    x = np.full(COUNT, 1 + 2.0**-30)
    out = np.empty_like(x)
    compiled(x, out)
    assert (out == 2.0**-29 + 2.0**-60).all()  # x * x - 1 would lose the last term
