"""The parameter sets of the models by the name of their level, and their table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cerebella.errors import InputError
from cerebella.parameters.provenance import parameter_rows
from cerebella.parameters.quantity import Parameters

if TYPE_CHECKING:
    import pandas as pd

MODELS = {
    "mli": ("mli_simulation", "MLIParameters"),
    "purkinje": ("purkinje_simulation", "PurkinjeParameters"),
    "olive": ("olive_simulation", "OliveParameters"),
    "network": ("mli_network", "MLINetworkParameters"),
    "morphology": ("purkinje_morphology", "PurkinjeMorphologyParameters"),
}
"""Module and class of each set: three levels, the generated network and morphology."""


def default_parameters(level: str) -> Parameters:
    """Return the default parameters of a level.

    Parameters
    ----------
    level : str
        A name of `MODELS`.

    Returns
    -------
    cerebella.parameters.quantity.Parameters
        The set.

    Raises
    ------
    InputError
        The level is unknown.
    """
    if level not in MODELS:
        raise InputError(f"level {level!r} is unknown", remedy=f"Choose from {', '.join(MODELS)}")
    module, name = MODELS[level]
    return getattr(import_module(f"cerebella.parameters.{module}"), name)()


def list_parameters(level: str | Parameters | None = None) -> pd.DataFrame:
    """Return the parameters of a model with their sources.

    Parameters
    ----------
    level : str or Parameters
        ``"mli"``, ``"purkinje"``, ``"olive"``, ``"network"`` (generated) or ``"morphology"``
        (generated); a parameter set; by default all five.

    Returns
    -------
    pandas.DataFrame
        One row for each parameter: level, name, value, unit, source, remark and meaning. The
        source is that of the default value.

    Raises
    ------
    InputError
        The level is unknown.

    Examples
    --------
    >>> table = cb.list_parameters("mli").set_index("name")
    >>> table.loc["connections.gap_conductance_nS", ["value", "unit", "source"]].to_list()
    [0.3, 'nS', 'chosen by park2026']
    """
    import pandas as pd

    if isinstance(level, Parameters):
        sets = {type(level).__name__: level}
    else:
        sets = {name: default_parameters(name) for name in ([level] if level else MODELS)}
    rows = [(name, row) for name, one in sets.items() for row in parameter_rows(one)]
    columns = ("name", "value", "unit", "source", "remark", "meaning")
    # Values are kept as they are: numbers, text, lists and truth values.
    table = {
        column: pd.Series([getattr(row, column) for _, row in rows], dtype=object)
        for column in columns
    }
    return pd.DataFrame({"level": [name for name, _ in rows], **table})
