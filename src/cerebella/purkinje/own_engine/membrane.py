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
from cerebella.purkinje.channels import Channel, Gate
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG
from cerebella.purkinje.own_engine.ladders import ladder_kernel
from cerebella.purkinje.own_engine.rows import Rows
from cerebella.purkinje.own_engine.sk2 import advance_sk2
from cerebella.purkinje.own_engine.states import advance_state

CARRIERS = ("na", "k", "h", "ca", "t")
"""Ions, in the order of the sums of conductances."""

_RAISED = {
    1: inlined(lambda x: x),
    2: inlined(lambda x: x * x),
    3: inlined(lambda x: x * x * x),
    4: inlined(lambda x: (x * x) * (x * x)),
}


def _relaxation(channel: Channel, gate: Gate, rows: Rows) -> Callable[..., Any]:
    """Return a function that relaxes a gate and returns its new value, raised to its power."""
    steady, raised = kernel_of(gate.steady), _RAISED[gate.power]
    row, by_calcium, is_constant = (
        rows.gates.index((channel, gate)),
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


def _product(channel: Channel, gates: tuple[Gate, ...], rows: Rows) -> Callable[..., Any]:
    """Return a function that advances gates and returns their product."""
    if not gates:
        return _one
    relax = _relaxation(channel, gates[0], rows)
    if len(gates) == 1:
        return relax
    rest = _product(channel, gates[1:], rows)

    @inlined
    def product(states, at, low, v, calcium, step, covered):
        own = relax(states, at, low, v, calcium, step, covered)
        return own * rest(states, at, low, v, calcium, step, covered)

    return product


def _sum_of_variants(channel: Channel, column: int, rows: Rows) -> Callable[..., Any]:
    """Return a function that advances the gates of two variants and adds up their densities."""
    first, second = (_relaxation(channel, gate, rows) for gate in channel.variants)

    @inlined
    def total(states, at, low, v, calcium, density, step, covered):
        g = density[column] * first(states, at, low, v, calcium, step, covered)
        return g + density[column + 1] * second(states, at, low, v, calcium, step, covered)

    return total


def _sums_of_channels(rows: Rows, k: int = 0) -> Callable[..., Any]:
    """Return a function that advances channels from the k-th on and adds up conductances."""

    @inlined
    def nothing(states, at, low, v, calcium, density, step, covered, na, potassium, h, ca, t):
        return na, potassium, h, ca, t

    if k == len(rows.channels):
        return nothing
    channel = rows.channels[k]
    first = rows.densities.index(channel.densities[0])
    last = first + len(channel.densities) - 1
    gates = _product(channel, channel.gates, rows)
    has_variants = bool(channel.variants)
    variants: Any = _sum_of_variants(channel, first, rows) if has_variants else None
    rest = _sums_of_channels(rows, k + 1)
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


_ghk_flux, _ghk_slope = kernel_of(of_channels.ghk_flux), kernel_of(of_channels.ghk_slope)


@inlined
def _ghk_ratio(xi, covered):
    """Return xi / (1 - e^-xi)."""
    small = reached(like(xi, 1e-3), absolute(xi))
    return chosen(small, fma(xi, fma(xi, 1 / 12, like(xi, 0.5)), 1.0), xi / covered)


@inlined
def _p_type(permeability, v, calcium, per_mV):
    """Return the P-type current and its slope over the potential."""
    xi = per_mV * v
    covered = one_minus_exp(xi)
    ratio = _ghk_ratio(xi, covered)
    near = reached(like(xi, 0.02), absolute(xi))
    of_ratio = chosen(
        near, fma(xi, 1 / 6, like(xi, 0.5)), fma(-ratio, 1.0 - covered, like(xi, 1.0)) / covered
    )
    slope = (1000 * per_mV) * permeability * _ghk_slope(ratio, of_ratio, covered, calcium)
    return 1000 * permeability * _ghk_flux(ratio, covered, calcium), slope


@inlined
def _t_type(permeability, v, calcium, per_mV):
    """Return the T-type current."""
    xi = per_mV * (v + of_channels.JUNCTION_MV)
    covered = one_minus_exp(xi)
    return 1000 * permeability * _ghk_flux(_ghk_ratio(xi, covered), covered, calcium)


def membrane_kernel(rows: Rows) -> Callable[..., Any]:
    """Return a function that advances all channels of a block.

    It returns the conductances of sodium, potassium and h channels in S/cm², the P-type current in
    mA/cm² and its slope over the potential in S/cm², and the T-type current.
    """
    n_states, of_sk2 = rows.n_states, rows.sk2
    narsg, mslo, sk2 = range(len(rows.gated), len(rows.gated) + 3)
    advance_channels = _sums_of_channels(rows)
    advance_narsg, advance_mslo = ladder_kernel(NARSG, rows.narsg), ladder_kernel(MSLO, rows.mslo)

    @inlined
    def advance(states, at, v, calcium, density, step, covered, shifts, per_mV):
        low = n_states * block_size(states)
        zero = v * 0.0
        na, k, h, ca, t = advance_channels(
            states, at, low, v, calcium, density, step, covered, zero, zero, zero, zero, zero
        )
        if density[narsg] > 0:
            is_open = advance_narsg(states, at, low, v, calcium, shifts, step[narsg])
            na = na + density[narsg] * is_open
        if density[mslo] > 0:
            is_open = advance_mslo(states, at, low, v, calcium, shifts, step[mslo])
            k = k + density[mslo] * is_open
        if density[sk2] > 0:
            first = at + of_sk2 * block_size(states)
            k = k + density[sk2] * advance_sk2(states, first, low, calcium, step[sk2])
        current_p, slope = _p_type(ca, v, calcium, per_mV)
        return na, k, h, current_p, slope, _t_type(t, v, calcium, per_mV)

    return advance
