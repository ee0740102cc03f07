"""No plasticity: weights are constant."""

from __future__ import annotations

from cerebella.olive.rules.built_in import BuiltIn

OFF = BuiltIn(lambda plasticity, whole_steps: None, lambda plasticity, rates: None)
