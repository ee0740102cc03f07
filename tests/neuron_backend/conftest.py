"""A reader of generated NMODL: assignments, and nothing else, carried out on numbers."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable

import pytest

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluate(node.operand, names)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](evaluate(node.left, names), evaluate(node.right, names))
    raise ValueError(f"unexpected in an assignment: {ast.dump(node)}")


@pytest.fixture(scope="session")
def assign():
    """Carry out NMODL assignments, one a line, on a dictionary of names."""

    def run(lines: Iterable[str], names: dict[str, float]) -> None:
        for line in lines:
            name, _, expression = line.partition("=")
            names[name.strip()] = evaluate(ast.parse(expression.strip(), mode="eval").body, names)

    return run
