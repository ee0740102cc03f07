"""The cell that comes with cerebella, as SWC data: the same whatever the libraries are.

It was generated; `benchmarks/select_default_morphology.py` states the rule by which its seed was
chosen. Streams and libraries may change what the generator makes; this file does not.
"""

from __future__ import annotations

import dataclasses
from importlib.resources import as_file, files

from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology

DEFAULT_SEED = 17
"""Seed of `generate_morphology` that made it."""


def load_default_morphology() -> Morphology:
    """Load the default cell, named ``"default"``."""
    data = files("cerebella.morphology") / "data"
    with as_file(data / "default.swc") as swc, as_file(data / "default_sections.csv") as sections:
        return dataclasses.replace(load_morphology(swc, sections), name="default")
