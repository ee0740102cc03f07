"""Base of all stimuli: their kind, checks of their fields, and their form in manifests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar

import numpy as np

from cerebella.errors import InputError

POSITIVE = ("width_ms", "frequency_Hz", "interval_ms", "series_resistance_MOhm")
"""Fields that must be positive."""


@dataclass(frozen=True)
class Stimulus:
    """One stimulus of a cell, or of several cells.

    Attributes
    ----------
    kind : str
        Name of the kind in texts, files and manifests.
    """

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        """Check numbers, times and windows."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, value in values.items():
            is_number = name.endswith(("_ms", "_nA", "_Hz", "_degrees", "_MOhm"))
            if is_number and value is not None and not isinstance(value, tuple):
                self._check_number(name, value)
        start_ms, stop_ms = values.get("start_ms", 0.0), values.get("stop_ms")
        if stop_ms is not None and stop_ms <= start_ms:
            raise self.refused(
                f"it ends at {stop_ms:g} ms, but starts at {start_ms:g} ms", "Give a later end"
            )

    def _check_number(self, name: str, value: Any) -> None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):
            raise self.refused(f"{name} is {value!r}", "Give a finite number")
        if name in POSITIVE and value <= 0:
            raise self.refused(f"{name} is {value:g}", "Give a positive number")
        if name == "start_ms" and value < 0:
            raise self.refused(f"{name} is {value:g}", "Give a time from 0 on")

    def refused(self, problem: str, remedy: str | None) -> InputError:
        """Return the error for this stimulus."""
        place = getattr(self, "place", None)
        where = f" at {place}" if place else ""
        return InputError(f"`stimuli`: {self.kind}{where}: {problem}", remedy=remedy)

    def as_mapping(self) -> dict[str, Any]:
        """Return kind and fields, as manifests keep them."""
        values = asdict(self)
        return {"kind": self.kind} | {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }


def stimulus_from_mapping(
    kinds: Mapping[str, type[Stimulus]], stored: Mapping[str, Any]
) -> Stimulus:
    """Return the stimulus that `Stimulus.as_mapping` describes.

    Parameters
    ----------
    kinds : mapping of str to type
        Class of each kind.
    stored : mapping of str to object
        Kind and fields.

    Returns
    -------
    Stimulus

    Raises
    ------
    InputError
        The kind is unknown, a field is unknown or missing, or a value is out of range.
    """
    values = dict(stored)
    name = values.pop("kind", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InputError(
            f"`stimuli`: kind {name!r} is unknown", remedy=f"Choose from {', '.join(kinds)}"
        )
    known = [one.name for one in fields(kind)]
    unknown = [repr(key) for key in values if key not in known]
    if unknown:
        raise InputError(
            f"`stimuli`: {name} has no {unknown[0]}", remedy=f"Its fields are {', '.join(known)}"
        )
    try:
        return kind(**values)
    except TypeError:
        required = [one.name for one in fields(kind) if is_required(one)]
        missing = [key for key in required if key not in values]
        raise InputError(
            f"`stimuli`: {name} lacks {', '.join(missing)}",
            remedy=f"Its fields are {', '.join(known)}",
        ) from None


@dataclass(frozen=True)
class PlacedStimulus(Stimulus):
    """A stimulus of some place.

    Attributes
    ----------
    place : str
        Where it acts. In the molecular layer, cells: ``"MLI1[3]"``, ``"MLI1[0,2-5]"``, or
        ``"MLI1"`` for all; they are numbered within their population. On the Purkinje cell,
        compartments: ``"soma"``, ``"spiny[150um]"``, ``"smooth"``; see
        `cerebella.morphology.places`.
    """

    place: str

    def __post_init__(self) -> None:
        """Check the place, which must be text."""
        if not isinstance(self.place, str) or not self.place:
            raise self.refused(f"place is {self.place!r}", "Give the name of a place, as text")
        super().__post_init__()


def as_numbers(stimulus: Stimulus, name: str) -> tuple[float, ...]:
    """Return a field, one number or a sequence of numbers, as a tuple.

    Parameters
    ----------
    stimulus : Stimulus
        The stimulus.
    name : str
        Name of the field.

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        A value is not a finite number.
    """
    try:
        numbers = np.atleast_1d(np.asarray(getattr(stimulus, name), dtype=np.float64))
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise stimulus.refused(f"{name} is not a list of finite numbers", "Give numbers")
    return tuple(numbers.tolist())


def is_required(one: Any) -> bool:
    """Return whether a field of a dataclass has no default."""
    return one.default is MISSING and one.default_factory is MISSING
