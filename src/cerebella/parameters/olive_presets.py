"""Named sets of changes to the parameters of the loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.provenance import parameter_rows
from cerebella.parameters.settings import flatten, parameters_from, set_values

OLIVE_PRESETS: dict[str, dict[str, Any]] = {
    # With the default PC→DCN, without spikes of PCs the DCN fires at 38 Hz instead of 28 Hz: its
    # reset is the reversal potential, so that a pause of the PCs is not visible in the DCN.
    "conditioning": {
        "synapses.purkinje_dcn.weight_per_ms": 0.0258,
        "drive.dcn_bias_mV_per_ms": 0.5,
    },
}
"""Paths and values of the parameters that each preset changes."""


def olive_preset(name: str, changes: Mapping[str, Any] | None = None) -> OliveParameters:
    """Return the parameters of the loop with a preset.

    Parameters
    ----------
    name : str
        ``"conditioning"``: PC→DCN six times stronger, and a bias current of the DCN that keeps its
        rate, so that a pause of the Purkinje cells raises the rate of the DCN.
    changes : mapping, optional
        Further changes, nested as `OliveParameters` takes them.

    Returns
    -------
    OliveParameters

    Raises
    ------
    InputError
        The preset is unknown, or a value cannot be used.

    Examples
    --------
    >>> parameters = cb.olive_preset("conditioning", {"time_step_ms": 1.0})
    >>> parameters.synapses.purkinje_dcn.weight_per_ms, parameters.time_step_ms
    (0.0258, 1.0)
    """
    values = list(_preset(name).items())
    parameters = set_values(OliveParameters(), values)
    if changes is None:
        return parameters
    return set_values(parameters, flatten(changes, OliveParameters()))


def with_preset(name: str, parameters: OliveParameters) -> OliveParameters:
    """Return parameters with a preset; those that the preset does not change are kept.

    Parameters
    ----------
    name : str
        Name of a preset.
    parameters : OliveParameters
        The parameters.

    Returns
    -------
    OliveParameters
    """
    return set_values(parameters, _preset(name).items())


def describe_preset(parameters: OliveParameters | Mapping[str, Any]) -> str | None:
    """Return the preset that parameters contain, with its values, as one line of text.

    Parameters
    ----------
    parameters : OliveParameters or mapping
        The parameters.

    Returns
    -------
    str or None
        None if they contain no preset.
    """
    rows = {row.name: row for row in parameter_rows(parameters_from(OliveParameters, parameters))}
    for name, values in OLIVE_PRESETS.items():
        if all(rows[path].value == value for path, value in values.items()):
            default = {row.name: row.value for row in parameter_rows(OliveParameters())}
            changes = (
                f"{path} {value:g} {rows[path].unit} (default {default[path]:g})"
                for path, value in values.items()
            )
            return f"Preset {name}: {', '.join(changes)}"
    return None


def _preset(name: str) -> dict[str, Any]:
    if name not in OLIVE_PRESETS:
        raise InputError(
            f"preset {name!r} is unknown", remedy=f"Choose from {', '.join(OLIVE_PRESETS)}"
        )
    return OLIVE_PRESETS[name]
