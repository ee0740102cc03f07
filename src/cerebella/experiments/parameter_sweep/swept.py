"""What a sweep simulates: a level or an experiment, its parameters, arguments and measures."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cerebella.analysis.mli_report import MLI_MEASURES
from cerebella.analysis.olive_report import OLIVE_MEASURES
from cerebella.analysis.purkinje_levels import MEASURES
from cerebella.analysis.sweep_statistics import REPLICATES
from cerebella.errors import InputError
from cerebella.experiments.configuration import CortexParameters
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.shortcuts import SHORTCUTS as MLI_SHORTCUTS
from cerebella.neuron_backend.own_mechanisms import OwnMechanisms
from cerebella.olive.request import OliveRequest
from cerebella.olive.shortcuts import SHORTCUTS as OLIVE_SHORTCUTS
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.own_mechanisms import with_mechanisms
from cerebella.parameters.provenance import parameter_rows
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.renamed import current_path
from cerebella.parameters.settings import set_values
from cerebella.parameters.shortcuts import Shortcut, option_of
from cerebella.purkinje.shortcuts import SHORTCUTS as PURKINJE_SHORTCUTS
from cerebella.runs.request import Request

LEVEL = "cf_sync"
EFFECT = "_effect"
"""End of the name of a measure's difference from the lowest synchrony level."""


class Swept(NamedTuple):
    """What a sweep simulates.

    Attributes
    ----------
    name : str
        Name on the command line.
    parameters : type of Parameters
        Class of its parameters.
    request : type of Request
        Class that validates its arguments.
    shortcuts : tuple of Shortcut
        Short names of parameters.
    arguments : tuple of str
        Arguments of its simulations that can be varied.
    levels : tuple of str
        Kinds of the runs that it needs; that of the measured runs is the last.
    measures : mapping of str to str
        Labels of its measures by name.
    duration_ms : float
        Simulated time by default.
    compares_levels : bool
        Each combination of values is simulated at several levels of CF synchrony, and measures
        have effects, which are differences from the lowest level.
    """

    name: str
    parameters: type[Parameters]
    request: type[Request]
    shortcuts: tuple[Shortcut, ...]
    arguments: tuple[str, ...]
    levels: tuple[str, ...]
    measures: Mapping[str, str]
    duration_ms: float = 300.0
    compares_levels: bool = False


def _within(section: str, shortcuts: Sequence[Shortcut]) -> tuple[Shortcut, ...]:
    return tuple(Shortcut(row.name, f"{section}.{row.path}") for row in shortcuts)


_CORTEX = Swept(
    "purkinje",
    CortexParameters,
    MLIRequest,
    (*_within("mli", MLI_SHORTCUTS), *_within("purkinje", PURKINJE_SHORTCUTS)),
    (*REPLICATES, "duration_ms", LEVEL),
    ("mli", "purkinje"),
    {measure.key: measure.label for measure in MEASURES}
    | {"PC_rate_Hz": "Purkinje cell (Hz)"}
    | MLI_MEASURES,
)
_EFFECTS = {f"{key}{EFFECT}": f"Effect: {label}" for key, label in _CORTEX.measures.items()}

SWEPT = {
    swept.name: swept
    for swept in (
        Swept(
            "mli",
            MLIParameters,
            MLIRequest,
            MLI_SHORTCUTS,
            (*REPLICATES, "duration_ms", LEVEL),
            ("mli",),
            MLI_MEASURES,
        ),
        _CORTEX,
        Swept(
            "olive",
            OliveParameters,
            OliveRequest,
            OLIVE_SHORTCUTS,
            (*REPLICATES, "duration_ms"),
            ("olive",),
            OLIVE_MEASURES,
            duration_ms=60_000.0,
        ),
        _CORTEX._replace(
            name="cf-synchrony", measures=_EFFECTS | dict(_CORTEX.measures), compares_levels=True
        ),
    )
}
"""Everything that a sweep can simulate, by name."""


def swept_of(name: str) -> Swept:
    """Return what a sweep simulates, by its name.

    Raises
    ------
    InputError
        There is nothing of this name.
    """
    if name not in SWEPT:
        raise InputError(f"{name!r} cannot be swept", remedy=f"Choose from {', '.join(SWEPT)}")
    return SWEPT[name]


