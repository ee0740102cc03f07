"""Shortcuts: one short name for the path of a parameter, as a row of a table.

The table of a level is read by its verb (``simulate_olive(ltp=0.001)``), by the command line
(``--ltp 0.001``) and by ``--show-config``. Help and default come from the parameter itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from cerebella.parameters.quantity import Parameters
from cerebella.parameters.settings import set_values

P = TypeVar("P", bound=Parameters)


_UNITS = re.compile(r"_(ms|pS|Hz|um|nA)$")


def option_of(argument: str) -> str:
    """Return the option of the command line that corresponds to an argument in Python.

    Units are part of the names of arguments; options take them with their values.

    Parameters
    ----------
    argument : str
        Name of the argument.

    Returns
    -------
    str
        The option.

    Examples
    --------
    >>> option_of("duration_ms"), option_of("initial_weight")
    ('--duration', '--initial-weight')
    """
    return "--" + _UNITS.sub("", argument).replace("_", "-")


class Shortcut(NamedTuple):
    """A short name of a parameter.

    Attributes
    ----------
    name : str
        The Python argument, as ``"initial_weight"``.
    path : str
        Path of the parameter within its set, as ``"plasticity.initial_weight"``.

    Examples
    --------
    >>> Shortcut("initial_weight", "plasticity.initial_weight").option
    '--initial-weight'
    """

    name: str
    path: str

    @property
    def option(self) -> str:
        """The option of the command line."""
        return option_of(self.name)


class ShortcutHelp(NamedTuple):
    """Text for the help of a shortcut.

    Attributes
    ----------
    meaning : str
        Meaning and unit of the parameter.
    default : str
        Its default.
    """

    meaning: str
    default: str


def apply_shortcuts(parameters: P, table: Sequence[Shortcut], given: Mapping[str, Any]) -> P:
    """Return a copy of a parameter set with the values that shortcuts were given.

    Parameters
    ----------
    parameters : Parameters
        The set to start from.
    table : sequence of Shortcut
        The shortcuts of the level.
    given : mapping of str to object
        Value by name of the shortcut; those that are None leave the parameter as it is.

    Returns
    -------
    same type as the argument
        The validated copy.

    Raises
    ------
    InputError
        A value is outside the range of its parameter.
    TypeError
        A name is not in the table.
    """
    rows = {row.name: row for row in table}
    for name in given:
        if name not in rows:
            raise TypeError(
                f"unexpected keyword argument {name!r}; shortcuts are {', '.join(rows)}"
            )
    labels = {row.path: f"`{row.name}`" for row in table}
    values = [(rows[name].path, value) for name, value in given.items() if value is not None]
    return set_values(parameters, values, label=lambda path: labels.get(path, path))


def describe_shortcut(parameters: Parameters, path: str) -> ShortcutHelp:
    """Return the meaning and the default of the parameter at a path.

    Parameters
    ----------
    parameters : Parameters
        A set with default values.
    path : str
        Path of the parameter.

    Returns
    -------
    ShortcutHelp
    """
    *groups, name = path.split(".")
    for group in groups:
        parameters = getattr(parameters, group)
    declared: Any = type(parameters).model_fields[name].json_schema_extra
    unit = "" if declared["unit"] == "1" else f", in {declared['unit']}"
    return ShortcutHelp(f"{declared['meaning']}{unit}", f"{getattr(parameters, name)}")
