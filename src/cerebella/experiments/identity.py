"""Identity of the model of each level, which determines results together with the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebella.experiments.engines import FAMILIES
from cerebella.model_version import MODEL_VERSIONS
from cerebella.neuron_backend.mechanism_sets import source_hash
from cerebella.runs.level import level_of, resolve

SAME_EQUATIONS = {
    # Written from tables, before that by hand: Purkinje cell, molecular layer.
    "fba065c0692b0db2": "363494c7369618b9",
    "78f825aa9a164ec9": "72a808ce4f8c0475",
}
"""Hash of mechanisms, and that of an earlier text with the same equations.

Results agree within rounding, as between processors; runs made with either belong together.
"""


def model_identity(engines: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the identity of the models of some levels, computed without compilation.

    Parameters
    ----------
    engines : mapping of str to str
        Name of the engine of each level, by the kind of its runs.

    Returns
    -------
    dict
        For each level its model version, family of engines and, for NEURON, a hash of the
        equations of its mechanisms.

    Examples
    --------
    >>> from cerebella.experiments.identity import model_identity
    >>> model_identity({"olive": "numba"})
    {'olive': {'version': 1, 'engines': 'cerebella'}}
    """
    identity: dict[str, dict[str, Any]] = {}
    for level, engine in engines.items():
        family = FAMILIES[engine]
        identity[level] = {"version": MODEL_VERSIONS[level], "engines": family}
        if family == "neuron":
            mechanisms = resolve(level_of(level).mechanisms)()
            found = source_hash(mechanisms)
            identity[level]["mechanisms"] = SAME_EQUATIONS.get(found, found)
    return identity
