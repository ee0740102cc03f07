"""The compiled code of a Purkinje cell, for a set of channels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from cerebella.compiled.procedure import Procedure
from cerebella.compiled.source_key import source_key
from cerebella.purkinje.own_engine.rows import Rows

_HERE = Path(__file__).parent
_FILES = (
    *sorted(_HERE.glob("*.py")),
    *(_HERE.parent / name for name in ("calcium_pools.py", "channels.py", "kinetic_schemes.py")),
)


@cache
def advance_procedure(rows: Rows) -> Procedure:
    """Return the procedure that advances a cell, in place, from one step to another.

    Parameters
    ----------
    rows : Rows
        States of the channels.

    Returns
    -------
    Procedure
        Its arguments are those of `cerebella.purkinje.own_engine.kernels.advance_kernel`.
    """

    def advance(arguments_at: Any) -> Callable[[int], None]:
        from cerebella.purkinje.own_engine.kernels import advance_kernel

        return advance_kernel(rows, arguments_at)

    return Procedure("purkinje-advance", advance, lambda: source_key(_FILES, rows.text()))
