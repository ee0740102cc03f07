"""All rules of PF→PC plasticity, by the value of the parameter ``plasticity.rule``."""

from __future__ import annotations

from collections.abc import Mapping

from cerebella.olive.rules.conjunctive import CONJUNCTIVE
from cerebella.olive.rules.off import OFF
from cerebella.olive.rules.pair import PAIR
from cerebella.olive.rules.rule import Rule

RULES: Mapping[str, Rule] = {"conjunctive": CONJUNCTIVE, "pair": PAIR, "off": OFF}
"""Rules by name; `cerebella.parameters.olive_simulation` lists the same names."""
