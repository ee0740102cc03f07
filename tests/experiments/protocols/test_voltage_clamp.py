"""The I–V curve."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.experiments.protocols.current_clamp import compute_input_resistance
from cerebella.experiments.protocols.voltage_clamp import compute_iv_curve

NO_CHANNELS = {
    "cell": {"na_S_per_cm2": 0, "kv_S_per_cm2": 0, "ka_S_per_cm2": 0, "calva_S_per_cm2": 0}
}


def test_a_passive_cell_follows_ohms_law_and_nothing_is_left_after_subtraction():
    options = {"parameters": NO_CHANNELS, "progress": False}
    rows = compute_iv_curve("MLI2", [-100, -80, -40], settle_ms=200, step_ms=200, **options).rows
    (free,) = compute_input_resistance("MLI2", [0.0], **options).rows
    for row in rows:
        through_membrane = (row["v_mV"] + 65) / free["input_resistance_MOhm"]
        assert row["steady_nA"] == pytest.approx(through_membrane, rel=1e-3)
        assert row["inward_nA"] == pytest.approx(0, abs=1e-9)
        assert row["outward_nA"] == pytest.approx(0, abs=1e-9)


def test_sodium_is_inward_and_potassium_outward():
    rows = compute_iv_curve("MLI1", [-90, -70, -20], settle_ms=100, progress=False).rows
    assert rows[0]["inward_nA"] > -0.1
    assert rows[2]["inward_nA"] < -5
    assert rows[2]["steady_nA"] > 1
    blocked = {"cell": {"na_S_per_cm2": 0}}
    options = {"settle_ms": 100, "progress": False}
    (row,) = compute_iv_curve("MLI1", [-20], parameters=blocked, **options).rows
    assert row["inward_nA"] > -0.1
    assert row["steady_nA"] == pytest.approx(rows[2]["steady_nA"], rel=0.05)


def test_series_resistance_keeps_the_cell_from_the_command():
    options = {"settle_ms": 50, "step_ms": 30, "progress": False}
    near, far = (
        compute_iv_curve("MLI1", [-20], series_resistance_MOhm=r, **options).rows[0]["v_mV"]
        for r in (0.1, 5.0)
    )
    assert near == pytest.approx(-20, abs=1.5)
    assert far < near - 5


def test_engines_agree():
    rows = [
        compute_iv_curve(
            "MLI1", [-60, -20], settle_ms=20, step_ms=10, engine=engine, progress=False
        ).rows
        for engine in ("numba", "neuron")
    ]
    for one, other in zip(*rows, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_a_resistance_of_zero_is_refused():
    with pytest.raises(InputError, match="series_resistance_MOhm is 0"):
        compute_iv_curve("MLI1", [-20], series_resistance_MOhm=0, progress=False)
