"""Functions of numbers, symbols and lanes from formulas of the user."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from cerebella.compiled import functions
from cerebella.errors import InputError
from cerebella.parameters.formula import FUNCTIONS, parse_formula, variables_in
from cerebella.parameters.own_channels import VARIABLES, OwnChannel

_SOMEWHERE = (-64.987, 1e-4)
"""Potential and calcium at which no formula of a channel is singular."""
_ZERO = ast.parse("0*(v + 0)", mode="eval").body


def arguments_of(channel: OwnChannel) -> tuple[str, ...]:
    """Return the arguments of the functions of a channel: with calcium if a formula contains it."""
    return VARIABLES if channel.uses("calcium_mM") else VARIABLES[:1]


def function_of(formula: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function of numbers, symbols and lanes.

    Parameters
    ----------
    formula : str
        The formula; see `parse_formula`.
    arguments : tuple of str
        Arguments of the function, the potential ``"v"`` among them.

    Raises
    ------
    InputError
        The formula has no value, such as ``1/0``.

    Examples
    --------
    >>> from cerebella.compiled.formulas import function_of
    >>> function_of("1/(1 + exp(-(v + 66)/5))", ("v",))(-66.0)
    0.5
    """
    tree = parse_formula(formula, arguments)
    body = _with_plain_potential(tree)
    if not variables_in(tree):  # so that it is of the kind of its arguments
        body = ast.BinOp(_ZERO, ast.Add(), body)
    parameters = ast.arguments([], [ast.arg(name) for name in arguments], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(parameters, body)))
    (code,) = (
        part
        for part in compile(tree, f"<{formula}>", "eval").co_consts
        if isinstance(part, CodeType)
    )
    known = {name: getattr(functions, name) for name in FUNCTIONS}
    function = FunctionType(code, known, "formula")
    try:
        function(*_SOMEWHERE[: len(arguments)])
    except ArithmeticError as error:
        raise InputError(f"the formula {formula!r} has no value ({error})") from None
    return function


def _with_plain_potential(node: ast.expr) -> ast.expr:
    """Return a formula in which v occurs only in sums with a number.

    In lanes of singles, v is the difference from a constant; a sum with a number undoes it.
    """
    if isinstance(node, ast.Name):
        return ast.BinOp(node, ast.Add(), ast.Constant(0)) if node.id == "v" else node
    if isinstance(node, ast.BinOp):
        if isinstance(node.left, ast.Name) and isinstance(node.right, ast.Constant):
            if isinstance(node.op, ast.Add):
                return node
            if isinstance(node.op, ast.Sub):
                return ast.BinOp(node.left, ast.Add(), ast.Constant(-float(str(node.right.value))))
        left, right = _with_plain_potential(node.left), _with_plain_potential(node.right)
        return ast.BinOp(left, node.op, right)
    if isinstance(node, ast.UnaryOp):
        return ast.UnaryOp(node.op, _with_plain_potential(node.operand))
    if isinstance(node, ast.Call):
        return ast.Call(node.func, [_with_plain_potential(part) for part in node.args], [])
    return node
