"""Values of a parameter as text."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.values import parse_values, parse_variation


def test_name_and_values_are_divided_at_the_first_equals_sign():
    assert parse_variation(" connections.pf_rate_Hz = 2,4 ") == ("connections.pf_rate_Hz", "2,4")
    assert parse_variation("name=a=b") == ("name", "a=b")


@pytest.mark.parametrize("text", ["", "seed", "seed=", "=1", " = "])
def test_text_without_name_or_values_is_refused_with_the_forms(text):
    with pytest.raises(InputError, match="NAME=2,4,8"):
        parse_variation(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2,4.5, 8", [2, 4.5, 8]),
        ("1-3", [1, 2, 3]),
        ("1-2,8", [1, 2, 8]),
        ("-1,-0.5", [-1, -0.5]),
        ("null,151.7", [None, 151.7]),
        ("true,false", [True, False]),
        ("conjunctive,pair", ["conjunctive", "pair"]),
        ("[0,1],[0.5,1]", [[0, 1], [0.5, 1]]),
        ('"a,b",c', ["a,b", "c"]),
        ("linear:0:1:5", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("linear:0:0.3:4", [0.0, 0.1, 0.2, 0.3]),
        ("log:1:1000:4", [1.0, 10.0, 100.0, 1000.0]),
        ("log:8:1:4,0", [8.0, 4.0, 2.0, 1.0, 0]),
    ],
)
def test_lists_ranges_and_evenly_spaced_values(text, values):
    assert parse_values(text, "name") == values


def test_times_may_have_units():
    assert parse_values("50,0.1s,200ms", "duration_ms", is_time=True) == [50.0, 100.0, 200.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,,2", "1,,2 has an empty value"),
        ("3-1", "the range 3-1 is reversed. Give 1-3"),
        ("1-999999", "has more than 100000 values"),
        ("log:0:1:3", "has an end that is not positive"),
        ("linear:0:1", "is not of the form linear:FIRST:LAST:NUMBER"),
        ("linear:0:1:1", "is not of the form linear:FIRST:LAST:NUMBER"),
        ("linear:0:1:2.5", "Give a whole NUMBER of values"),
        ("log:1:x:3", "is not of the form log:FIRST:LAST:NUMBER"),
        ("linear:0:inf:3", "is not of the form linear:FIRST:LAST:NUMBER"),
    ],
)
def test_other_texts_are_refused(text, message):
    with pytest.raises(InputError, match=f"`vary` name.*{message}"):
        parse_values(text, "name")


def test_a_value_that_is_no_time_is_refused():
    with pytest.raises(InputError, match="`vary` duration_ms: 'x' is not a time"):
        parse_values("10ms,x", "duration_ms", is_time=True)
