"""Names and values of parameters in older versions, and parameters that these did not have."""

from __future__ import annotations

from collections.abc import Mapping
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
"""Path of a parameter, and current names of its older values."""

ADDED_PARAMETERS = {
    "connections.mli_dendrite_um": None,
    "connections.cf_membrane_um2": None,
    "connections.cf_placement": "uniform",
    "connections.mli_placement": "dendrite",
    "connections.mli1_rate_Hz": None,
    "connections.cf_contacts_per_mli1": 0,
    "cell.channels": {},
    "drive.dcn_bias_mV_per_ms": 0.0,
    "drive.gap_spike_area_mV_ms": 0.0,
    "mf_plasticity": {
        "rule": "off",
        "ltp": 0.0045,
        "ltd": 0.0005,
        "pause_rate_Hz": 49.6,
        "purkinje_tau_ms": 20.0,
    },
    "recording.pf_groups": 0,
    "cell.mechanisms": {},
    "cell.hcn_reversal_mV": -30.0,
}
"""Path of a parameter that older versions did not have, and the value that reproduces them."""


def current_path(path: str) -> str:
    """Return the current path of a parameter for a possibly older path.

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
    """Return the current value of a parameter for a possibly older value.

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


def upgrade(content: Any, path: str = "") -> Any:
    """Return nested mappings of an older file with current names and values.

    Parameters
    ----------
    content : object
        A mapping, or any value inside one; not changed in place.
    path : str
        Path of `content`, with today's names. Parameters may be nested deeper than in their set.

    Returns
    -------
    object
        A copy with today's names and values.

    Examples
    --------
    >>> upgrade({"loop": {"plasticity": {"rule": "judged"}, "pkj": {"reset_mV": -72}}})
    {'loop': {'plasticity': {'rule': 'conjunctive'}, 'purkinje': {'reset_mV': -72}}}
    """
    return _renamed(content, path, RENAMED_PARAMETERS, RENAMED_VALUES)


def downgrade(content: Any, path: str = "") -> Any:
    """Return nested mappings with the names and values of the first version; undoes `upgrade`.

    Parameters
    ----------
    content : object
        A mapping, or any value inside one; not changed in place.
    path : str
        Path of `content`, with today's names.

    Returns
    -------
    object
        A copy as the first version would have written it.

    Examples
    --------
    >>> downgrade({"circuit": {"pf_per_purkinje": 1024}})
    {'circuit': {'pf_per_pkj': 1024}}
    """
    names = {new: old for old, new in RENAMED_PARAMETERS.items()}
    values = {
        path: {new: old for old, new in table.items()} for path, table in RENAMED_VALUES.items()
    }
    return _renamed(content, path, names, values)


def without_added(content: Any, path: str = "") -> Any:
    """Return nested mappings without added parameters that reproduce older versions.

    The settings of runs that an older version could have made are those that it would have written.

    Parameters
    ----------
    content : object
        A mapping, or any value inside one; not changed in place.
    path : str
        Path of `content`.

    Returns
    -------
    object
        A copy without them.

    Examples
    --------
    >>> without_added({"connections": {"cf_scale": 29.0, "mli_dendrite_um": None}})
    {'connections': {'cf_scale': 29.0}}
    """
    if not isinstance(content, Mapping):
        return content
    return {
        name: without_added(part, f"{path}.{name}")
        for name, part in content.items()
        if not any(
            f"{path}.{name}".endswith(f".{added}") and part == value
            for added, value in ADDED_PARAMETERS.items()
        )
    }


def _renamed(
    content: Any, path: str, names: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> Any:
    if isinstance(content, Mapping):
        return {
            names.get(name, name): _renamed(
                part, f"{path}.{RENAMED_PARAMETERS.get(name, name)}", names, values
            )
            for name, part in content.items()
        }
    if not isinstance(content, str):
        return content
    tables = [table for of, table in values.items() if f".{path}".endswith(f".{of}")]
    return tables[0].get(content, content) if tables else content
