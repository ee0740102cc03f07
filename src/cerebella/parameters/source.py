"""Sources of the values of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

CHOSEN_BY_PARK = "chosen by park2026"
"""Source of a value that the published model states without naming a measurement."""

OURS = "this package"
"""Source of a value that was chosen for this package."""

STATEMENTS = (CHOSEN_BY_PARK, OURS)
"""Sources that are not simply a key of references.bib."""


class Source(NamedTuple):
    """Where the value of a parameter comes from.

    Attributes
    ----------
    keys : tuple of str
        Keys of ``references.bib``, or statements of `STATEMENTS`.
    remark : str
        A reservation, such as "constant measured in another cell type"; may be empty.
    """

    keys: tuple[str, ...]
    remark: str = ""


PartSources: TypeAlias = Mapping[str, Source]
"""Sources by path: ``"io.noise_mV"`` is one value, ``"io"`` all values of a part not named."""
