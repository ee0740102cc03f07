"""Short names of single parameters of the molecular layer."""

from __future__ import annotations

from cerebella.parameters.shortcuts import Shortcut

SHORTCUTS = (Shortcut("w2_pS", "connections.mli2_to_mli1_weight_pS"),)
