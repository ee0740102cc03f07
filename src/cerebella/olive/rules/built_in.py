"""The rules of this package: made from the parameters of plasticity, with their prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.wiring import UNITS_PER_WEIGHT
from cerebella.parameters.olive_simulation import PlasticityParameters

WholeSteps = Callable[[float], float]
"""Rounds a time in ms to whole time steps."""

Rates = Callable[[], Mapping[str, float]]
"""Measures the rate of each recorded population in Hz."""


class BuiltIn(NamedTuple):
    """A rule of this package.

    Attributes
    ----------
    rule : callable
        Returns the rule, given the parameters and a function that rounds times to whole steps;
        None if weights are constant.
    predicted_rate : callable
        Returns the CF rate in Hz at which the rule balances, or None if there is none. The second
        argument measures the rates of a run, for rules whose balance depends on them.
    cite : tuple of str
        Keys of references.bib.
    """

    rule: Callable[[PlasticityParameters, WholeSteps], PlasticityRule | None]
    predicted_rate: Callable[[PlasticityParameters, Rates], float | None]
    cite: tuple[str, ...] = ()


def whole_units(weight: float) -> float:
    """Return a weight rounded to whole units of 2⁻²⁶, so that sums of weights are exact.

    Examples
    --------
    >>> whole_units(0.5)
    0.5
    """
    return round(weight * UNITS_PER_WEIGHT) / UNITS_PER_WEIGHT
