"""Channels of a block of compartments at once: steps of their states, open probabilities.

Kernels are composed from the tables of `channels` and `kinetic_schemes`, so that an equation
stands in one place. All states are solved for their changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.functions import one_minus_exp
from cerebella.compiled.jit import inlined, kernel_of
from cerebella.compiled.lane_access import block_at, block_size
from cerebella.compiled.simd import absolute, chosen, fma, like, reached
from cerebella.purkinje import channels as of_channels
from cerebella.purkinje.channels import CHANNELS, Channel, Gate
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG
from cerebella.purkinje.own_engine.rows import (
    DENSITIES,
    GATED,
    GATES,
    MSLO_ROW,
    N_STATES,
    NARSG_ROW,
)
from cerebella.purkinje.own_engine.schemes import advance_sk2, ladder_kernel
from cerebella.purkinje.own_engine.states import advance_state

CARRIERS = ("na", "k", "h", "ca", "t")
"""Ions, in the order of the sums of conductances."""

_OF_NARSG, _OF_MSLO, _OF_SK2 = range(len(GATED), len(GATED) + 3)

_RAISED = {
    1: inlined(lambda x: x),
    3: inlined(lambda x: x * x * x),
    4: inlined(lambda x: (x * x) * (x * x)),
}


def _relaxation(channel: Channel, gate: Gate) -> Callable[..., Any]:
    """Return a function that relaxes a gate and returns its new value, raised to its power."""
    steady, raised = kernel_of(gate.steady), _RAISED[gate.power]
    row, by_calcium, is_constant = (
        GATES.index((channel, gate)),
        channel.by_calcium,
        not callable(gate.rate),
    )
    rate: Any = kernel_of(gate.rate) if callable(gate.rate) else None

    @inlined
    def relax(states, at, low, v, calcium, step, covered):
        at = at + row * block_size(states)
        if by_calcium:
            distance = steady(v, calcium) - block_at(states, at)
        else:
            distance = steady(v) - block_at(states, at)
        if is_constant:
            change = distance * covered[row]
        elif by_calcium:
            change = distance * one_minus_exp(step * rate(v, calcium))
        else:
            change = distance * one_minus_exp(step * rate(v))
        advance_state(states, at, low, change)
        return raised(block_at(states, at))

    return relax


@inlined
def _one(states, at, low, v, calcium, step, covered):
    return like(v, 1.0)


def _product(channel: Channel, gates: tuple[Gate, ...]) -> Callable[..., Any]:
    """Return a function that advances gates and returns their product."""
    if not gates:
        return _one
    relax = _relaxation(channel, gates[0])
    if len(gates) == 1:
        return relax
    rest = _product(channel, gates[1:])

    @inlined
    def product(states, at, low, v, calcium, step, covered):
        own = relax(states, at, low, v, calcium, step, covered)
        return own * rest(states, at, low, v, calcium, step, covered)

    return product


def _sum_of_variants(channel: Channel, column: int) -> Callable[..., Any]:
    """Return a function that advances the gates of two variants and adds up their densities."""
    first, second = (_relaxation(channel, gate) for gate in channel.variants)

    @inlined
    def total(states, at, low, v, calcium, density, step, covered):
        g = density[column] * first(states, at, low, v, calcium, step, covered)
        return g + density[column + 1] * second(states, at, low, v, calcium, step, covered)

    return total


def _sums_of_channels(k: int = 0) -> Callable[..., Any]:
    """Return a function that advances channels from the k-th on and adds up conductances."""

    @inlined
    def nothing(states, at, low, v, calcium, density, step, covered, na, potassium, h, ca, t):
        return na, potassium, h, ca, t

    if k == len(CHANNELS):
        return nothing
    channel = CHANNELS[k]
    first = DENSITIES.index(channel.densities[0])
    last = first + len(channel.densities) - 1
    gates = _product(channel, channel.gates)
    has_variants = bool(channel.variants)
    variants: Any = _sum_of_variants(channel, first) if has_variants else None
    rest = _sums_of_channels(k + 1)
    carrier = CARRIERS.index(channel.carrier)

    @inlined
    def sums(states, at, low, v, calcium, density, step, covered, na, potassium, h, ca, t):
        if density[first] + density[last] > 0:
            g = gates(states, at, low, v, calcium, step[first], covered)
            if has_variants:
                g = g * variants(states, at, low, v, calcium, density, step[first], covered)
            else:
                g = g * density[first]
            if carrier == 0:
                na = na + g
            elif carrier == 1:
                potassium = potassium + g
            elif carrier == 2:
                h = h + g
            elif carrier == 3:
                ca = ca + g
            else:
                t = t + g
        return rest(states, at, low, v, calcium, density, step, covered, na, potassium, h, ca, t)

    return sums


_advance_channels = _sums_of_channels()
_advance_narsg, _advance_mslo = ladder_kernel(NARSG, NARSG_ROW), ladder_kernel(MSLO, MSLO_ROW)
_ghk_flux, _ghk_slope = kernel_of(of_channels.ghk_flux), kernel_of(of_channels.ghk_slope)


@inlined
def _ghk_ratio(xi, covered):
    """Return xi / (1 - e^-xi)."""
    small = reached(like(xi, 1e-3), absolute(xi))
    return chosen(small, fma(xi, fma(xi, 1 / 12, like(xi, 0.5)), 1.0), xi / covered)


@inlined
def advance_membrane(states, at, v, calcium, density, step, covered, shifts, per_mV):
    """Advance all channels of a block; return conductances and calcium currents.

    Returns
    -------
    na, k, h : lanes
        Conductances in S/cm².
    ca, slope, t : lanes
        P-type current in mA/cm² and its slope over the potential in S/cm²; T-type current.
    """
    low = N_STATES * block_size(states)
    zero = v * 0.0
    na, k, h, ca, t = _advance_channels(
        states, at, low, v, calcium, density, step, covered, zero, zero, zero, zero, zero
    )
    if density[_OF_NARSG] > 0:
        is_open = _advance_narsg(states, at, low, v, calcium, shifts, step[_OF_NARSG])
        na = na + density[_OF_NARSG] * is_open
    if density[_OF_MSLO] > 0:
        is_open = _advance_mslo(states, at, low, v, calcium, shifts, step[_OF_MSLO])
        k = k + density[_OF_MSLO] * is_open
    if density[_OF_SK2] > 0:
        k = k + density[_OF_SK2] * advance_sk2(states, at, low, calcium, step[_OF_SK2])
    xi = per_mV * v
    covered = one_minus_exp(xi)
    ratio = _ghk_ratio(xi, covered)
    near = reached(like(xi, 0.02), absolute(xi))
    of_ratio = chosen(
        near, fma(xi, 1 / 6, like(xi, 0.5)), fma(-ratio, 1.0 - covered, like(xi, 1.0)) / covered
    )
    slope = (1000 * per_mV) * ca * _ghk_slope(ratio, of_ratio, covered, calcium)
    ca = 1000 * ca * _ghk_flux(ratio, covered, calcium)
    xi = per_mV * (v + of_channels.JUNCTION_MV)
    covered = one_minus_exp(xi)
    current_t = 1000 * t * _ghk_flux(_ghk_ratio(xi, covered), covered, calcium)
    return na, k, h, ca, slope, current_t
