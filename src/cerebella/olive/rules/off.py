"""No plasticity: weights are constant."""

from __future__ import annotations

from cerebella.olive.rules.rule import Changes, Rule

OFF = Rule(lambda plasticity, steps: Changes(), lambda plasticity, rates: None)
