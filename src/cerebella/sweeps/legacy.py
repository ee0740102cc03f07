"""Keys of sweeps of schema 1, which named a task by the module and function that ran it.

Finished runs of such a sweep are found under these keys, wherever their functions are today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cerebella.parameters.renamed import downgrade


class _Legacy(NamedTuple):
    """What schema 1 hashed for a kind of task.

    Attributes
    ----------
    function : str
        Module and name.
    older_settings : mapping of str to str
        Settings that hold parameters with older names, and the path of these in their set.
    convert : callable
        Turns today's settings into those of another form.
    """

    function: str
    older_settings: Mapping[str, str] = {}
    convert: Callable[[dict[str, Any]], dict[str, Any]] = dict


def _older_case(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings of a case with perturbations as one text, with the time in seconds."""
    case = dict(settings["case"])
    changes = case.pop("perturbations", ())
    texts = [f"{one['quantity']}{one['operator']}{_older_value(one['value'])}" for one in changes]
    time_s = changes[0]["time_ms"] / 1000 if changes else 0
    return settings | {
        "case": case | {"perturbation": f"{time_s:g}:{','.join(texts)}" if texts else None}
    }


def _older_value(value: float | bool | str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{value:g}"


_LEGACY = {
    "molecular-layer-network": _Legacy("cerebella.experiments.sync_points.run_network"),
    "purkinje-cell": _Legacy("cerebella.experiments.sync_points.run_cell"),
    "olivocerebellar-loop": _Legacy(
        "cerebella.experiments.joined_points.run_loop", {"parameters": ""}
    ),
    "driven-network": _Legacy("cerebella.experiments.joined_points.run_driven_network"),
    "cf-rate-case": _Legacy(
        "cerebella.experiments.cf_rate.run_case", {"case": "plasticity"}, _older_case
    ),
}
"""Kind of a task, and its counterpart in schema 1."""


def legacy_identity(kind: str, function: str, settings: dict[str, Any]) -> tuple[str, dict]:
    """Return the function and settings that schema 1 would have hashed for a task.

    Parameters
    ----------
    kind : str
        The task's kind.
    function : str
        Module and name of its function today, which a script of the user still has.
    settings : dict
        The task's settings.

    Returns
    -------
    tuple of str and dict
        The older function and settings.
    """
    older = _LEGACY.get(kind, _Legacy(function))
    return older.function, {
        name: downgrade(value, older.older_settings[name])
        if name in older.older_settings
        else value
        for name, value in older.convert(settings).items()
    }
