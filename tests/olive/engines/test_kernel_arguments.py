"""Arguments of compiled code."""

from __future__ import annotations

from cerebella.compiled.arguments import unpack
from cerebella.olive.engines.compiled_rules import rule_events
from cerebella.olive.engines.kernel_arguments import loop_settings
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.rules.table import RULES


def test_settings_of_all_rules_have_the_same_types(make_loop):
    """The loop is compiled once for all of them."""
    kinds = set()
    for rule in RULES:
        model, _ = make_loop(f"plasticity.rule={rule}")
        events = rule_events(model.coefficients.rule)
        kinds.add(unpack(loop_settings(model, events, initial_drive(model.parameters)), []))
    assert len(kinds) == 1
