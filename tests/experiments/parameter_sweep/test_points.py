"""Combinations of values, checked before anything is simulated."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.points import (
    Base,
    check_arguments,
    combine,
    read_variations,
)
from cerebella.experiments.parameter_sweep.swept import SWEPT, check_measures, find_variable

ARGUMENTS = {
    "mli": {"seed": 0, "trial": 1, "duration_ms": 300.0, "cf_sync": 8},
    "olive": {"seed": 0, "trial": 1, "duration_ms": 1000.0, "perturbations": ()},
}


def points_of(vary, swept="mli", **options):
    kind = SWEPT[swept]
    parameters = kind.parameters()
    arguments = check_arguments(kind, parameters, ARGUMENTS.get(swept, ARGUMENTS["mli"]))
    base = Base(kind, parameters, arguments)
    return combine(read_variations(kind, vary), base, **options)


def test_all_combinations_with_the_last_variable_fastest():
    points = points_of({"connections.pf_rate_Hz": [2, 4], "seed": "1-2"})
    assert [point.values for point in points] == [
        {"connections.pf_rate_Hz": 2.0, "seed": 1},
        {"connections.pf_rate_Hz": 2.0, "seed": 2},
        {"connections.pf_rate_Hz": 4.0, "seed": 1},
        {"connections.pf_rate_Hz": 4.0, "seed": 2},
    ]
    assert [point.parameters.connections.pf_rate_Hz for point in points] == [2, 2, 4, 4]
    assert [point.arguments["seed"] for point in points] == [1, 2, 1, 2]


def test_changes_are_what_differs_from_the_base():
    first, second = points_of({"w2_pS": [35, 70], "seed": [0]})
    assert first.changes == {"connections.mli2_to_mli1_weight_pS": 35.0}
    assert second.changes == {}


def test_paired_values_and_levels_that_are_compared_with_each_pair():
    vary = {"mli.connections.pf_rate_Hz": [2, 4], "w2_pS": [35, 70], "cf_sync": [0, 8]}
    points = points_of(vary, "cf-synchrony", paired=True)
    assert [tuple(point.values.values()) for point in points] == [
        (2, 35, 0),
        (2, 35, 8),
        (4, 70, 0),
        (4, 70, 8),
    ]


def test_names_of_python_and_of_the_command_line_and_of_older_versions():
    mli, olive = SWEPT["mli"], SWEPT["olive"]
    assert find_variable(mli, "w2") == find_variable(mli, "w2_pS")
    assert find_variable(mli, "duration").name == "duration_ms"
    assert find_variable(mli, "cf-sync").name == "cf_sync"
    assert find_variable(olive, "plasticity.rule").path == "plasticity.rule"
    assert find_variable(olive, "synapses.pf_pkj.tau_ms").path == "synapses.pf_purkinje.tau_ms"


def test_numbers_of_numpy_and_lists_of_a_parameter():
    (point,) = points_of({"seed": np.array([3])})
    assert point.values["seed"] == 3
    assert type(point.values["seed"]) is int
    (point,) = points_of({"circuit.scale": [np.float32(0.5)]}, "olive")
    assert type(point.values["circuit.scale"]) is float


@pytest.mark.parametrize(
    ("swept", "vary", "message"),
    [
        ("mli", {}, "`vary` names no parameter"),
        ("mli", {"seed": []}, "`vary` seed has no values"),
        ("mli", {"pf_rate_Hz": [1]}, "no parameter 'pf_rate_Hz'. Did you mean conn.*_Hz[?]"),
        (
            "purkinje",
            {"connections.cf_scale": [1]},
            "Did you mean purkinje.con.*cf_scale[?]",
        ),
        ("mli", {"frog": [1]}, "no parameter 'frog'. There are cell"),
        ("mli", {"connections.pf_rate_Hz": [2, -1]}, "`vary`: connections.pf_rate_Hz is -1: it"),
        ("mli", {"w2_pS": ["a"]}, "`vary`: w2_pS is 'a': it must be a valid number"),
        ("mli", {"seed": [1.5]}, "`vary`: seed is 1.5: it must be a valid integer"),
        ("mli", {"duration": [0]}, "`vary`: duration_ms is 0"),
        ("olive", {"duration": [0.55]}, "not a whole number of time steps"),
        ("olive", {"ltp": [0.1, 2]}, "`vary`: ltp is 2: it must be less than or equal to 1"),
        ("mli", {"seed": [1, 1]}, "`vary` has seed=1 twice"),
        ("mli", {"connections.pf_rate_Hz": [2, 2.0]}, "pf_rate_Hz=2.0 twice"),
        ("mli", {"w2": [1], "w2_pS": [2]}, "twice, as w2 and w2_pS"),
        ("mli", {"seed": range(1000), "trial": range(1000)}, "1000000 combinations of values"),
    ],
)
def test_names_and_values_that_cannot_be_used(swept, vary, message):
    with pytest.raises(InputError, match=message):
        points_of(vary, swept)


def test_values_that_are_paired_must_be_equal_in_number():
    with pytest.raises(InputError, match="but seed has 3, trial has 2"):
        points_of({"seed": [1, 2, 3], "trial": [1, 2]}, paired=True)


def test_unknown_measures_are_answered_with_similar_names():
    with pytest.raises(InputError, match=r"no measure 'MLI1_rate'\. Did you mean MLI1_rate_Hz"):
        check_measures(SWEPT["mli"], ["MLI1_rate"])
    with pytest.raises(InputError, match=r"no measure 'frog'\. There are predicted_cf_rate_Hz"):
        check_measures(SWEPT["olive"], ["frog"])
    with pytest.raises(InputError, match="mean_weight is given twice"):
        check_measures(SWEPT["olive"], ["mean_weight", "mean_weight"])
