"""Kinetics of the channels of the Purkinje cell.

Each function of the potential v (mV) and of calcium (mM) is written once: for numbers in Python,
for lanes in compiled code, and for symbols, of which NMODL is made. Rates are in 1/ms before the
temperature factor. Keys of papers are those of references.bib; densities have theirs in
`RegionParameters`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cerebella.compiled.functions import at_least, exp, inverse_cube_root

Function = Callable[..., Any]


class Gate(NamedTuple):
    """A gate, which relaxes exactly over a time step.

    Attributes
    ----------
    name : str
        Name of the state.
    steady : function
        Steady state, of v, or of v and calcium.
    rate : function or float
        Inverse of the time constant; a number if it is constant.
    power : int
        Exponent in the open probability.
    start : function, optional
        Initial value, where it is not the steady state.
    """

    name: str
    steady: Function
    rate: Function | float
    power: int = 1
    start: Function | None = None


class Channel(NamedTuple):
    """Channels whose open probability is a product of gates.

    Attributes
    ----------
    name : str
        Name, with which the fields of its densities begin.
    densities : tuple of str
        Fields of `RegionParameters`: one, or one for each of `variants`.
    carrier : {"na", "k", "h", "ca", "t"}
        Ion, hence reversal potential; "ca" and "t" carry calcium by the GHK equation, "t" without
        reaching the pool.
    gates : tuple of Gate
        The gates that all variants share.
    q10, reference_C : float
        Temperature factor of all rates and its reference temperature.
    by_calcium : bool
        Whether the functions depend on calcium.
    variants : tuple of Gate
        Gates by which channels that are otherwise equal differ.
    formulas : str
        Text of the functions, if they were made from text.
    """

    name: str
    densities: tuple[str, ...]
    carrier: str
    gates: tuple[Gate, ...]
    q10: float
    reference_C: float
    by_calcium: bool = False
    variants: tuple[Gate, ...] = ()
    formulas: str = ""

    @property
    def all_gates(self) -> tuple[Gate, ...]:
        """Shared gates and those of the variants, in the order of the states."""
        return self.gates + self.variants

    @property
    def mechanism(self) -> str:
        """Name of the mechanism in NEURON."""
        return f"pc_{self.name}"

    def factor(self, celsius):
        """Return the factor of the rates at a temperature in °C."""
        return self.q10 ** ((celsius - self.reference_C) / 10)


_PARAMETERS = {"_S_per_cm2": "gmax", "_cm_per_s": "permeability"}


def parameter_of(name: str, density: str) -> str:
    """Return the parameter of a channel's mechanism for a field of `RegionParameters`."""
    unit = next(unit for unit in _PARAMETERS if density.endswith(unit))
    return _PARAMETERS[unit] + density.removesuffix(unit).removeprefix(name)


# Persistent sodium, m³ (zang2018; kinetics: baker2005, of dorsal root ganglia). As published it
# starts at alpha / (alpha + beta), which is not its steady state.


def nap_alpha(v):
    """Return the opening rate of m."""
    return 17.235 / (1 + exp(-(v + 27.58) / 11.47))


def nap_beta(v):
    """Return the closing rate of m."""
    return 17.235 / (1 + exp((v + 86.2) / 19.8))


def nap_steady(v):
    """Return the steady state of m."""
    return 1 / (1 + exp(-(v + 66) / 5))


def nap_rate(v):
    """Return the inverse of the time constant of m."""
    return nap_alpha(v) + nap_beta(v)


def nap_start(v):
    """Return the initial value of m."""
    return nap_alpha(v) / (nap_alpha(v) + nap_beta(v))


# Kv1, n⁴h (zang2018; kinetics: akemann2006, zerr1998).


def kv1_alpha(v):
    """Return the opening rate of n."""
    return 0.12889 * exp((v + 45) / 33.90877)


def kv1_beta(v):
    """Return the closing rate of n."""
    return 0.12889 * exp(-(v + 45) / 12.42101)


def kv1_steady_n(v):
    """Return the steady state of n."""
    return kv1_alpha(v) / (kv1_alpha(v) + kv1_beta(v))


def kv1_rate_n(v):
    """Return the inverse of the time constant of n."""
    return kv1_alpha(v) + kv1_beta(v)


def kv1_steady_h(v):
    """Return the steady state of h."""
    return 1 / (1 + exp((v + 66.16) / 6.1881))


# Kv3, n⁴, with a shift of 4 mV (zang2018; kinetics: akemann2009, martina2007).


def kv3_opening(v):
    """Return u, where u and 1 / u are the opening and closing rates over 0.22 / ms."""
    return exp((v + 20) / 26.5)


def kv3_steady(v):
    """Return the steady state of n."""
    return kv3_opening(v) * kv3_opening(v) / (kv3_opening(v) * kv3_opening(v) + 1)


def kv3_rate(v):
    """Return the inverse of the time constant of n."""
    return 0.22 * (kv3_opening(v) + 1 / kv3_opening(v))


# Kv4, n⁴h, fast and slow, which differ in the constant rate of inactivation (zang2018; kinetics:
# sacco2002, gunay2008).


def kv4_steady_n(v):
    """Return the steady state of n."""
    return 1 / (1 + exp(-(v + 49) / 12.5))


def kv4_rate_n(v):
    """Return the inverse of the time constant of n."""
    return 0.15743 * (exp((v + 57) / 32.19976) + exp(-(v + 57) / 37.51346))


def kv4_steady_h(v):
    """Return the steady state of h."""
    return 1 / (1 + exp((v + 75.30348) / 6.06329))


