"""Two configurations, in words."""

from __future__ import annotations

from cerebella.results.difference import describe_difference


def test_equal_settings_do_not_differ_however_they_are_written():
    assert (
        describe_difference({"levels": [0, 8], "a": {"b": 1}}, {"a": {"b": 1.0}, "levels": (0, 8)})
        == ""
    )


def test_what_changed_came_or_went_is_named_with_both_values():
    text = describe_difference(
        {"a": {"b": 1, "c": 2}, "old": True}, {"a": {"b": 1, "c": 3}, "new": "x"}
    )
    assert text == "a.c was 2, now 3; old was True, now None; new was None, now 'x'"
