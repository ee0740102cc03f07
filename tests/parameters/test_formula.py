"""Formulas: arithmetic of named variables, and nothing else of Python."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.formula import parse_formula, variables_in


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "-v",
        "1/(1 + exp(-(v + 66)/5))",
        "at_least(0.2, v*calcium_mM)",
        "linoid((v + 26)/10) - inverse_cube_root(1 + exp(v))",
    ],
)
def test_arithmetic_is_accepted(text):
    assert variables_in(parse_formula(text, ("v", "calcium_mM"))) <= {"v", "calcium_mM"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v**2", r"'v \*\* 2' cannot be used in a formula. Write a product"),
        ("u + 1", "'u' cannot be used"),
        ("v if v else 1", "cannot be used"),
        ("v.real", "'v.real' cannot be used"),
        ("(lambda: 1)()", "cannot be used"),
        ("__import__('os').system('true')", "cannot be used"),
        ("exp", "'exp' cannot be used"),
        ("exp(v, 1)", r"'exp\(v, 1\)' cannot be used"),
        ("exp(v)(1)", "cannot be used"),
        ("exp(x=1)", "cannot be used"),
        ("[1][0]", "cannot be used"),
        ("'text'", "cannot be used"),
        ("True", "'True' cannot be used"),
        ("1j", "'1j' cannot be used"),
        ("v +", "not a formula"),
        ("v\0", "not a formula"),
        ("", "not a formula"),
        ("-" * 900 + "v", "not a formula|nested more than 60 levels"),
        ("v" * 1001, "1001 characters"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_formula(text, ("v", "calcium_mM"))
