"""Steps of the calcium systems against converged backward Euler steps of their equations."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from cerebella.compiled.lane_access import block_at, numbers_of, put_lanes
from cerebella.compiled.memory import block_size
from cerebella.purkinje.calcium_pools import POOLS
from cerebella.purkinje.own_engine.calcium import Pool
from cerebella.purkinje.own_engine.layout import exchange_of, factors_of, rows_of, start_of_calcium
from cerebella.purkinje.own_engine.pump_pool import N_PUMP_SHELLS, pump_step

SPINY = next(pool for pool in POOLS if pool.region == "spiny")
DIFFUSION = np.array([0.233, 0.233, 0.028, 0.028, 0, 0, 0.043, 0.043])
DT_MS, N_STEPS = 0.02, 80
DIAMETER_UM = np.array([0.3, 0.5, 0.6, 1.0, 1.2, 1.8, 2.4, 3.0] * 4)
PEAK_MA_PER_CM2 = np.repeat([0.03, 0.3, 0.03, 0.3], 8)
TIME_MS = DT_MS * np.arange(N_STEPS)
CURRENT = np.where((TIME_MS > 0.2) & (TIME_MS < 1.2), np.sin((TIME_MS - 0.2) * np.pi) ** 2, 0)


@njit
def pump_steps(states, n, outward, inward, scale, influx, removal, totals, calcium):
    width = scale.size
    for step in range(influx.shape[0]):
        pool = Pool(
            n,
            numbers_of(outward),
            numbers_of(inward),
            block_at(scale, 0),
            DT_MS,
            totals[0],
            totals[1],
            totals[2],
            block_at(influx, step * width),
            block_at(removal, 0),
        )
        outer = pump_step(numbers_of(states), 0, pool, None)
        put_lanes(calcium, step * width, outer)


def rates(x, n, exchange, diameter, influx_per_ms, removal_per_ms):
    """Return the derivatives of all states of a pool with a pump, from its equations."""
    outward, inward = (rate[:n] for rate in exchange)
    mobile, immobile, parvalbumin = 0.128, 0.032, 0.08
    shells, bound = x[:-1].reshape(n, 8).T, x[-1]
    c, mg, mf, ms, f, s, p, pm = shells
    free = parvalbumin - p - pm
    reactions = [
        *(43.5 * c * (mobile - mf) - 0.0358 * mf, 5.5 * c * (mobile - ms) - 0.0026 * ms),
        *(43.5 * c * (immobile - f) - 0.0358 * f, 5.5 * c * (immobile - s) - 0.0026 * s),
        *(107 * c * free - 0.00095 * p, 0.8 * mg * free - 0.025 * pm),
    ]
    flow = np.zeros_like(shells)
    flow[:, 1:] += outward[1:] * (shells[:, :-1] - shells[:, 1:])
    flow[:, :-1] += inward[:-1] * (shells[:, 1:] - shells[:, :-1])
    change = flow * DIFFUSION[:, None] / diameter**2
    change[0] -= sum(reactions[:5])
    change[1] -= reactions[5]
    change[2:] += reactions
    change[0, 0] += influx_per_ms - removal_per_ms * (3000 * c[0] * (1 - bound) - 17.5 * bound)
    return np.append(change.T.ravel(), 3000 * c[0] * (1 - bound) - 90.05 * bound)


def converged_step(x, function):
    """Solve y = x + dt f(y) by Newton's method with a numerical Jacobian."""
    y = x.copy()
    for _ in range(8):
        residual = y - x - DT_MS * function(y)
        steps = 1e-7 * np.maximum(np.abs(y), 1e-6)
        columns = [
            (function(y + np.eye(1, len(y), k)[0] * h) - function(y)) / h
            for k, h in enumerate(steps)
        ]
        y -= np.linalg.solve(np.eye(len(y)) - DT_MS * np.stack(columns, 1), residual)
    return y


@pytest.fixture(scope="module")
def expected():
    """Calcium of the outermost shell of two of the compartments."""
    calcium = {}
    for lane in (0, 11):
        _, influx, removal = factors_of(SPINY, DIAMETER_UM[lane : lane + 1], DT_MS)[:, 0] / DT_MS
        x, course = start_of_calcium(SPINY), []
        for current in CURRENT:
            inflow = influx * current * PEAK_MA_PER_CM2[lane]
            arguments = (SPINY.n_shells, exchange_of(SPINY), DIAMETER_UM[lane], inflow, removal)
            x = converged_step(x, lambda y, arguments=arguments: rates(y, *arguments))
            course.append(x[0])
        calcium[lane] = np.array(course)
    return calcium


def test_systems_with_a_pump_have_the_shells_that_are_written_out():
    assert {pool.n_shells for pool in POOLS if pool.extrusion == "pump"} == {N_PUMP_SHELLS}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_two_sweeps_with_a_pump_are_converged(expected, dtype):
    width, n = block_size(), SPINY.n_shells
    for first in range(0, len(DIAMETER_UM), width):
        lanes = slice(first, first + width)
        scale, influx, removal = factors_of(SPINY, DIAMETER_UM[lanes], DT_MS).astype(dtype)
        states = np.append(rows_of(start_of_calcium(SPINY), dtype), np.zeros(2 * n))
        inflow = CURRENT[:, None] * (influx * PEAK_MA_PER_CM2[lanes])
        calcium = np.zeros((N_STEPS, width), dtype)
        pump_steps(
            np.repeat(states, width).astype(dtype),
            n,
            *(rate.astype(dtype) for rate in exchange_of(SPINY)),
            scale,
            inflow.astype(dtype),
            removal,
            np.array([0.128, 0.032, 0.08], dtype),
            calcium.reshape(-1),
        )
        for lane in expected.keys() & {*range(first, first + width)}:
            error = np.abs(calcium[:, lane - first] / expected[lane] - 1)
            assert error.max() < 2e-6
            assert error.mean() < 4e-7
            assert expected[lane].max() > 2 * expected[lane][0]
