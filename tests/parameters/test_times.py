"""Times as text."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.times import format_time, parse_time_ms


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("300", 300.0),
        ("300ms", 300.0),
        (" 1.1 s ", 1100.0),
        ("2min", 120_000.0),
        ("1h", 3_600_000.0),
        ("25us", 0.025),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-5ms", -5.0),
    ],
)
def test_a_time_is_a_number_with_a_unit_or_in_ms(text, time_ms):
    assert parse_time_ms(text) == time_ms


@pytest.mark.parametrize(
    "text", ["", "ms", "300 apples", "3 0", "nan", "inf", "1e999", "5 S", "1,5"]
)
def test_other_text_is_refused_with_the_forms(text):
    with pytest.raises(InputError, match=r"is not a time.*120s"):
        parse_time_ms(text)


def test_times_are_shown_with_the_unit_that_suits_them():
    assert [format_time(t) for t in (0.5, 999.0, 1000.0, 90_500.0)] == [
        "0.5 ms",
        "999 ms",
        "1 s",
        "90.5 s",
    ]
