"""Kinetics of the four channels of the MLI soma, as functions of the potential in mV.

Each function is written once, for numbers in Python and for lanes in compiled code. Sources are
those of the parameters `na_S_per_cm2`, `kv_S_per_cm2`, `ka_S_per_cm2` and `calva_S_per_cm2`; rates
are in 1/ms before the temperature factor.
"""

from __future__ import annotations

from typing import NamedTuple

from cerebella.compiled.functions import exp, linoid


class TemperatureFactors(NamedTuple):
    """Factors of the rates at a temperature.

    Attributes
    ----------
    na, kv, ka : float
        Factors of both gates.
    calva_m, calva_h : float
        Factors of activation and inactivation.
    """

    na: float
    kv: float
    ka: float
    calva_m: float
    calva_h: float


def temperature_factors(celsius: float) -> TemperatureFactors:
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
