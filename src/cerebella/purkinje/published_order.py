"""Order of the sections of the traced cell in the published programs.

The published random placement of synapses and table of parallel-fiber contacts follow this order:
sections sorted by name, except for some that come last. For the spiny dendrite, the order was
inferred from the counts of the table; for the smooth dendrite, from the inhibitory events of the
published recording. Both are consistent with no other order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import Morphology

_COMES_LAST = {
    "smth_A1_": (
        "01",
        "010",
        "011",
        "0100",
        "0101",
        "01001",
        "010010",
        "0100100",
        "01001001",
        "010010010",
    ),
    "dendA1_": (
        "01001001101101",
        "01001001101100",
        "0100100110111",
        "01001001101110",
        "010010011011100",
        "010010011011101",
        "0100110011",
        "01001101",
        "010011010",
        "0100110100",
        "0100110101",
        "010011011",
        "0100111",
        "01001110",
        "010110100",
        "010110110100",
    ),
}
_RANK = {
    f"{prefix}{path}": rank
    for prefix, paths in _COMES_LAST.items()
    for rank, path in enumerate(paths, start=1)
}


def order_sections(morphology: Morphology, region: str) -> npt.NDArray[np.int64]:
    """Return the sections of a region in the order of synapse placement.

    This is the published order for the traced cell, and that of the morphology otherwise.
    """
    sections = morphology.sections_of(region)
    names = morphology.section_names
    if not _RANK.keys() <= set(names):
        return sections
    key = {int(section): (_RANK.get(names[section], 0), names[section]) for section in sections}
    return np.array(sorted(key, key=lambda section: key[section]), dtype=np.int64)
