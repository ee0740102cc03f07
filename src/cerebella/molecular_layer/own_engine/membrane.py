"""Channels of the somata of a group of cells: start, conductances and steps of their gates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from cerebella.compiled.functions import exp, one_minus_exp
from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.lane_access import lanes_at, put_lanes
from cerebella.compiled.simd import fma, like
from cerebella.molecular_layer import channels
from cerebella.molecular_layer.channels import Channel, OwnRelaxation
from cerebella.molecular_layer.own_engine.arrays import N_PACKAGE_GATES
from cerebella.molecular_layer.own_engine.layout import LANES

_na_alpha_m, _na_beta_m = inlined(channels.na_alpha_m), inlined(channels.na_beta_m)
_na_alpha_h, _na_beta_h = inlined(channels.na_alpha_h), inlined(channels.na_beta_h)
_kv_alpha_n, _kv_beta_n = inlined(channels.kv_alpha_n), inlined(channels.kv_beta_n)
_ka_steady_a, _ka_steady_b = inlined(channels.ka_steady_a), inlined(channels.ka_steady_b)
_ka_rate_a, _ka_rate_b = inlined(channels.ka_rate_a), inlined(channels.ka_rate_b)
_calva_steady_m = inlined(channels.calva_steady_m)
_calva_steady_h = inlined(channels.calva_steady_h)
_calva_tau_m, _calva_tau_h = inlined(channels.calva_tau_m), inlined(channels.calva_tau_h)


class Membrane(NamedTuple):
    """Functions of compiled code for a set of channels.

    Attributes
    ----------
    start : function
        Set gates from the potential.
    add : function
        Add conductances and currents to those of the soma.
    advance : function
        Advance gates with the new potential.
    """

    start: Callable[..., Any]
    add: Callable[..., Any]
    advance: Callable[..., Any]


@cache
def membrane_of(own: tuple[Channel, ...]) -> Membrane:
    """Return the functions for the channels of the package and those of the user."""
    start_own, add_own, advance_own = (make(own) for make in (_start, _add, _advance))

    @inlined
    def start(gates, at, v):
        alpha, beta = _na_alpha_m(v), _na_beta_m(v)
        put_lanes(gates, at, alpha / (alpha + beta))
        alpha, beta = _na_alpha_h(v), _na_beta_h(v)
        put_lanes(gates, at + LANES, alpha / (alpha + beta))
        alpha, beta = _kv_alpha_n(v), _kv_beta_n(v)
        put_lanes(gates, at + 2 * LANES, alpha / (alpha + beta))
        put_lanes(gates, at + 3 * LANES, _ka_steady_a(v))
        put_lanes(gates, at + 4 * LANES, _ka_steady_b(v))
        put_lanes(gates, at + 5 * LANES, _calva_steady_m(v))
        put_lanes(gates, at + 6 * LANES, _calva_steady_h(v))
        start_own(gates, at, v)

    @inlined
    def add(gates, at, v, kind, constants, d, r):
        m = lanes_at(gates, at, LANES)
        h = lanes_at(gates, at + LANES, LANES)
        g_na = constants.na_uS * (m * m * m * h)
        n = lanes_at(gates, at + 2 * LANES, LANES)
        n = n * n
        a = lanes_at(gates, at + 3 * LANES, LANES)
        b = lanes_at(gates, at + 4 * LANES, LANES)
        g_k = constants.kv_uS * (n * n) + constants.ka_uS * (a * a * a * b)
        m = lanes_at(gates, at + 5 * LANES, LANES)
        h = lanes_at(gates, at + 6 * LANES, LANES)
        g_ca = constants.calva_uS * (m * m * h)
        d = d + g_na + g_k + g_ca
        r = fma(g_na, constants.na_mV - v, r)
        r = fma(g_k, constants.k_mV - v, r)
        r = fma(g_ca, constants.calva_mV - v, r)
        return add_own(gates, at, v, kind, constants, d, r)

    @inlined
    def advance(gates, at, v, constants):
        _advance_package(gates, at, v, constants)
        advance_own(gates, at, v, constants)

    return Membrane(start, add, advance)


@inlined
def _implicit(x, step, alpha, beta):
    """Return a gate after a step of backward Euler."""
    return (x + step * alpha) / (1.0 + step * (alpha + beta))


@inlined
def _advance_package(gates, at, v, constants):
    """Advance the gates of the package, which begin at index `at`, with the new potential."""
    k = constants.na_step
    m = lanes_at(gates, at, LANES)
    put_lanes(gates, at, _implicit(m, k, _na_alpha_m(v), _na_beta_m(v)))
    h = lanes_at(gates, at + LANES, LANES)
    put_lanes(gates, at + LANES, _implicit(h, k, _na_alpha_h(v), _na_beta_h(v)))
    n = lanes_at(gates, at + 2 * LANES, LANES)
    n = _implicit(n, constants.kv_step, _kv_alpha_n(v), _kv_beta_n(v))
    put_lanes(gates, at + 2 * LANES, n)
    a = lanes_at(gates, at + 3 * LANES, LANES)
    r = constants.ka_step * _ka_rate_a(v)
    put_lanes(gates, at + 3 * LANES, (a + r * _ka_steady_a(v)) / (1.0 + r))
    b = lanes_at(gates, at + 4 * LANES, LANES)
    r = constants.ka_step * _ka_rate_b(v)
    put_lanes(gates, at + 4 * LANES, (b + r * _ka_steady_b(v)) / (1.0 + r))
    m, steady = lanes_at(gates, at + 5 * LANES, LANES), _calva_steady_m(v)
    kept = exp((0.0 - constants.calva_m_step) / _calva_tau_m(v))
    put_lanes(gates, at + 5 * LANES, fma(m - steady, kept, steady))
    h, steady = lanes_at(gates, at + 6 * LANES, LANES), _calva_steady_h(v)
    kept = exp((0.0 - constants.calva_h_step) / _calva_tau_h(v))
    put_lanes(gates, at + 6 * LANES, fma(h - steady, kept, steady))


def _start(own: tuple[Channel, ...]) -> Callable[..., Any]:
    """Return a function that sets the gates of channels of the user."""

    @inlined
    def start(gates, at, v):
        return

    for row, (_, _, kinetics) in reversed(_gates_of(own)):
        start = _started(row, kernel_of(kinetics.start or kinetics.steady), start)
    return start


def _started(row: int, initial: Any, rest: Any) -> Callable[..., Any]:
    @inlined
    def start(gates, at, v):
        put_lanes(gates, at + row * LANES, initial(v))
        rest(gates, at, v)

    return start


def _advance(own: tuple[Channel, ...]) -> Callable[..., Any]:
    """Return a function that advances the gates of channels of the user."""

    @inlined
    def advance(gates, at, v, constants):
        return

    for row, (k, _, kinetics) in reversed(_gates_of(own)):
        advance = _advanced(row, k, kinetics, advance)
    return advance


def _advanced(row: int, k: int, kinetics: OwnRelaxation, rest: Any) -> Callable[..., Any]:
    steady, rate = kernel_of(kinetics.steady), kinetics.rate
    is_constant = not callable(rate)
    number: Any = rate if is_constant else 0.0
    rate_at: Any = kernel_of(rate) if callable(rate) else None

    @inlined
    def advance(gates, at, v, constants):
        place = at + row * LANES
        x = lanes_at(gates, place, LANES)
        if is_constant:
            covered = one_minus_exp(like(v, constants.own_step[k] * number))
        else:
            covered = one_minus_exp(constants.own_step[k] * rate_at(v))
        put_lanes(gates, place, fma(steady(v) - x, covered, x))
        rest(gates, at, v, constants)

    return advance


def _add(own: tuple[Channel, ...]) -> Callable[..., Any]:
    """Return a function that adds the conductances and currents of channels of the user."""

    @inlined
    def add(gates, at, v, kind, constants, d, r):
        return d, r

    for k in reversed(range(len(own))):
        powers = [(row, power) for row, (of, power, _) in _gates_of(own) if of == k]
        add = _added(k, _open_part(powers), own[k].carrier, add)
    return add


def _added(k: int, open_part: Any, carrier: str, rest: Any) -> Callable[..., Any]:
    is_na, is_k = carrier == "na", carrier == "k"

    @inlined
    def add(gates, at, v, kind, constants, d, r):
        g = constants.own_uS[k, kind] * open_part(gates, at)
        if is_na:
            r = fma(g, constants.na_mV - v, r)
        elif is_k:
            r = fma(g, constants.k_mV - v, r)
        else:
            r = fma(g, constants.hcn_mV - v, r)
        return rest(gates, at, v, kind, constants, d + g, r)

    return add


def _open_part(powers: list[tuple[int, int]]) -> Callable[..., Any]:
    """Return a function of the product of gates, given row and power of each."""
    row, power = powers[0]

    @inlined
    def one(gates, at):
        x = lanes_at(gates, at + row * LANES, LANES)
        raised = x
        for _ in range(power - 1):
            raised = raised * x
        return raised

    if len(powers) == 1:
        return one
    rest = _open_part(powers[1:])

    @inlined
    def product(gates, at):
        return one(gates, at) * rest(gates, at)

    return product


def _gates_of(own: tuple[Channel, ...]) -> list[tuple[int, tuple[int, int, Any]]]:
    """Return row, channel, power and kinetics of each gate of channels of the user."""
    each = (
        (k, gate.power, gate.kinetics) for k, channel in enumerate(own) for gate in channel.gates
    )
    return list(enumerate(each, start=N_PACKAGE_GATES))
