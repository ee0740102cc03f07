"""Identity of the model of each level, which determines results together with the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.model_version import MODEL_VERSIONS
from cerebella.neuron_backend.mechanism_sets import (
    MechanismSet,
    molecular_layer_mechanisms,
    purkinje_mechanisms,
    source_hash,
)

_MECHANISMS: dict[str, Callable[[], MechanismSet]] = {
    "mli": molecular_layer_mechanisms,
    "purkinje": purkinje_mechanisms,
}
_ENGINE_FAMILIES = {"mli": "neuron", "purkinje": "neuron", "olive": "cerebella"}
"""Engines of one family give the same numbers: NEURON and CoreNEURON, numba and numpy."""


def model_identity(*levels: str) -> dict[str, dict[str, Any]]:
    """Return the identity of the models of some levels, computed without compilation.

    Parameters
    ----------
    *levels : str
        Kinds of runs: ``"mli"``, ``"purkinje"``, ``"olive"``.

    Returns
    -------
    dict
        For each level its model version, family of engines and, where there are NMODL mechanisms,
        a hash of their equations.

    Examples
    --------
    >>> from cerebella.experiments.identity import model_identity
    >>> model_identity("olive")
    {'olive': {'version': 1, 'engines': 'cerebella'}}
    """
    return {
        level: {"version": MODEL_VERSIONS[level], "engines": _ENGINE_FAMILIES[level]}
        | ({"mechanisms": source_hash(_MECHANISMS[level]())} if level in _MECHANISMS else {})
        for level in levels
    }
