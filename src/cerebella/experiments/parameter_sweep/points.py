"""Combinations of the values of a sweep, each checked before the first simulation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.swept import (
    LEVEL,
    Swept,
    Variable,
    canonical_value,
    find_variable,
)
from cerebella.experiments.parameter_sweep.values import FORMS, MOST_VALUES, parse_values
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.settings import set_values
from cerebella.runs.request import validated


class Base(NamedTuple):
    """Everything that the simulations of a sweep share, apart from what it varies.

    Attributes
    ----------
    swept : Swept
        What is simulated.
    parameters : Parameters
        All parameters.
    arguments : dict of str to object
        All arguments.
    """

    swept: Swept
    parameters: Parameters
    arguments: dict[str, Any]


class Variation(NamedTuple):
    """A variable and its values."""

    variable: Variable
    values: list[Any]


class Point(NamedTuple):
    """One combination of values.

    Attributes
    ----------
    values : dict of str to object
        {name of a variable: its value}, as JSON can represent it.
    parameters : Parameters
        All parameters.
    arguments : dict of str to object
        All arguments.
    changes : dict of str to object
        {path of a parameter or name of an argument: value}, where it differs from the base.
    """

    values: dict[str, Any]
    parameters: Parameters
    arguments: dict[str, Any]
    changes: dict[str, Any]


def read_variations(
    swept: Swept, vary: Mapping[str, Iterable[Any] | str], base: Parameters | None = None
) -> list[Variation]:
    """Return the variables of a sweep with their values.

    Parameters
    ----------
    swept : Swept
        What is simulated.
    vary : mapping of str to iterable or str
        {name: values}, or values as text.
    base : Parameters, optional
        See `find_variable`.

    Returns
    -------
    list of Variation

    Raises
    ------
    InputError
        A name is unknown or occurs twice, or a variable has no values.
    """
    if not vary:
        raise InputError("`vary` names no parameter", remedy=FORMS)
    variations: list[Variation] = []
    names: dict[str, str] = {}
    for name, given in vary.items():
        variable = find_variable(swept, name, base)
        if variable.target in names:
            raise InputError(
                f"`vary` has {variable.target} twice, as {names[variable.target]} and {name}",
                remedy="Give all its values together",
            )
        names[variable.target] = name
        if isinstance(given, str):
            values = parse_values(given, name, is_time=variable.is_time)
        else:  # those of NumPy as numbers of Python
            values = [value.item() if hasattr(value, "item") else value for value in given]
        if not values:
            raise InputError(f"`vary` {name} has no values", remedy="Give at least one")
        variations.append(Variation(variable, values))
    return variations


def combine(variations: list[Variation], base: Base, *, paired: bool = False) -> list[Point]:
    """Return all combinations of values, or the first values, the second values and so on.

    Parameters
    ----------
    variations : list of Variation
        Variables and values; the last varies fastest.
    base : Base
        Everything else.
    paired : bool
        Pair the values of all variables.

    Returns
    -------
    list of Point

    Raises
    ------
    InputError
        There are too many combinations, values to pair differ in number, a value cannot be used,
        or a combination occurs twice.
    """
    rows = _combinations(variations, base.swept, paired=paired)
    points: dict[str, Point] = {}
    for row in rows:
        point = _point(row, base)
        if points.setdefault(repr(point.values), point) is not point:
            given = ", ".join(f"{name}={value!r}" for name, value in point.values.items())
            raise InputError(f"`vary` has {given} twice", remedy="Give each value once")
    return list(points.values())


def _combinations(
    variations: list[Variation], swept: Swept, *, paired: bool
) -> Iterable[dict[Variable, Any]]:
    """Return the values of each combination; levels that are compared occur with all others."""
    varied = [
        one
        for one in variations
        if not (paired and swept.compares_levels and one.variable.name == LEVEL)
    ]
    lengths = [len(variation.values) for variation in varied]
    if paired and len(set(lengths)) > 1:
        counts = (f"{one.variable.name} has {len(one.values)}" for one in varied)
        raise InputError(
            f"`zip` pairs the values of all variables, but {', '.join(counts)}",
            remedy="Give each the same number of values",
        )
    columns = [[{one.variable: value} for value in one.values] for one in varied]
    if paired and columns:
        columns = [[_merged(row) for row in zip(*columns, strict=True)]]
    columns += [
        [{one.variable: value} for value in one.values] for one in variations if one not in varied
    ]
    if math.prod(map(len, columns)) > MOST_VALUES:
        raise InputError(
            f"`vary` has {math.prod(map(len, columns))} combinations of values",
            remedy=f"Give up to {MOST_VALUES}",
        )
    return map(_merged, product(*columns))


def _merged(parts: Iterable[dict[Variable, Any]]) -> dict[Variable, Any]:
    return {variable: value for part in parts for variable, value in part.items()}


def check_arguments(
    swept: Swept, parameters: Parameters, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Return arguments as the simulation would use them.

    Raises
    ------
    InputError
        It would refuse one, or the parameters do not go with them.
    """
    of_request = {name: value for name, value in arguments.items() if name != LEVEL}
    if len(swept.levels) == 1:  # the request of one level, which also holds its parameters
        of_request["parameters"] = parameters
    request = validated(swept.request, of_request).model_dump(mode="json", exclude={"parameters"})
    return {name: request.get(name, value) for name, value in arguments.items()}


def _point(values: Mapping[Variable, Any], base: Base) -> Point:
    of_paths = {variable.path: value for variable, value in values.items() if variable.path}
    names = {variable.path: variable.name for variable in values}
    try:
        parameters = set_values(
            base.parameters, of_paths.items(), label=lambda path: names.get(path, path)
        )
        given = {variable.name: value for variable, value in values.items() if not variable.path}
        arguments = check_arguments(base.swept, parameters, base.arguments | given)
    except InputError as error:
        problem = error.problem.replace("`", "")
        raise InputError(f"`vary`: {problem}", remedy=error.remedy) from None
    used = {
        variable: canonical_value(parameters, variable.path)
        if variable.path
        else arguments[variable.name]
        for variable in values
    }
    unchanged = {
        variable: canonical_value(base.parameters, variable.path)
        if variable.path
        else base.arguments[variable.name]
        for variable in values
    }
    return Point(
        {variable.name: value for variable, value in used.items()},
        parameters,
        arguments,
        {one.target: used[one] for one in values if used[one] != unchanged[one]},
    )
