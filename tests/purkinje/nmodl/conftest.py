"""A reader of generated NMODL: assignments and limits, carried out on numbers."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Iterable

import pytest

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitXor: operator.pow,
}
FUNCTIONS = {"exp": math.exp, "log": math.log}


def evaluate(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluate(node.operand, names)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](evaluate(node.left, names), evaluate(node.right, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id](*(evaluate(value, names) for value in node.args))
    raise ValueError(f"unexpected in an assignment: {ast.dump(node)}")


@pytest.fixture(scope="session")
def assign():
    """Carry out NMODL assignments, one a line, on a dictionary of names.

    Those inside ``if (a < b)`` are left out where a is not smaller.
    """

    def value(text: str, names: dict[str, float]) -> float:
        return evaluate(ast.parse(text.strip(), mode="eval").body, names)

    def run(lines: Iterable[str], names: dict[str, float]) -> None:
        carried_out = True
        for line in map(str.strip, lines):
            if limit := re.fullmatch(r"if \((.*) < (.*)\) {", line):
                carried_out = value(limit[1], names) < value(limit[2], names)
            elif line == "}":
                carried_out = True
            elif carried_out and not line.startswith("LOCAL "):
                name, _, expression = line.partition("=")
                names[name.strip()] = value(expression, names)

    return run
