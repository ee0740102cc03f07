"""EPSPs, of interneurons against the test vectors."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.experiments.protocols.epsp import compute_epsp

QUIET = {"progress": False}


@pytest.mark.parametrize("population", ["MLI1", "MLI2"])
@pytest.mark.parametrize(("fiber", "kind", "dendrite"), [("pf", "E", 4), ("cf", "CF", 5)])
def test_an_epsp_of_an_interneuron_is_that_of_the_test_vector(
    oracle, population, fiber, kind, dendrite
):
    table = oracle("mli_psp")
    weight_uS = {"E": 15e-6, "CF": 1577.3e-6}[kind]
    own = (table["cell"] == population) & (table["syn"] == kind)
    own &= (table["section"] == f"dend{dendrite}") & np.isclose(table["weight_uS"], weight_uS)
    expected, times_ms = table["dv_vs_no_synapse_mV"][own], table["t_ms"][own]
    result = compute_epsp(
        population,
        [1],
        input=fiber,
        place=f"dendrite{dendrite}(0.5)",
        holding_nA=-0.01,
        settle_ms=1500,
        duration_ms=30,
        **QUIET,
    )
    index = np.round(times_ms / 0.025).astype(int)
    np.testing.assert_allclose(
        result.courses[0, index], expected, rtol=0, atol=1e-5 * np.abs(expected).max() + 1e-6
    )
    assert result.rows[0]["peak_mV"] == pytest.approx(expected.max(), rel=1e-3)
    assert result.rows[0]["time_to_peak_ms"] == pytest.approx(
        times_ms[expected.argmax()] - 1500, abs=0.1
    )


def test_more_contacts_give_larger_epsps_and_distal_ones_smaller():
    options = {"settle_ms": 100, "duration_ms": 60, **QUIET}
    near, far = (
        [row["peak_mV"] for row in compute_epsp("MLI1", [1, 4], place=place, **options).rows]
        for place in ("dendrite0(0.5)", "dendrite11(0.9)")
    )
    assert 3.5 < near[1] / near[0] < 4
    assert 0 < far[0] < near[0]


def test_a_volley_depolarizes_a_small_purkinje_cell(spiny_cell):
    result = compute_epsp(
        spiny_cell, [2, 10], holding_nA=-0.1, settle_ms=30, duration_ms=30, **QUIET
    )
    small, large = (row["peak_mV"] for row in result.rows)
    assert 0 < small < large
    before = result.times_ms < 30
    assert np.abs(result.courses[:, before]).max() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_contacts": []}, "`n_contacts` is"),
        ({"n_contacts": [0]}, r"`n_contacts` is \[0\]"),
        ({"n_contacts": [1.5]}, r"`n_contacts` is \[1.5\]"),
        ({"input": "mf"}, "`input` is 'mf'. Give pf or cf"),
        ({"cell": "purkinje", "input": "cf"}, "`input` is 'cf'. Give pf; the CF of a Purkinje"),
        ({"place": "soma"}, "`place` 'soma' is not on an interneuron. Give dendrite0"),
        ({"place": "dendrite12(0.5)"}, "is not on an interneuron"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        compute_epsp(**{"cell": "MLI1", "settle_ms": 10} | arguments, **QUIET)
