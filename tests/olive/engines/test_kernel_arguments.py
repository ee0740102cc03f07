"""Arguments of compiled code."""

from __future__ import annotations

import pytest

from cerebella.olive.engines.kernel_arguments import loop_changes
from cerebella.olive.rules.table import RULES


@pytest.mark.parametrize("rule", sorted(RULES))
def test_changes_of_every_rule_have_the_same_types(make_loop, rule):
    model, _ = make_loop(f"plasticity.rule={rule}")
    changes = loop_changes(model)
    assert changes == model.coefficients.changes
    assert {type(value) for value in (changes.on_pf, *changes.on_cf, *changes.on_pc)} == {int}
