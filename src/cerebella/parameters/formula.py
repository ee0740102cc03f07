"""Formulas as text: sums, products, quotients and a few functions of named variables.

They are data: nothing else is accepted, so that a file can be used that comes from elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from cerebella.errors import InputError

FUNCTIONS = {"exp": 1, "linoid": 1, "at_least": 2, "inverse_cube_root": 1}
"""Functions (`compiled.functions`) and the number of their arguments."""
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_MOST_CHARACTERS, _DEEPEST = 1000, 60


def parse_formula(text: str, variables: Iterable[str]) -> ast.expr:
    """Return the syntax tree of a formula.

    Parameters
    ----------
    text : str
        Numbers, variables, ``+ - * /``, parentheses and `FUNCTIONS`.
    variables : iterable of str
        Names that may occur.

    Returns
    -------
    ast.expr

    Raises
    ------
    InputError
        The text contains anything else; the message names it.

    Examples
    --------
    >>> from cerebella.parameters.formula import parse_formula, variables_in
    >>> variables_in(parse_formula("1/(1 + exp(-(v + 66)/5))", ("v",)))
    {'v'}
    """
    known = tuple(variables)
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"the formula has {len(text)} characters; at most {_MOST_CHARACTERS}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"not a formula ({getattr(error, 'msg', error)})") from None
    for refused in _refused(tree, known):
        if isinstance(refused, ast.BinOp) and isinstance(refused.op, ast.Pow):
            remedy = "Write a product, or exp(...)"
        else:
            remedy = f"Use numbers, {', '.join(known)}, + - * / and {', '.join(FUNCTIONS)}"
        raise InputError(f"{ast.unparse(refused)!r} cannot be used in a formula", remedy=remedy)
    return tree


def variables_in(tree: ast.expr) -> set[str]:
    """Return the names of the variables of a formula."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names - set(FUNCTIONS)


def _refused(node: ast.expr, variables: tuple[str, ...], depth: int = 0) -> Iterator[ast.expr]:
    """Yield parts that do not belong to a formula."""
    if depth > _DEEPEST:
        raise InputError(f"the formula is nested more than {_DEEPEST} levels deep")
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, int | float) or isinstance(node.value, bool):
            yield node
    elif isinstance(node, ast.Name):
        if node.id not in variables:
            yield node
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _refused(node.operand, variables, depth + 1)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS):
        yield from _refused(node.left, variables, depth + 1)
        yield from _refused(node.right, variables, depth + 1)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and len(node.args) == FUNCTIONS.get(node.func.id)
        and not node.keywords
    ):
        for argument in node.args:
            yield from _refused(argument, variables, depth + 1)
    else:
        yield node
