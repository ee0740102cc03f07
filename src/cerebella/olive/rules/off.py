"""No plasticity: weights stay as they are."""

from __future__ import annotations

from cerebella.olive.rules.rule import Changes, Rule

OFF = Rule(lambda plasticity, steps: Changes(), lambda plasticity, rates: None)
