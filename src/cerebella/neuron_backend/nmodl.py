"""NMODL from functions of numbers: expressions, assignments and templates.

A function that is called with a symbol instead of a number returns an `Expression`, which records
the operations. Equations are thereby written once, as Python functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "^": 4}
_ATOM = 5

Number = int | float


@dataclass(frozen=True)
class Expression:
    """An expression in NMODL.

    Attributes
    ----------
    operator : str
        An operator, the name of a function, or the text of a name or number.
    operands : tuple of Expression
        Empty for a name or number.

    Examples
    --------
    >>> from cerebella.neuron_backend.nmodl import symbol
    >>> str(1 / (1 + (-(symbol("v") + 66) / 5).exp()))
    '1/(1 + exp(-(v + 66)/5))'
    """

    operator: str
    operands: tuple[Expression, ...] = ()

    def __add__(self, other: Expression | Number) -> Expression:
        return Expression("+", (self, _expression(other)))

    def __radd__(self, other: Number) -> Expression:
        return Expression("+", (_expression(other), self))

    def __sub__(self, other: Expression | Number) -> Expression:
        return Expression("-", (self, _expression(other)))

    def __rsub__(self, other: Number) -> Expression:
        return Expression("-", (_expression(other), self))

    def __mul__(self, other: Expression | Number) -> Expression:
        return Expression("*", (self, _expression(other)))

    def __rmul__(self, other: Number) -> Expression:
        if self.operator == "linoid":  # whose numerator takes the factor
            return Expression("linoid", (_expression(other), self.operands[1]))
        return Expression("*", (_expression(other), self))

    def __truediv__(self, other: Expression | Number) -> Expression:
        return Expression("/", (self, _expression(other)))

    def __rtruediv__(self, other: Number) -> Expression:
        return Expression("/", (_expression(other), self))

    def __rpow__(self, other: Number) -> Expression:
        return Expression("^", (_expression(other), self))

    def __neg__(self) -> Expression:
        return Expression("negative", (self,))

    def exp(self) -> Expression:
        """Return e^x."""
        return Expression("exp", (self,))

    def inverse_cube_root(self) -> Expression:
        """Return x^(-1/3), in a form that compilers vectorize."""
        return (-Expression("log", (self,)) / 3).exp()

    def linoid(self) -> Expression:
        """Return x / (1 - e^-x), which is 1 at x = 0."""
        return Expression("linoid", (_expression(1), self))

    def at_least(self, least: Number) -> Expression:
        """Return x, or `least` where x is smaller."""
        return Expression("at_least", (_expression(least), self))

    def __str__(self) -> str:
        return _text(self, {})

    def symbols(self) -> set[str]:
        """Return the names and numbers that occur."""
        if not self.operands:
            return {self.operator}
        return set().union(*(operand.symbols() for operand in self.operands))


def symbol(name: str) -> Expression:
    """Return a variable or parameter of a mechanism."""
    return Expression(name)


def number(value: Number) -> str:
    """Return a number in NMODL, with the digits that are the same on every machine."""
    return f"{value:.15g}"


def _expression(value: Expression | Number) -> Expression:
    if isinstance(value, Expression):
        return value
    return -Expression(number(-value)) if value < 0 else Expression(number(value))


def _text(expression: Expression, names: Mapping[Expression, str]) -> str:
    """Return the text of an expression, in which others may have names."""
    operator, operands = expression.operator, expression.operands
    parts = [names.get(operand) or _text(operand, names) for operand in operands]
    ranks = [_ATOM if operand in names else _rank(operand) for operand in operands]
    if not operands:
        return operator
    if operator == "negative":
        return f"-({parts[0]})" if ranks[0] <= _PRECEDENCE["negative"] else f"-{parts[0]}"
    if operator not in _PRECEDENCE:
        return f"{operator}({', '.join(parts)})"
    rank = _PRECEDENCE[operator]
    # Parentheses keep the order of operations, and NMODL has no two signs in a row.
    left = f"({parts[0]})" if ranks[0] < rank else parts[0]
    is_wrapped = ranks[1] <= rank or parts[1].startswith("-")
    right = f"({parts[1]})" if is_wrapped else parts[1]
    return f"{left} {operator} {right}" if rank == 1 else f"{left}{operator}{right}"


def _rank(expression: Expression) -> int:
    return _PRECEDENCE.get(expression.operator, _ATOM) if expression.operands else _ATOM


def _at_least(name: str, least: str, x: str) -> list[str]:
    return [f"{name} = {x}", f"if ({name} < {least}) {{", f"    {name} = {least}", "}"]


def _linoid(name: str, factor: str, x: str) -> list[str]:
    return [
        f"if (fabs({x}) < 1e-6) {{",
        f"    {name} = {factor}*(1 + {x}/2)",
        "} else {",
        f"    {name} = {factor}*{x}/(1 - exp(-{x}))",
        "}",
    ]


_BY_CASES = {"at_least": _at_least, "linoid": _linoid}
"""Statements that assign the value of a function, given the texts of its operands."""


def assignments(equations: Mapping[str, Expression]) -> str:
    """Return statements that assign expressions to variables.

    What occurs several times is computed once, into local variables, which come first.

    Parameters
    ----------
    equations : mapping of str to Expression
        Variables, and their new values of the old ones. A variable must not occur in the equations
        that follow its own.

    Returns
    -------
    str

    Examples
    --------
    >>> from cerebella.neuron_backend.nmodl import assignments, symbol
    >>> opening, closing = symbol("v").exp(), (-symbol("v")).exp()
    >>> print(assignments({"n": opening / (opening + closing)}))
    LOCAL u1
    u1 = exp(v)
    n = u1/(u1 + exp(-v))
    """
    counts: dict[Expression, int] = {}
    for equation in equations.values():
        for part in _parts(equation, counts):
            counts[part] = counts.get(part, 0) + 1
    used_often = {part.operands[1] for part in counts if part.operator == "linoid"}
    names: dict[Expression, str] = {}
    statements = []
    for part, count in counts.items():
        by_cases = _BY_CASES.get(part.operator)
        if part.operands and (count > 1 or by_cases or part in used_often):
            name = f"u{len(names) + 1}"
            if by_cases:
                operands = (names.get(of) or _text(of, names) for of in part.operands)
                statements += by_cases(name, *operands)
            else:
                statements.append(f"{name} = {_text(part, names)}")
            names[part] = name
    statements += [f"{of} = {names.get(x) or _text(x, names)}" for of, x in equations.items()]
    first = [f"LOCAL {', '.join(names.values())}"] if names else []
    return "\n".join([*first, *statements])


def _parts(expression: Expression, known: Mapping[Expression, int]) -> Iterator[Expression]:
    """Yield the parts of an expression, each after its own, which are left out if it is known."""
    if expression not in known:
        for operand in expression.operands:
            yield from _parts(operand, known)
    yield expression


def filled(template: str, parts: Mapping[str, str]) -> str:
    """Return a text with values in place of names such as ``$name``.

    Parameters
    ----------
    template : str
        A name alone on its line gives its indentation to all lines of its value; an empty value
        drops the line.
    parts : mapping of str to str
        Values by name; they may contain later names.

    Returns
    -------
    str
    """
    for name, value in parts.items():
        template = re.sub(
            rf"^( *)\${name}\n",
            lambda line, value=value: indent(f"{value}\n", line[1]) if value else "",
            template,
            flags=re.MULTILINE,
        )
        template = re.sub(rf"\${name}\b", lambda at, value=value: value, template)
    return template
