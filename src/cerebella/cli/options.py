"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum


class EngineName(StrEnum):
    """Who integrates."""

    coreneuron = "coreneuron"
    neuron = "neuron"
