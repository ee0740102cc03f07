"""Shortcuts to parameters of the loop, for Python and the command line."""

from __future__ import annotations

from cerebella.parameters.shortcuts import Shortcut

SHORTCUTS = (
    Shortcut("dt_ms", "time_step_ms"),
    Shortcut("initial_weight", "plasticity.initial_weight"),
    Shortcut("plasticity", "plasticity.rule"),
    Shortcut("ltp", "plasticity.ltp"),
    Shortcut("ltd", "plasticity.ltd"),
    Shortcut("window_ms", "plasticity.window_ms"),
    Shortcut("wiring", "circuit.wiring"),
    Shortcut("scale", "circuit.scale"),
)