class Variable(NamedTuple):
    """A parameter or an argument that a sweep varies.

    Attributes
    ----------
    name : str
        Name in tables: that of a shortcut or argument, or the path of the parameter.
    path : str or None
        Path of the parameter; None for an argument.
    """

    name: str
    path: str | None

    @property
    def is_time(self) -> bool:
        """Whether values may be text with a unit of time."""
        return self.name.endswith("_ms")

    @property
    def target(self) -> str:
        """What it changes, which two variables of a sweep cannot share."""
        return self.path or self.name


def find_variable(swept: Swept, given: str, base: Parameters | None = None) -> Variable:
    """Return the parameter or argument of a name.

    Parameters
    ----------
    swept : Swept
        What is simulated.
    base : Parameters, optional
        Its parameters, which may know channels and mechanisms of the user.
    given : str
        Path of a parameter, or name of a shortcut or argument as in Python or as on the command
        line.

    Returns
    -------
    Variable

    Raises
    ------
    InputError
        There is none; the message lists similar names.
    """
    short = {row.name: Variable(row.name, row.path) for row in swept.shortcuts}
    short |= {name: Variable(name, None) for name in swept.arguments}
    short |= {option_of(name)[2:]: variable for name, variable in short.items()}
    if given in short:
        return short[given]
    paths = [row.name for row in parameter_rows(swept.parameters())]
    path = current_path(given)
    if path in paths or (base is not None and _takes_number(base, path)):
        return Variable(path, path)
    raise InputError(
        f"`vary`: {swept.name} has no parameter {given!r}",
        remedy=_suggestions(given, [*paths, *(variable.name for variable in short.values())]),
    )


def _takes_number(parameters: Parameters, path: str) -> bool:
    """Return whether a number can be set at a path, as for the density of a channel of the user."""
    try:
        set_values(parameters, [(path, 0)])
    except InputError:
        return False
    return True


def check_measures(swept: Swept, names: Sequence[str]) -> None:
    """Raise InputError for a measure that does not exist, or is given twice."""
    for place, name in enumerate(names):
        if name not in swept.measures:
            raise InputError(
                f"`measures`: {swept.name} has no measure {name!r}",
                remedy=_suggestions(name, list(swept.measures)),
            )
        if name in names[:place]:
            raise InputError(f"`measures`: {name} is given twice", remedy="Give each once")


def _suggestions(name: str, known: Sequence[str]) -> str:
    """Return the names that end like a name, else those that resemble it, else all."""
    known = list(dict.fromkeys(known))
    leaves = {one.rpartition(".")[2]: one for one in known}
    leaf = name.rpartition(".")[2]
    found = [one for one in known if one.endswith(f".{name}")]
    found = found or [
        *difflib.get_close_matches(name, known, n=3, cutoff=0.5),
        *(leaves[one] for one in difflib.get_close_matches(leaf, leaves, n=3, cutoff=0.7)),
    ]
    if found:
        return f"Did you mean {', '.join(list(dict.fromkeys(found))[:3])}?"
    return f"There are {', '.join(known)}"


def parameters_of(swept: Swept, own: OwnMechanisms) -> Parameters:
    """Return the default parameters, which know the mechanisms of the user.

    Raises
    ------
    InputError
        There are mechanisms, but no cells for them.
    """
    parameters = swept.parameters()
    if not own.described:
        return parameters
    if isinstance(parameters, CortexParameters):
        sections = {
            "mli": with_mechanisms(parameters.mli, own.described),
            "purkinje": with_mechanisms(parameters.purkinje, own.described),
        }
        return parameters.model_copy(update=sections)
    if not isinstance(parameters, MLIParameters):
        raise InputError(f"{swept.name} takes no `mechanisms`", remedy="Omit them")
    return with_mechanisms(parameters, own.described)


def canonical_value(parameters: Parameters, path: str) -> Any:
    """Return the value at a path of a parameter set, as JSON can represent it."""
    *groups, name = path.split(".")
    for group in groups:
        parameters = getattr(parameters, group)
    value = getattr(parameters, name, None)  # densities of the user have no default
    return list(value) if isinstance(value, tuple) else value