# Hyperpolarization-activated, n (zang2018; kinetics: angelo2007, khaliq2003).


def ih_steady(v):
    """Return the steady state of n."""
    return 1 / (1 + exp((v + 96.3) / 9.67))


def ih_rate(v):
    """Return the inverse of the time constant of n."""
    return 0.000806 * (exp(-(v + 68) / 22) + exp((v + 68) / 7.14))


# P-type calcium, m, shifted by -5 mV (zang2018; kinetics: benton2009, anwar2012).


def cap_steady(v):
    """Return the steady state of m."""
    return 1 / (1 + exp(-(v + 25.5) / 4.113))


def cap_rate(v):
    """Return the inverse of the time constant of m."""
    return 1 / (0.2 + 0.7031 * exp(-(v + 25) * (v + 25) / 196))


# T-type calcium (CaV3.1), m³h (zang2018; temperature factor: iftinca2006).


def cat31_steady_m(v):
    """Return the steady state of m."""
    return inverse_cube_root(1 + exp(-(v + 48.806) / 4.7056))


def cat31_rate_m(v):
    """Return the inverse of the time constant of m."""
    return (
        1.2757
        - 2.3199 / (1 + exp(-(v + 41.448) / 30.655))
        + 2.5712 / (1 + exp(-(v + 21.786) / 9.6306))
    )


def cat31_steady_h(v):
    """Return the steady state of h."""
    return 1 / (1 + exp((v + 81.718) / 6.4635))


def cat31_rate_h(v):
    """Return the inverse of the time constant of h."""
    return (
        0.0076
        + 0.17746 / (1 + exp(-(v + 51.935) / 6.2692))
        + 0.13402 / (1 + exp((v + 94.836) / 5.5845))
    )


# Slow BK (alpha/beta4), x (zang2018; kinetics probably jaffe2011). Without a temperature factor, as
# published.


def abbk_steady(v, calcium_mM):
    """Return the steady state of x."""
    c = 1000 * calcium_mM
    half = -56.449 + 104.52 * exp(-0.22964 * c) + 295.68 * exp(-2.1571 * c)
    return 1 / (1 + exp((half - v) / 15.625))


def abbk_rate(v, calcium_mM):
    """Return the inverse of the time constant of x."""
    c = 1000 * calcium_mM
    u = v + 130.7 - 136.9 * exp(-0.28 * c)
    bell = at_least(0.2, 1 / (10 * (exp(-u / 63.6) + exp((u - 150) / 63.6)) - 5.2))
    return 0.25 / ((12.7 + 234 * exp(-0.72 * c)) * (bell - 0.2) / 0.8 + 1)


CHANNELS = (
    Channel(
        "nap", ("nap_S_per_cm2",), "na", (Gate("m", nap_steady, nap_rate, 3, nap_start),), 2.7, 22
    ),
    Channel("kv3", ("kv3_S_per_cm2",), "k", (Gate("n", kv3_steady, kv3_rate, 4),), 2.7, 22),
    Channel(
        "kv1",
        ("kv1_S_per_cm2",),
        "k",
        (Gate("n", kv1_steady_n, kv1_rate_n, 4), Gate("h", kv1_steady_h, 1 / 1000)),
        3,
        22,
    ),
    Channel(
        "kv4",
        ("kv4_fast_S_per_cm2", "kv4_slow_S_per_cm2"),
        "k",
        (Gate("n", kv4_steady_n, kv4_rate_n, 4),),
        3,
        23,
        variants=(
            Gate("h_fast", kv4_steady_h, 1 / 20),
            Gate("h_slow", kv4_steady_h, 1 / 100),
        ),
    ),
    Channel("ih", ("ih_S_per_cm2",), "h", (Gate("n", ih_steady, ih_rate),), 3, 22),
    Channel(
        "abbk",
        ("abbk_S_per_cm2",),
        "k",
        (Gate("x", abbk_steady, abbk_rate),),
        1,
        34,
        by_calcium=True,
    ),
    Channel("cap", ("cap_cm_per_s",), "ca", (Gate("m", cap_steady, cap_rate),), 3, 22),
    Channel(
        "cat31",
        ("cat31_cm_per_s",),
        "t",
        (Gate("m", cat31_steady_m, cat31_rate_m, 3), Gate("h", cat31_steady_h, cat31_rate_h)),
        1.0913,
        32,
    ),
)
"""All channels with gates."""

# Goldman-Hodgkin-Katz current of calcium, with the constants of anwar2012 and zang2018.

GHK_FARADAY = 96485.0
GHK_GAS = 8.3145
GHK_ZERO_C = 273.19
OUTSIDE_MM = 2.0
JUNCTION_MV = 6.6
"""Added to the potential in the driving force of T-type channels."""


def ghk_per_mV(celsius):
    """Return xi / v = z F / (R T) in 1/mV."""
    return 2 * GHK_FARADAY * 0.001 / (GHK_GAS * (celsius + GHK_ZERO_C))


def ghk_flux(ratio, covered, calcium_mM):
    """Return the charge per volume (C/cm³), given xi / (1 - e^-xi) and 1 - e^-xi."""
    return 1e-6 * 2 * GHK_FARADAY * ratio * (calcium_mM - OUTSIDE_MM * (1 - covered))


def ghk_slope(ratio, slope_of_ratio, covered, calcium_mM):
    """Return the derivative of the flux with respect to xi."""
    inner = calcium_mM - OUTSIDE_MM * (1 - covered)
    return 1e-6 * 2 * GHK_FARADAY * (slope_of_ratio * inner + OUTSIDE_MM * ratio * (1 - covered))
