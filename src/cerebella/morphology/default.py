"""Default morphology, stored as SWC data so that it does not depend on library versions.

It is a generated cell; `benchmarks/select_default_morphology.py` defines how its seed was
selected. Future changes of the generator or of NumPy do not affect this file.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from importlib.resources import as_file, files

from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology

DEFAULT_SEED = 17
"""Seed with which `generate_morphology` produced it."""


@cache
def load_default_morphology() -> Morphology:
    """Load the default Purkinje cell morphology, once in each process.

    Returns
    -------
    Morphology
        A generated cell, named ``"default"``.

    See Also
    --------
    generate_morphology : Generate another cell.

    Examples
    --------
    >>> cb.load_default_morphology()
    <Morphology 'default': 1137 sections (1 soma, 1 ais, 30 smooth, 1105 spiny), 2569 compartments>
    """
    data = files("cerebella.morphology") / "data"
    with as_file(data / "default.swc") as swc, as_file(data / "default_sections.csv") as sections:
        return dataclasses.replace(load_morphology(swc, sections), name="default")
