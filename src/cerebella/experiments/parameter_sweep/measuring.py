"""Measures of the runs of a sweep: those of its level, and functions of the user."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.analysis.mli_report import compute_mli_measures
from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.points import Point
from cerebella.experiments.parameter_sweep.swept import EFFECT, LEVEL, Swept, check_measures
from cerebella.parameters.provenance import format_value
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.state import TaskResult

if TYPE_CHECKING:
    import pandas as pd

MeasureFunction = Callable[[Run], "float | Mapping[str, float]"]
"""A measure of the user: a number, or numbers by name."""


class Measures(NamedTuple):
    """The measures of a sweep.

    Attributes
    ----------
    names : tuple of str
        Names of measures of what is swept.
    functions : tuple of callable
        Functions of the user.
    """

    names: tuple[str, ...]
    functions: tuple[MeasureFunction, ...]


def read_measures(swept: Swept, given: Iterable[str | MeasureFunction] | str | None) -> Measures:
    """Return the measures that were given, by default all of what is swept.

    Raises
    ------
    InputError
        A name is unknown or occurs twice, or a function has no name.
    """
    if given is None:
        return Measures(tuple(swept.measures), ())
    listed = [given] if isinstance(given, str) or callable(given) else list(given)
    names = [one for one in listed if isinstance(one, str)]
    functions = [one for one in listed if not isinstance(one, str)]
    check_measures(swept, names)
    for function in functions:
        if not callable(function):
            raise InputError(
                f"`measures`: {function!r} is neither a name nor a function",
                remedy="Give names of measures, and functions of a run",
            )
        name = _name_of(function)
        if not name.isidentifier():
            raise InputError(
                f"`measures`: the function {name} has no name for the table",
                remedy="Define it with def",
            )
        if name in swept.measures:
            raise InputError(
                f"`measures`: {name} is a measure of {swept.name}",
                remedy="Give the function another name",
            )
    if not listed:
        raise InputError("`measures` names none", remedy="Give at least one, or omit it")
    return Measures(tuple(names), tuple(functions))


def collect_table(
    points: Sequence[Point], results: Sequence[TaskResult], swept: Swept, measures: Measures
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one row for each run and measure, and the labels of the measures.

    Parameters
    ----------
    points : sequence of Point
        Combinations of values.
    results : sequence of TaskResult
        The run of each.
    swept : Swept
        What was simulated.
    measures : Measures
        Measures.

    Raises
    ------
    InputError
        A function of the user fails, or returns something else than numbers.
    """
    import pandas as pd

    measured = [
        {} if result.error else _measure(load_run(result.path), swept, measures)
        for result in results
    ]
    if swept.compares_levels:
        _add_effects(points, measured, swept)
    own = {name: None for values in measured for name in values if name not in swept.measures}
    labels = {name: swept.measures[name] for name in measures.names} | {name: name for name in own}
    rows = [
        {
            **point.values,
            "measure": name,
            "value": values.get(name, math.nan),
            "run": result.path.name,
            "error": result.error or "",
        }
        for point, result, values in zip(points, results, measured, strict=True)
        for name in labels
    ]
    table = pd.DataFrame(rows)
    for variable in points[0].values:
        values = [row[variable] for row in rows]
        if not all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
            table[variable] = [format_value(value) for value in values]
    return table, labels


def _measure(run: Run, swept: Swept, measures: Measures) -> dict[str, float]:
    values: dict[str, Any] = {}
    if measures.names:
        values = run.measures()
        if run.kind == "purkinje":  # which also holds the spikes of its network
            values = compute_mli_measures(run) | values
    known = {
        name: math.nan if value is None else float(value)
        for name, value in values.items()
        if name in swept.measures
    }
    for function in measures.functions:
        known |= _call(function, run)
    return known


def _call(function: MeasureFunction, run: Run) -> dict[str, float]:
    """Return the measures that a function of the user gives for a run, by name."""
    name = _name_of(function)
    try:
        found = function(run)
    except Exception as error:
        raise InputError(
            f"measure {name} fails with {type(error).__name__}: {error}",
            file=run.path,
            remedy="Correct the function; finished runs are kept",
        ) from error
    values = dict(found) if isinstance(found, Mapping) else {name: found}
    for key, value in values.items():
        if not isinstance(key, str) or not _is_number(value):
            raise InputError(
                f"measure {name} returns {found!r}",
                file=run.path,
                remedy="Return a number, or a dict of numbers by name; finished runs are kept",
            )
    return {key: math.nan if value is None else float(value) for key, value in values.items()}


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, Real)


def _name_of(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _add_effects(
    points: Sequence[Point], measured: Sequence[dict[str, float]], swept: Swept
) -> None:
    """Add to the measures of each run their differences from the lowest level of synchrony."""
    lowest: dict[str, tuple[int, dict[str, float]]] = {}
    groups = [
        repr({name: value for name, value in point.values.items() if name != LEVEL})
        for point in points
    ]
    for group, point, values in zip(groups, points, measured, strict=True):
        level = point.values[LEVEL]
        if group not in lowest or level < lowest[group][0]:
            lowest[group] = level, dict(values)
    for group, point, values in zip(groups, points, measured, strict=True):
        level, reference = lowest[group]
        if point.values[LEVEL] > level:
            values |= {
                f"{name}{EFFECT}": value - reference.get(name, math.nan)
                for name, value in values.items()
                if f"{name}{EFFECT}" in swept.measures
            }
