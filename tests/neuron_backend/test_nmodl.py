"""NMODL from Python functions: texts of expressions, shared parts, templates."""

from __future__ import annotations

import pytest

from cerebella.compiled.functions import at_least, exp, inverse_cube_root, linoid
from cerebella.neuron_backend.nmodl import assignments, filled, number, symbol

A, B, C = (symbol(name) for name in "abc")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (A + B - C, "a + b - c"),
        (A - (B - C), "a - (b - c)"),
        (A + (B + C), "a + (b + c)"),
        (A * B / C, "a*b/c"),
        (A / (B * C), "a/(b*c)"),
        (A * (B + C), "a*(b + c)"),
        (2 - A, "2 - a"),
        (A - 2, "a - 2"),
        (A * -0.5, "a*(-0.5)"),
        (A + -0.5, "a + (-0.5)"),
        (-A * B, "-a*b"),
        (-(A + B) / 5, "-(a + b)/5"),
        (-exp(-A), "-exp(-a)"),
        (1 / A, "1/a"),
        (3 ** ((A - 22) / 10), "3^((a - 22)/10)"),
        (exp(-A), "exp(-a)"),
        (inverse_cube_root(1 + A), "exp(-log(1 + a)/3)"),
    ],
)
def test_operations_keep_their_order(expression, text):
    assert str(expression) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (0.1 + 0.2, "0.3"), (2e-14, "2e-14"), (1 / 3, "0.333333333333333")],
)
def test_the_last_bits_of_numbers_are_left_out(value, text):
    """They may differ between machines, but the hash of the equations must not."""
    assert number(value) == text


def test_what_occurs_in_several_equations_is_computed_once():
    total = exp(A) + exp(B)
    text = assignments({"x": exp(A) / total, "y": C * total})
    assert text.splitlines() == [
        "LOCAL u1, u2",
        "u1 = exp(a)",
        "u2 = u1 + exp(b)",
        "x = u1/u2",
        "y = c*u2",
    ]


def test_the_numerator_of_a_linoid_takes_a_factor():
    """Thereby it is rounded as by the mechanisms that were written by hand."""
    text = assignments({"x": 3 * linoid(A + B)})
    assert text.splitlines() == [
        "LOCAL u1, u2",
        "u1 = a + b",
        "if (fabs(u1) < 1e-6) {",
        "    u2 = 3*(1 + u1/2)",
        "} else {",
        "    u2 = 3*u1/(1 - exp(-u1))",
        "}",
        "x = u2",
    ]


def test_what_occurs_once_has_no_variable():
    assert assignments({"x": exp(A) + B}) == "x = exp(a) + b"


def test_a_limit_is_a_statement():
    text = assignments({"x": 2 * at_least(0.2, A - B)})
    assert text.splitlines() == [
        "LOCAL u1",
        "u1 = a - b",
        "if (u1 < 0.2) {",
        "    u1 = 0.2",
        "}",
        "x = 2*u1",
    ]


def test_a_value_takes_the_indentation_of_its_line_and_an_empty_one_drops_it():
    template = "BLOCK {\n    $lines\n    $nothing\n    x = $factor*$factor_of_y\n}\n"
    parts = {"lines": "a\nb", "nothing": "", "factor": "2", "factor_of_y": "y"}
    assert filled(template, parts) == "BLOCK {\n    a\n    b\n    x = 2*y\n}\n"
