"""Short names of single parameters of the Purkinje cell."""

from __future__ import annotations

from cerebella.parameters.shortcuts import Shortcut

SHORTCUTS = (
    Shortcut("pf_scale", "connections.pf_scale"),
    Shortcut("cf_scale", "connections.cf_scale"),
    Shortcut("cf_time_ms", "connections.cf_time_ms"),
)
