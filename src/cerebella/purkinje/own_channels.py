"""All channels with gates of a cell: those of the package, and those that the user describes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from cerebella.compiled import functions
from cerebella.parameters.formula import FUNCTIONS, parse_formula, variables_in
from cerebella.parameters.own_channels import VARIABLES, OwnChannel
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.purkinje.channels import CHANNELS, Channel, Gate


def channels_of(cell: PurkinjeCellParameters) -> tuple[Channel, ...]:
    """Return the channels with gates of a cell.

    Parameters
    ----------
    cell : PurkinjeCellParameters
        The membrane, with the channels of the user. One of the name of a channel of the package
        takes its place.

    Returns
    -------
    tuple of Channel
        Equal channels are the same objects.
    """
    own = {name: _channel(name, one.model_dump_json()) for name, one in cell.channels.items()}
    return (*(own.pop(channel.name, channel) for channel in CHANNELS), *own.values())


@cache
def _channel(name: str, description: str) -> Channel:
    """Return a channel from its description in JSON."""
    given = OwnChannel.model_validate_json(description)
    texts = [
        text
        for gate in given.gates.values()
        for text in (gate.steady, gate.rate, gate.start)
        if isinstance(text, str)
    ]
    used = set().union(*(variables_in(parse_formula(text, VARIABLES)) for text in texts))
    by_calcium = "calcium_mM" in used
    arguments = VARIABLES if by_calcium else VARIABLES[:1]
    gates = tuple(
        Gate(
            gate_name,
            _function(gate.steady, arguments),
            _function(gate.rate, arguments) if isinstance(gate.rate, str) else float(gate.rate),
            gate.power,
            _function(gate.start, arguments) if gate.start else None,
        )
        for gate_name, gate in given.gates.items()
    )
    return Channel(
        name,
        (given.density(name),),
        given.ion,
        gates,
        given.q10,
        given.reference_C,
        by_calcium=by_calcium,
        formulas=f"{name} {description}",
    )


def _function(formula: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function of numbers, symbols and lanes from a formula that has been checked."""
    body = _with_plain_potential(parse_formula(formula, arguments))
    parameters = ast.arguments([], [ast.arg(name) for name in arguments], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(parameters, body)))
    (code,) = (
        part
        for part in compile(tree, f"<{formula}>", "eval").co_consts
        if isinstance(part, CodeType)
    )
    return FunctionType(code, {name: getattr(functions, name) for name in FUNCTIONS}, "formula")


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
