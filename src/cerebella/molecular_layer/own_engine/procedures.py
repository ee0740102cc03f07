"""The compiled code of the network, for a set of channels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.compiled.procedure import Procedure
from cerebella.compiled.source_key import source_key
from cerebella.molecular_layer.channels import Channel

_HERE = Path(__file__).parent
_FILES = (*sorted(_HERE.glob("*.py")), _HERE.parent / "channels.py")


class Procedures(NamedTuple):
    """Procedures of compiled code; see `cerebella.molecular_layer.own_engine.kernels`."""

    start: Procedure
    advance: Procedure


@cache
def procedures_of(own: tuple[Channel, ...]) -> Procedures:
    """Return the procedures for the channels of the package and those of the user."""

    def key() -> str:
        return source_key(_FILES, "\n".join(channel.formulas for channel in own))

    def start(arguments_at: Any) -> Callable[[int], None]:
        from cerebella.molecular_layer.own_engine.kernels import start_kernel

        return start_kernel(own, arguments_at)

    def advance(arguments_at: Any) -> Callable[[int], None]:
        from cerebella.molecular_layer.own_engine.kernels import advance_kernel

        return advance_kernel(own, arguments_at)

    return Procedures(
        Procedure("mli-start", start, key),
        Procedure("mli-advance", advance, key),
    )
