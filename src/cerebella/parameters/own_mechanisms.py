"""Mechanisms of the user in NMODL, as parameters see them: names and units, without equations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeVar

from pydantic import Field, model_validator

from cerebella.errors import InputError
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.refusal import unknown_parameter
from cerebella.parameters.settings import set_values

P = TypeVar("P", bound=Parameters)

MECHANISMS = "cell.mechanisms"
"""Path of the mechanisms in the parameters of a level."""


class OwnMechanism(Parameters):
    """A density mechanism of the user; its equations are in a file, and never in parameters.

    `read_mechanisms` of `cerebella.neuron_backend.own_mechanisms` makes it from NMODL.

    Examples
    --------
    >>> from cerebella.parameters.own_mechanisms import OwnMechanism
    >>> OwnMechanism(file="hcn.mod", sha256="0" * 64, parameters={"gbar": "S/cm2"}).replaces
    ''
    """

    file: str = Field(description="name of the file")
    sha256: str = Field(description="hash of its text", pattern="^[0-9a-f]{64}$")
    parameters: dict[str, str] = Field({}, description="units of what can be set by region")
    quantities: dict[str, str] = Field({}, description="units of what can be recorded")
    replaces: str = Field("", description="channel of the package that is absent beside it")

    @model_validator(mode="after")
    def _can_be_set(self) -> Self:
        if not self.parameters:
            raise InputError(
                f"{self.file} has no parameter that can be set by region",
                remedy="Declare its density in RANGE and PARAMETER",
            )
        return self


def with_mechanisms(parameters: P, described: Mapping[str, OwnMechanism]) -> P:
    """Return parameters that know the mechanisms of the user.

    Parameters
    ----------
    parameters : Parameters
        Parameters of a level. What they replace is kept.
    described : mapping of str to OwnMechanism
        All mechanisms by name.

    Returns
    -------
    same type as the argument

    Raises
    ------
    InputError
        The parameters use another mechanism, or a parameter of one that does not exist.
    """
    known = _known(parameters)
    for name in known:
        if name not in described:
            raise InputError(
                f"the parameters contain the mechanism {name}, but there is no NMODL for it",
                remedy=f"Also give `mechanisms`, the folder with {known[name].file}",
            )
    values = {
        name: one.model_dump() | {"replaces": known[name].replaces if name in known else ""}
        for name, one in described.items()
    }
    return set_values(parameters, [(MECHANISMS, values)]) if values else parameters


def without_replaced(parameters: P, channels: Mapping[str, Iterable[str]]) -> P:
    """Return parameters without the channels that mechanisms of the user replace.

    Parameters
    ----------
    parameters : Parameters
        Parameters of a level.
    channels : mapping of str to iterable of str
        Paths of the densities of each channel of the package.

    Raises
    ------
    InputError
        There is no such channel, or a mechanism has the name of one that it does not replace.
    """
    absent: list[tuple[str, Any]] = []
    for name, one in _known(parameters).items():
        if one.replaces and one.replaces not in channels:
            raise InputError(
                f"{MECHANISMS}.{name}.replaces is {one.replaces!r}, which is no channel",
                remedy=f"There are {', '.join(channels)}",
            )
        if name in channels and one.replaces != name:
            raise InputError(
                f"{one.file}: {name} is also the name of a channel of the package",
                remedy="Change its SUFFIX, or let it take the place of that channel: "
                f"--set {MECHANISMS}.{name}.replaces={name}",
            )
        absent += [(path, 0) for path in channels.get(one.replaces, ())]
    return set_values(parameters, absent) if absent else parameters


def refuse_names(mechanisms: Mapping[str, OwnMechanism], taken: Mapping[str, str]) -> None:
    """Raise InputError if a mechanism has the name of something else.

    Parameters
    ----------
    mechanisms : mapping of str to OwnMechanism
        Mechanisms by name.
    taken : mapping of str to str
        Names that stand for something else, and what that is.
    """
    for name in mechanisms.keys() & taken.keys():
        raise InputError(
            f"{mechanisms[name].file}: a mechanism cannot be called {name!r}, which {taken[name]}",
            remedy="Change its SUFFIX",
        )


def uses_mechanisms(parameters: Parameters) -> bool:
    """Return whether a mechanism of the user has a value in a part of a cell."""
    names = set(parameters_of_mechanisms(_known(parameters)))
    parts = (getattr(of, name) for of in _parts(parameters) for name in type(of).model_fields)
    return any(
        names & set(part.model_extra or {}) for part in parts if isinstance(part, Parameters)
    )


def _parts(parameters: Parameters) -> tuple[Parameters, ...]:
    """Return the sets that have parts of a cell: regions, and types of interneurons."""
    return parameters, parameters.cell  # type: ignore[attr-defined]


def without_unused(parameters: P) -> P:
    """Return parameters that do not know mechanisms of the user which they do not use."""
    if uses_mechanisms(parameters) or not _known(parameters):
        return parameters
    return set_values(parameters, [(MECHANISMS, {})])


def refuse_mechanisms(parameters: Parameters) -> None:
    """Raise InputError if parameters contain mechanisms of the user, which only NEURON runs."""
    if known := _known(parameters):
        raise InputError(
            f"the parameters contain the mechanism {next(iter(known))}, and only NEURON runs NMODL",
            remedy="Describe the channel by formulas (docs/channels.md)",
        )


def parameters_of_mechanisms(mechanisms: Mapping[str, OwnMechanism]) -> list[str]:
    """Return the names of all parameters of mechanisms, such as ``"hcn_gbar"``."""
    return [
        f"{name}_{parameter}" for name, one in mechanisms.items() for parameter in one.parameters
    ]


def values_of(
    mechanism: str, names: Iterable[str], given: Mapping[str, Any] | None
) -> dict[str, float]:
    """Return the values that parameters of a mechanism have in one part of a cell, by name."""
    values = given or {}
    return {n: values[f"{mechanism}_{n}"] for n in names if f"{mechanism}_{n}" in values}


def check_own_values(
    path: str,
    values: Mapping[str, Any] | None,
    densities: Iterable[str],
    mechanisms: Mapping[str, OwnMechanism],
    known: Iterable[str],
) -> None:
    """Check values that channels and mechanisms of the user have in one part of a cell.

    Parameters
    ----------
    path : str
        Path of the part.
    values : mapping or None
        Values by name.
    densities : iterable of str
        Names of the densities of channels.
    mechanisms : mapping of str to OwnMechanism
        Mechanisms by name.
    known : iterable of str
        Names that are parameters of the package.

    Raises
    ------
    InputError
        A name is unknown, or a value is not a number in its range.
    """
    of_channels, of_mechanisms = list(densities), parameters_of_mechanisms(mechanisms)
    for name, value in (values or {}).items():
        if name not in of_channels and name not in of_mechanisms:
            raise unknown_parameter(path, name, [*known, *of_channels, *of_mechanisms])
        is_number = isinstance(value, int | float) and math.isfinite(value)
        if name in of_mechanisms and not is_number:
            raise InputError(f"{path}.{name} is {value!r}; it must be a number")
        if name in of_channels and not (is_number and value >= 0):
            raise InputError(f"{path}.{name} is {value!r}; it must be 0 or a larger number")


def _known(parameters: Parameters) -> dict[str, OwnMechanism]:
    cell: Any = getattr(parameters, "cell", None)
    return dict(cell.mechanisms)
