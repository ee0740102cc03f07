"""f–I curve, input resistance and rheobase, of interneurons against the test vectors."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.soma_spikes import compute_simple_spikes, compute_spike_times
from cerebella.errors import InputError
from cerebella.experiments.protocols.current_clamp import (
    compute_fi_curve,
    compute_input_resistance,
    compute_rheobase,
)
from cerebella.runs.load import load_run

QUIET = {"progress": False}


@pytest.mark.parametrize("population", ["MLI1", "MLI2"])
def test_fi_curve_of_an_interneuron_is_that_of_the_test_vector(oracle, population):
    table = oracle("mli_fi")
    own = table["cell"] == population
    currents = sorted({*table["bias_nA"][own].tolist()})
    result = compute_fi_curve(population, currents, **QUIET)
    assert len(currents) >= 7
    for current, row in zip(currents, result.rows, strict=True):
        times = table["t_ms"][own & (table["bias_nA"] == current) & (table["spike_index"] >= 0)]
        assert row["n_spikes"] == len(times)
        assert row["rate_Hz"] == pytest.approx(len(times) / 0.3)
        if len(times):
            assert row["first_spike_ms"] == pytest.approx(times[0], abs=0.026)
        if len(times) > 1:
            intervals_ms = np.diff(times)  # one spike is a sample later; see test_cell.py
            assert 1000 / row["initial_rate_Hz"] == pytest.approx(intervals_ms[0], abs=0.026)
            assert 1000 / row["final_rate_Hz"] == pytest.approx(intervals_ms[-1], abs=0.026)


def test_input_resistance_of_interneurons_is_that_of_the_test_vector(oracle):
    table = oracle("mli_rest_rin")
    for population in ("MLI1", "MLI2"):
        own = table["cell"] == population
        holding = table["bias_nA"][own].tolist()
        rows = compute_input_resistance(population, holding, step_nA=-0.005, **QUIET).rows
        for row, i in zip(rows, np.flatnonzero(own), strict=True):
            assert row["v_before_mV"] == pytest.approx(table["v_before_mV"][i], abs=1e-4)
            assert row["v_after_mV"] == pytest.approx(table["v_after_mV"][i], abs=1e-4)
            assert row["input_resistance_MOhm"] == pytest.approx(table["rin_MOhm"][i], rel=1e-4)
            assert row["n_spikes"] == 0


PASSIVE = {"cell": {"na_S_per_cm2": 0, "kv_S_per_cm2": 0, "ka_S_per_cm2": 0, "calva_S_per_cm2": 0}}


def test_time_constant_of_a_nearly_isopotential_passive_cell_is_that_of_its_membrane():
    """With little axial resistance: 1.5 µF/cm² divided by 7e-5 S/cm²."""
    parameters = {"cell": PASSIVE["cell"] | {"axial_resistivity_ohm_cm": 0.01}}
    (row,) = compute_input_resistance("MLI1", [0.0], parameters=parameters, **QUIET).rows
    assert row["time_constant_ms"] == pytest.approx(1.5e-3 / 7e-5, rel=0.005)
    assert row["input_resistance_MOhm"] == pytest.approx(1e2 / (7e-5 * 3004.93), rel=0.005)


def test_rheobase_separates_currents_with_and_without_spikes():
    result = compute_rheobase("MLI1", tolerance_nA=1e-4, **QUIET)
    found = result.summary["rheobase_nA"]
    assert 0.02 < found < 0.025
    assert 0 < result.summary["tolerance_nA"] <= 1e-4
    assert next(row["current_nA"] for row in result.rows if row["n_spikes"]) == found
    # The step starts from rest at the lowest current, as here.
    low, high = found - result.summary["tolerance_nA"], found
    curve = compute_fi_curve("MLI1", [low, high], settle_ms=300, **QUIET)
    assert [row["n_spikes"] > 0 for row in curve.rows] == [False, True]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((0.0, 0.01), r"MLI1 does not fire at 0.01 nA. Give a wider range"),
        ((0.05, 0.1), "MLI1 fires at 0.05 nA"),
        ((0.1, 0.0), "`range_nA` is 0.1 to 0"),
    ],
)
def test_a_range_without_the_rheobase_is_refused(limits, message):
    with pytest.raises(InputError, match=message):
        compute_rheobase("MLI1", limits, **QUIET)


@pytest.mark.parametrize(
    ("compute", "arguments", "message"),
    [
        (compute_fi_curve, {"cell": "MLI3"}, "`cell` 'MLI3' is unknown. Choose from MLI1, MLI2, p"),
        (compute_fi_curve, {"currents_nA": []}, "`currents_nA` is"),
        (compute_fi_curve, {"currents_nA": [np.nan]}, "`currents_nA` is"),
        (compute_fi_curve, {"step_ms": 0}, "`step_ms` is 0"),
        (compute_fi_curve, {"settle_ms": -1}, "`settle_ms` is -1"),
        (compute_input_resistance, {"step_nA": 0}, "`step_nA` is 0"),
        (compute_rheobase, {"tolerance_nA": 0}, "`tolerance_nA` is 0"),
    ],
)
def test_arguments_out_of_range_are_refused(compute, arguments, message):
    with pytest.raises(InputError, match=message):
        compute(**{"cell": "MLI1"} | arguments, **QUIET)


def test_a_small_purkinje_cell_fires_faster_with_more_current(spiny_cell):
    result = compute_fi_curve(spiny_cell, [-0.5, 0.0, 0.1], settle_ms=20, step_ms=60, **QUIET)
    assert result.cell == spiny_cell.name
    spikes = [row["n_spikes"] for row in result.rows]
    assert spikes[0] == 0
    assert spikes == sorted(spikes)
    assert spikes[-1] > 0
    (row,) = compute_input_resistance(spiny_cell, [-0.5], settle_ms=40, step_ms=40, **QUIET).rows
    assert row["v_after_mV"] < row["v_before_mV"]
    assert row["input_resistance_MOhm"] > 0


@pytest.mark.published
def test_spontaneous_rate_of_the_traced_cell(traced_cell, published_purkinje):
    """Excitation and inhibition of the published trial nearly cancel: its rate is almost that."""
    (file,) = published_purkinje.glob("pc_cf2_*_somav.npz")
    soma_v = load_run(file).traces["soma_v"]
    published = compute_simple_spikes(compute_spike_times(soma_v), (50.0, 150.0)).rate_Hz
    (row,) = compute_fi_curve(traced_cell, [0.0], settle_ms=50, step_ms=150, **QUIET).rows
    assert row["initial_rate_Hz"] == pytest.approx(row["final_rate_Hz"], rel=0.1)
    assert row["final_rate_Hz"] == pytest.approx(published, rel=0.1)
