"""Stimuli as a field of the request of a run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, InstanceOf, PlainSerializer

from cerebella.stimuli.grammar import stimuli_from
from cerebella.stimuli.stimulus import Stimulus


def as_mappings(stimuli: tuple[Stimulus, ...]) -> list[dict[str, Any]]:
    """Return stimuli as manifests keep them."""
    return [one.as_mapping() for one in stimuli]


Stimuli = Annotated[
    tuple[InstanceOf[Stimulus], ...],
    BeforeValidator(stimuli_from),
    PlainSerializer(as_mappings),
    Field(description="stimuli of cells"),
]
"""Stimuli in any form that `stimuli_from` accepts."""


def stored_stimuli(stimuli: tuple[Stimulus, ...]) -> dict[str, Any]:
    """Return the entry of a manifest, none without stimuli."""
    return {"stimuli": as_mappings(stimuli)} if stimuli else {}
