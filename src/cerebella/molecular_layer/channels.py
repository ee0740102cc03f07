"""Kinetics of the four channels of the MLI soma, as functions of the potential in mV.

Each function is written once: for numbers in Python, for lanes in compiled code, and for symbols,
of which NMODL is made. Sources are those of the parameters `na_S_per_cm2`, `kv_S_per_cm2`,
`ka_S_per_cm2` and `calva_S_per_cm2`; rates are in 1/ms before the temperature factor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cerebella.compiled.functions import exp, linoid

Function = Callable[[Any], Any]

PREFIX = "mli_"
"""Of the names of mechanisms in NEURON."""


class TemperatureFactors(NamedTuple):
    """Factors of the rates at a temperature, numbers or symbols.

    Attributes
    ----------
    na, kv, ka : float
        Factors of both gates.
    calva_m, calva_h : float
        Factors of activation and inactivation.
    """

    na: Any
    kv: Any
    ka: Any
    calva_m: Any
    calva_h: Any


def temperature_factors(celsius: Any) -> TemperatureFactors:
    """Return the factors at a temperature in °C."""
    return TemperatureFactors(
        na=3 ** ((celsius - 20) / 10),
        kv=3 ** ((celsius - 6.3) / 10),
        ka=3 ** ((celsius - 25.5) / 10),
        calva_m=5 ** ((celsius - 24) / 10),
        calva_h=3 ** ((celsius - 24) / 10),
    )


# Transient sodium, m³h.


def na_alpha_m(v):
    """Return the opening rate of m."""
    return 3 * linoid((v + 25) / 10)


def na_beta_m(v):
    """Return the closing rate of m."""
    return 12 * exp(-(v + 50) / 18.182)


def na_alpha_h(v):
    """Return the opening rate of h."""
    return 0.21 * exp(-(v + 50) / 3.333)


def na_beta_h(v):
    """Return the closing rate of h."""
    return 3 / (1 + exp(-(v + 17) / 5))


# Delayed-rectifier potassium, n⁴.


def kv_alpha_n(v):
    """Return the opening rate of n."""
    return 0.01 * linoid((v + 26) / 10)


def kv_beta_n(v):
    """Return the closing rate of n."""
    return 0.0125 * exp(-(v + 36) / 80)


# A-type potassium, a³b. Steady states do not follow from the rates. Constants are those that the
# published tool chain uses after rounding its parameters to six digits; spike times need it.


def ka_steady_a(v):
    """Return the steady state of a."""
    return 1 / (1 + exp(-(v + 38) / 17))


def ka_steady_b(v):
    """Return the steady state of b."""
    return 1 / (1 + exp((v + 78.8) / 8.4))


def ka_rate_a(v):
    """Return the inverse of the time constant of a."""
    return 0.8147 / (1 + exp(-(v + 9.17203) / 23.3271)) + 0.1655 * exp(-(v + 18.2791) / 19.4718)


def ka_rate_b(v):
    """Return the inverse of the time constant of b."""
    return 0.0368 / (1 + exp((v + 111.332) / 12.8433)) + 0.0345 / (
        1 + exp(-(v + 49.9537) / 8.90123)
    )


# Low-threshold calcium, m²h, with time constants in ms.


def calva_steady_m(v):
    """Return the steady state of m."""
    return 1 / (1 + exp(-(v + 52) / 7.4))


def calva_steady_h(v):
    """Return the steady state of h."""
    return 1 / (1 + exp((v + 80) / 5))


def calva_tau_m(v):
    """Return the time constant of m in ms."""
    return 3 + 1 / (exp((v + 27) / 10) + exp(-(v + 102) / 15))


def calva_tau_h(v):
    """Return the time constant of h in ms."""
    return 85 + 1 / (exp((v + 48) / 4) + exp(-(v + 407) / 50))


class OpeningAndClosing(NamedTuple):
    """Kinetics by two rates; a step is backward Euler.

    The time constant of sodium activation is comparable with the time step: an exponential step
    would shift the shape and time of spikes.
    """

    opening: Function
    closing: Function


class ImplicitRelaxation(NamedTuple):
    """Kinetics by steady state and inverse of the time constant; a step is backward Euler."""

    steady: Function
    rate: Function


class ExactRelaxation(NamedTuple):
    """Kinetics by steady state and time constant in ms; a step is exact."""

    steady: Function
    tau: Function


class OwnRelaxation(NamedTuple):
    """Kinetics of a channel of the user, by steady state and inverse of the time constant.

    A step is exact. The rate may be a number; `start` is the initial value, if it is not the
    steady state.
    """

    steady: Function
    rate: Function | float
    start: Function | None = None


class Gate(NamedTuple):
    """A gate.

    Attributes
    ----------
    name : str
        Name of the state.
    power : int
        Exponent in the open probability.
    factor : str
        Field of `TemperatureFactors`; empty for a channel of the user, which has its own.
    kinetics : OpeningAndClosing, ImplicitRelaxation, ExactRelaxation or OwnRelaxation
        Functions of the potential.
    """

    name: str
    power: int
    factor: str
    kinetics: OpeningAndClosing | ImplicitRelaxation | ExactRelaxation | OwnRelaxation


class Channel(NamedTuple):
    """Channels whose open probability is a product of gates.

    Attributes
    ----------
    mechanism : str
        Name of the mechanism in NEURON.
    carrier : {"na", "k", "h", ""}
        Ion; empty for a current without an ion of its own; "h" for hyperpolarization-activated
        channels of the user.
    gates : tuple of Gate
        The gates.
    q10, reference_C : float
        Temperature factor of all rates of a channel of the user, and its reference temperature.
    formulas : str
        Text of the functions of a channel of the user.
    """

    mechanism: str
    carrier: str
    gates: tuple[Gate, ...]
    q10: float = 1.0
    reference_C: float = 34.0
    formulas: str = ""

    @property
    def name(self) -> str:
        """Name in parameters and probes."""
        return self.mechanism.removeprefix(PREFIX)

    def own_factor(self, celsius: Any) -> Any:
        """Return the factor of the rates of a channel of the user at a temperature in °C."""
        return self.q10 ** ((celsius - self.reference_C) / 10)


CHANNELS = (
    Channel(
        "mli_na",
        "na",
        (
            Gate("m", 3, "na", OpeningAndClosing(na_alpha_m, na_beta_m)),
            Gate("h", 1, "na", OpeningAndClosing(na_alpha_h, na_beta_h)),
        ),
    ),
    Channel("mli_kv", "k", (Gate("n", 4, "kv", OpeningAndClosing(kv_alpha_n, kv_beta_n)),)),
    Channel(
        "mli_ka",
        "k",
        (
            Gate("a", 3, "ka", ImplicitRelaxation(ka_steady_a, ka_rate_a)),
            Gate("b", 1, "ka", ImplicitRelaxation(ka_steady_b, ka_rate_b)),
        ),
    ),
    # The published model leaves both concentrations of its private divalent ion at their default,
    # so the Nernst potential is 0 mV and no concentration changes: a depolarizing, T-like
    # conductance, and therefore a current without an ion here.
    Channel(
        "mli_calva",
        "",
        (
            Gate("m", 2, "calva_m", ExactRelaxation(calva_steady_m, calva_tau_m)),
            Gate("h", 1, "calva_h", ExactRelaxation(calva_steady_h, calva_tau_h)),
        ),
    ),
)
"""All channels."""
