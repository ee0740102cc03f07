"""The rules of this package, by the value of the parameter ``plasticity.rule``."""

from __future__ import annotations

from collections.abc import Mapping

from cerebella.errors import InputError
from cerebella.olive.rules.built_in import BuiltIn
from cerebella.olive.rules.conjunctive import CONJUNCTIVE
from cerebella.olive.rules.off import OFF
from cerebella.olive.rules.pair import PAIR
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.parameters.olive_simulation import OliveParameters

RULES: Mapping[str, BuiltIn] = {"conjunctive": CONJUNCTIVE, "pair": PAIR, "off": OFF}
"""Rules by name; `cerebella.parameters.olive_simulation` lists the same names, and ``own``."""


def rule_of(
    parameters: OliveParameters, own_rule: PlasticityRule | None = None
) -> PlasticityRule | None:
    """Return the rule of the user, or the one named by parameters; None for constant weights.

    Raises
    ------
    InputError
        They name a rule of the user, which is a value in Python, and none is given.
    """
    if own_rule is not None:
        return own_rule
    plasticity, step_ms = parameters.plasticity, parameters.time_step_ms
    if plasticity.rule == "own":
        raise InputError(
            "plasticity.rule is own, but no rule is given",
            remedy="Own rules are given in Python: simulate_olive(rule=PlasticityRule(...))",
        )
    return RULES[plasticity.rule].rule(plasticity, lambda ms: parameters.steps(ms) * step_ms)
