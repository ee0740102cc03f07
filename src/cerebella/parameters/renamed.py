"""Names and values of parameters in older versions, which are accepted when reading."""

from __future__ import annotations

from typing import Any

RENAMED_PARAMETERS = {
    "pkj": "purkinje",
    "pkj_per_zone": "purkinje_per_zone",
    "pf_per_pkj": "pf_per_purkinje",
    "bc_per_pkj": "bc_per_purkinje",
    "pkj_per_dcn": "purkinje_per_dcn",
    "pf_pkj": "pf_purkinje",
    "bc_pkj": "bc_purkinje",
    "cf_pkj": "cf_purkinje",
    "pkj_dcn": "purkinje_dcn",
    "bc_pkj_sd": "bc_purkinje_sd",
}
"""Older name of a parameter or group: its name today."""

RENAMED_VALUES = {"plasticity.rule": {"judged": "conjunctive"}}
"""Path of a parameter: older values and what they are called today."""


def current_path(path: str) -> str:
    """Return a path of today for one that may be older.

    Parameters
    ----------
    path : str
        Path of a parameter, with dots between its parts.

    Returns
    -------
    str
        The path with today's names.

    Examples
    --------
    >>> current_path("synapses.pf_pkj.tau_ms")
    'synapses.pf_purkinje.tau_ms'
    """
    return ".".join(RENAMED_PARAMETERS.get(part, part) for part in path.split("."))


def current_value(path: str, value: Any) -> Any:
    """Return today's value of a parameter for one that may be older.

    Parameters
    ----------
    path : str
        Path of the parameter, with today's names.
    value : object
        Its value.

    Returns
    -------
    object
        The value as it is called today.

    Examples
    --------
    >>> current_value("plasticity.rule", "judged")
    'conjunctive'
    """
    return RENAMED_VALUES.get(path, {}).get(value, value) if isinstance(value, str) else value
