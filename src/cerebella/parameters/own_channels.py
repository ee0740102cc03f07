"""Channels of the user: gates as formulas, which run on every engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from cerebella.errors import InputError
from cerebella.parameters.formula import parse_formula, variables_in
from cerebella.parameters.quantity import Parameters

VARIABLES = ("v", "calcium_mM")
"""Variables of formulas: potential in mV and calcium of the outermost shell in mM."""

NAMES_IN_PROBES = {
    "leak": "is the name of the leak",
    **dict.fromkeys(("pf", "inhibition", "cf"), "is a kind of synapse"),
}
"""Names that channels and mechanisms of the user cannot have, and what they stand for in probes."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TAKEN_BY_NMODL = {"v", "dt", "t", "g", "e", "i", "celsius", "factor", "cai", "ena", "ek", "area"}


class OwnGate(Parameters):
    """A gate, which relaxes exactly over a time step."""

    steady: str = Field(description="steady state, a formula")
    rate: str | float = Field(
        description="inverse of the time constant at the reference temperature, a formula or a "
        "number [1/ms]"
    )
    power: Literal[1, 2, 3, 4] = Field(1, description="exponent in the open probability")
    start: str | None = Field(None, description="initial value, if it is not the steady state")

    @field_validator("steady", "rate", "start")
    @classmethod
    def _can_be_computed(cls, value: str | float | None) -> str | float | None:
        if isinstance(value, str):
            parse_formula(value, VARIABLES)
        elif value is not None and value <= 0:
            raise InputError("it must be positive")
        return value


class OwnChannel(Parameters):
    """Channels whose open probability is a product of gates.

    A channel of the name of one of the package (nap, kv1, kv3, ih, abbk, cap or cat31) replaces it.

    Examples
    --------
    >>> import cerebella as cb
    >>> gate = {"steady": "1/(1 + exp((v + 82)/9))", "rate": 0.01}
    >>> cell = cb.PurkinjeParameters(
    ...     cell={
    ...         "channels": {"hcn2": {"ion": "h", "gates": {"n": gate}}},
    ...         "spiny": {"hcn2_S_per_cm2": 1e-4},
    ...     }
    ... ).cell
    >>> cell.spiny.density("hcn2_S_per_cm2"), cell.soma.density("hcn2_S_per_cm2")
    (0.0001, 0.0)
    """

    ion: Literal["na", "k", "h", "ca", "t"] = Field(
        description="ion and thereby reversal potential; h: that of hyperpolarization-activated "
        "channels; ca: calcium by the GHK equation; t: the same, without reaching the pool"
    )
    gates: dict[str, OwnGate] = Field(description="gates by name")
    q10: float = Field(1.0, gt=0, description="temperature factor of all rates")
    reference_C: float = Field(34.0, description="its reference temperature [°C]")
    source: str = Field("", description="paper or origin, for the record of the run")

    @model_validator(mode="after")
    def _gates_have_names(self) -> Self:
        if not self.gates:
            raise InputError("a channel needs at least one gate in `gates`")
        for name in self.gates:
            if not _NAME.fullmatch(name) or name in _TAKEN_BY_NMODL:
                raise InputError(
                    f"a gate cannot be called {name!r}",
                    remedy="Use lowercase letters and digits, such as m, h or n",
                )
        return self

    def uses(self, variable: str) -> bool:
        """Return whether a formula contains a variable."""
        texts = [
            text for gate in self.gates.values() for text in (gate.steady, gate.rate, gate.start)
        ]
        return any(
            variable in variables_in(parse_formula(text, VARIABLES))
            for text in texts
            if isinstance(text, str)
        )

    def density(self, name: str) -> str:
        """Return the name of the density of a channel of this kind."""
        return f"{name}_{'cm_per_s' if self.ion in ('ca', 't') else 'S_per_cm2'}"


def check_names(channels: Mapping[str, OwnChannel], taken: Mapping[str, str]) -> None:
    """Raise InputError if a channel has a name that cannot be used.

    Parameters
    ----------
    channels : mapping of str to OwnChannel
        Channels by name.
    taken : mapping of str to str
        Names that stand for something else, and what that is.
    """
    for name in channels:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"a channel cannot be called {name!r}",
                remedy="Use lowercase letters, digits and single underscores, such as hcn2",
            )
        if name in taken:
            raise InputError(
                f"a channel cannot be called {name!r}, which {taken[name]}",
                remedy=f"Call it my_{name}, and set the densities of {name} to 0 to replace it",
            )
