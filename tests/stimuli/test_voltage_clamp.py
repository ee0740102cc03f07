"""Commands and currents of voltage clamps."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.stimuli.voltage_clamp import VoltageClamp, clamp_cells

CLAMP = VoltageClamp("MLI1[0]", [-70, -40], [1.0, 2.0], stop_ms=2.5, series_resistance_MOhm=4.0)


def clamping(*clamps, place=0):
    return clamp_cells(clamps, lambda _: np.array([place]), 0.25)


def test_each_level_lasts_to_the_next_and_the_last_to_the_end():
    conductance_uS, command_mV = clamping(CLAMP).commands(0, 12)
    on = slice(4, 10)
    np.testing.assert_array_equal(conductance_uS[on, 0], 0.25)
    assert np.count_nonzero(conductance_uS) == 6
    np.testing.assert_array_equal(command_mV[on, 0], [-70] * 4 + [-40] * 2)


def test_commands_do_not_depend_on_where_a_run_is_divided():
    whole = clamping(CLAMP).commands(0, 12)
    parts = [clamping(CLAMP).commands(*bounds) for bounds in ((0, 5), (5, 12))]
    for one, *of_parts in zip(whole, *parts, strict=True):
        np.testing.assert_array_equal(np.concatenate(of_parts), one)


def test_the_current_is_that_through_the_series_resistance_after_each_step():
    v_mV = np.full((13, 1), -60.0)
    currents = clamping(CLAMP).currents_nA(v_mV)[:, 0]
    expected = np.repeat([0.0, -2.5, 5.0, 0.0], [5, 4, 2, 2])
    np.testing.assert_allclose(currents, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VoltageClamp("MLI1", [-70, -40], [0]), "it has 2 levels and 1 times"),
        (lambda: VoltageClamp("MLI1", [], []), "it has 0 levels and 0 times"),
        (lambda: VoltageClamp("MLI1", [-70, -40], [5, 5]), "times do not ascend from 0 on"),
        (lambda: VoltageClamp("MLI1", -70, -1), "times do not ascend from 0 on"),
        (lambda: VoltageClamp("MLI1", -70, 5, stop_ms=5), "times do not ascend from 0 on"),
        (lambda: VoltageClamp("MLI1", "rest", 5), "levels_mV is not a list of finite numbers"),
        (lambda: VoltageClamp("MLI1", -70, 0, series_resistance_MOhm=0), "MOhm is 0. Give a pos"),
        (lambda: clamping(CLAMP, CLAMP), "this place has two voltage clamps"),
    ],
)
def test_what_cannot_be_clamped_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
