"""Requests of the three verbs, validated in the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field

from cerebella.errors import InputError
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.refusal import RefusedValueError

P = TypeVar("P", bound=Parameters)


class Request(Parameters):
    """Arguments common to all verbs, apart from the parameters."""

    duration_ms: float = Field(300.0, gt=0, description="simulated time [ms]")
    seed: int = Field(0, ge=0, lt=2**32, description="seed of all random streams")
    trial: int = Field(1, ge=0, lt=2**32, description="trial number, part of each stream's name")


def validated(kind: type[P], values: Mapping[str, Any]) -> P:
    """Return a request; errors name invalid arguments in backticks.

    Raises
    ------
    InputError
        The first value that cannot be used.
    """
    try:
        return kind(**values)
    except RefusedValueError as error:
        if not error.path:
            raise
        argument = re.sub(r"(\.\d+)+$", "", error.path)  # without the index in a sequence
        raise InputError(f"`{argument}` is {error.value!r}: {error.reason}") from None
