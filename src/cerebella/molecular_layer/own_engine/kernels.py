"""Time steps of the whole network in compiled code.

Scheme of park2026, as in NEURON: events of a step are added to the synapses, currents are those of
the potentials at its beginning, the tree is solved implicitly for the change of the potentials,
and gates advance with the new potentials. To solve for the change, not for the new potentials,
keeps rounding errors small against the leak; otherwise single spikes would shift.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import lanes_at, numbers_of, put_lanes
from cerebella.compiled.simd import any_of, bits_of, chosen, fma, lowest_bit, reached, spread
from cerebella.compiled.synaptic_events import FLOOR_US
from cerebella.molecular_layer.channels import Channel
from cerebella.molecular_layer.own_engine.jit import jit
from cerebella.molecular_layer.own_engine.layout import LANES, SOMA, SOMA_1
from cerebella.molecular_layer.own_engine.membrane import membrane_of, n_gates_of


class Constants(NamedTuple):
    """Numbers of the model.

    Attributes
    ----------
    leak_mV, na_mV, k_mV, calva_mV : float
        Reversal potentials.
    na_uS, kv_uS, ka_uS, calva_uS : float
        Maximum conductances of the soma.
    na_step, kv_step, ka_step, calva_m_step, calva_h_step : float
        Time step times temperature factor in ms.
    hcn_mV : float
        Reversal potential of hyperpolarization-activated channels of the user.
    own_uS : ndarray of float64, shape (n_own, 2)
        Maximum conductances of channels of the user, by type of cell.
    own_step : ndarray of float64, shape (n_own,)
        Time step times their temperature factor in ms.
    gap_uS : float
        Conductance of a gap junction.
    threshold_mV : float
        Threshold of spikes.
    reversal_mV, decay_A, decay_B : ndarray of float64, shape (3,)
        Reversal potential and decay of both states in a step, by kind of synapse.
    """

    leak_mV: float
    na_mV: float
    k_mV: float
    calva_mV: float
    na_uS: float
    kv_uS: float
    ka_uS: float
    calva_uS: float
    na_step: float
    kv_step: float
    ka_step: float
    calva_m_step: float
    calva_h_step: float
    hcn_mV: float
    own_uS: npt.NDArray[np.float64]
    own_step: npt.NDArray[np.float64]
    gap_uS: float
    threshold_mV: float
    reversal_mV: npt.NDArray[np.float64]
    decay_A: npt.NDArray[np.float64]
    decay_B: npt.NDArray[np.float64]


class Connections(NamedTuple):
    """Connections between MLIs, sorted by source and delay.

    Attributes
    ----------
    first : ndarray of int64, shape (n_mli + 1,)
        Connections first[gid] to first[gid + 1] belong to a source.
    delay : ndarray of int64, shape (m,)
        Steps from a spike to the event.
    synapse, amount_uS
        As in `Events`, shape (m,).
    """

    first: npt.NDArray[np.int64]
    delay: npt.NDArray[np.int64]
    synapse: npt.NDArray[np.int64]
    amount_uS: npt.NDArray[np.float64]


class Electrodes(NamedTuple):
    """Currents and voltage clamps of stimuli.

    Attributes
    ----------
    lane : ndarray of int64, shape (n,)
        Lanes of the nodes that receive a current.
    current_nA : ndarray of float64, shape (n_steps, n)
        Current in each step.
    clamped : ndarray of int64, shape (m,)
        Lanes of the nodes with a voltage clamp.
    constant_uS : ndarray of float64, shape (m,)
        Constant part of their diagonal without clamp.
    conductance_uS, command_mV : ndarray of float64, shape (n_steps, m)
        Conductance of each clamp, 0 without it, and commanded potential, in each step.
    """

    lane: npt.NDArray[np.int64]
    current_nA: npt.NDArray[np.float64]
    clamped: npt.NDArray[np.int64]
    constant_uS: npt.NDArray[np.float64]
    conductance_uS: npt.NDArray[np.float64]
    command_mV: npt.NDArray[np.float64]


class NetworkState(NamedTuple):
    """Everything that changes.

    Attributes
    ----------
    v_mV, current_nA : ndarray of float64, shape (N,)
        Potential of each lane of each node, and the current through gap junctions and electrodes.
    gates : ndarray of float64, shape (n_groups, n_gates, LANES)
        Gates of the somata.
    synapses : ndarray of float64, shape (S,)
        States A and B of each site, in µS.
    above : ndarray of int64, shape (n_groups, LANES)
        -1 where the soma was above threshold at the beginning of the last step, 0 elsewhere.
    travelling : ndarray of int64, shape (3, capacity)
        Source, step and next connection of spikes that have not reached all their targets.
    counts : ndarray of int64, shape (1,)
        Number of travelling spikes.
    """

    v_mV: npt.NDArray[np.float64]
    current_nA: npt.NDArray[np.float64]
    gates: npt.NDArray[np.float64]
    synapses: npt.NDArray[np.float64]
    above: npt.NDArray[np.int64]
    travelling: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


@inlined
def _detect_spikes(step, trees, threshold_mV, connections, state, spikes, n_spikes):
    """Write the spikes of cells that have risen above the threshold; return their new number."""
    for group in range(trees.kind.size):
        v = lanes_at(state.v_mV, trees.first_node[group] + LANES * SOMA_1, LANES)
        not_above = reached(spread(threshold_mV, LANES), v)
        nothing = not_above - not_above
        above = chosen(not_above, nothing, nothing - 1)
        new = chosen(lanes_at(state.above, LANES * group, LANES), nothing, above)
        put_lanes(state.above, LANES * group, above)
        if any_of(new):
            bits = bits_of(new)
            while bits:
                gid = trees.gid[group, lowest_bit(bits)]
                bits &= bits - np.uint64(1)
                if gid >= 0:
                    spikes[0, n_spikes], spikes[1, n_spikes] = step, gid
                    n_spikes += 1
                    place = state.counts[0]
                    state.travelling[0, place], state.travelling[1, place] = gid, step
                    state.travelling[2, place] = connections.first[gid]
                    state.counts[0] = place + 1
    return n_spikes


@inlined
def _deliver(step, at, events, connections, state):
    """Add the events of this step to the synapses; return the index of the next event."""
    while at < events.step.size and events.step[at] <= step:
        synapse, amount = events.synapse[at], events.amount_uS[at]
        state.synapses[synapse] += amount
        state.synapses[synapse + LANES] += amount
        at += 1
    kept = 0
    for spike in range(state.counts[0]):
        source, fired = state.travelling[0, spike], state.travelling[1, spike]
        index, last = state.travelling[2, spike], connections.first[source + 1]
        while index < last and fired + connections.delay[index] <= step:
            synapse, amount = connections.synapse[index], connections.amount_uS[index]
            state.synapses[synapse] += amount
            state.synapses[synapse + LANES] += amount
            index += 1
        if index < last:
            state.travelling[0, kept], state.travelling[1, kept] = source, fired
            state.travelling[2, kept] = index
            kept += 1
    state.counts[0] = kept
    return at


@inlined
def _apply_electrodes(row, electrodes, constant_uS, state):
    """Add the currents of electrodes in one step, and the conductances of voltage clamps."""
    for k in range(electrodes.lane.size):
        state.current_nA[electrodes.lane[k]] += electrodes.current_nA[row, k]
    for k in range(electrodes.clamped.size):
        lane, g = electrodes.clamped[k], electrodes.conductance_uS[row, k]
        constant_uS[lane] = electrodes.constant_uS[k] + g
        state.current_nA[lane] += g * (electrodes.command_mV[row, k] - state.v_mV[lane])


def _solver(own: tuple[Channel, ...]) -> Callable[..., Any]:
    """Return a function that advances the potentials of a group, and the states of its synapses.

    Of its arguments, `diagonal` and `right`, (n, LANES), are zero before and after; `factor` is
    scratch memory.
    """
    n_gates, membrane = n_gates_of(own), membrane_of(own)
    membrane_add, membrane_advance = membrane.add, membrane.advance

    @inlined
    def solve(group, trees, constants, state, diagonal, right, factor):
        kind, first_node = trees.kind[group], trees.first_node[group]
        first_site, gates_at = trees.first_site[group], group * n_gates * LANES
        gates, zero = numbers_of(state.gates), spread(0.0, LANES)
        parents, axial = trees.parent[kind], trees.axial_uS[kind]
        leaks, sites = trees.leak_uS[kind], trees.site[kind]
        n_nodes = trees.n_nodes[kind]
        for node in range(n_nodes - 1, -1, -1):
            row, at = LANES * node, first_node + LANES * node
            v = lanes_at(state.v_mV, at, LANES)
            d = lanes_at(trees.constant_uS, at, LANES) + lanes_at(diagonal, row, LANES)
            r = lanes_at(state.current_nA, at, LANES) + lanes_at(right, row, LANES)
            r = fma(constants.leak_mV - v, spread(leaks[node], LANES), r)
            put_lanes(diagonal, row, zero)
            put_lanes(right, row, zero)
            put_lanes(state.current_nA, at, zero)
            for synapse in range(3):
                site = sites[node, synapse]
                if site >= 0:
                    place = first_site + 2 * LANES * site
                    a = lanes_at(state.synapses, place, LANES)
                    b = lanes_at(state.synapses, place + LANES, LANES)
                    g = b - a
                    d = d + g
                    r = fma(g, constants.reversal_mV[synapse] - v, r)
                    floor = spread(FLOOR_US, LANES)
                    a = fma(a, spread(constants.decay_A[synapse], LANES), floor)
                    b = fma(b, spread(constants.decay_B[synapse], LANES), floor)
                    put_lanes(state.synapses, place, a)
                    put_lanes(state.synapses, place + LANES, b)
            if node == SOMA:
                r = r + lanes_at(trees.bias_nA, LANES * group, LANES)
                d, r = membrane_add(gates, gates_at, v, kind, constants, d, r)
                change = r / d
                put_lanes(factor, row, change)
                put_lanes(state.v_mV, at, v + change)
                membrane_advance(gates, gates_at, v + change, constants)
            else:
                up = LANES * parents[node]
                g = spread(axial[node], LANES)
                along = g * (lanes_at(state.v_mV, first_node + up, LANES) - v)
                inverse = 1.0 / d
                f, y = g * inverse, (r + along) * inverse
                put_lanes(diagonal, up, lanes_at(diagonal, up, LANES) - g * f)
                put_lanes(right, up, lanes_at(right, up, LANES) + fma(g, y, zero - along))
                put_lanes(factor, 2 * row + LANES, f)
                put_lanes(factor, 2 * row, y)
        for node in range(1, n_nodes):
            row, at = LANES * node, first_node + LANES * node
            up = 2 * LANES * parents[node]
            change = fma(
                lanes_at(factor, 2 * row + LANES, LANES),
                lanes_at(factor, up, LANES),
                lanes_at(factor, 2 * row, LANES),
            )
            put_lanes(factor, 2 * row, change)
            put_lanes(state.v_mV, at, lanes_at(state.v_mV, at, LANES) + change)

    return solve


@cache
def start_kernel(own: tuple[Channel, ...] = ()) -> Callable[..., Any]:
    """Return a compiled function that sets all gates from the potentials of the somata."""
    n_gates, start = n_gates_of(own), membrane_of(own).start

    def start_gates(trees, state):
        gates = numbers_of(state.gates)
        for group in range(trees.kind.size):
            v = lanes_at(state.v_mV, trees.first_node[group] + LANES * SOMA, LANES)
            start(gates, group * n_gates * LANES, v)

    return jit(start_gates, _text_of(own))


def _text_of(own: tuple[Channel, ...]) -> str:
    return "\n".join(channel.formulas for channel in own)


@cache
def advance_kernel(own: tuple[Channel, ...] = ()) -> Callable[..., Any]:
    """Return a compiled function that advances the network and returns the number of spikes.

    Parameters
    ----------
    own : tuple of Channel
        Channels of the user.

    Returns
    -------
    function
        Of first and last step, `Trees`, `Constants`, `Events`, `Electrodes` (voltage clamps change
        ``trees.constant_uS``), `Connections` and `NetworkState`; then of arrays: ``spikes``, shape
        (2, capacity), which receives step and cell of each spike; ``recorded``, lanes of nodes,
        and ``samples``, shape (stop - first, n_recorded), which receives their potentials after
        each step; ``recorded_gates``, places in ``state.gates``, and ``gate_samples``.
    """
    solve = _solver(own)

    def advance(
        first,
        stop,
        trees,
        constants,
        events,
        electrodes,
        connections,
        state,
        spikes,
        recorded,
        samples,
        recorded_gates,
        gate_samples,
    ):
        gates = numbers_of(state.gates)
        width = LANES * trees.parent.shape[1]
        diagonal, right = np.zeros(width), np.zeros(width)
        factor = np.zeros(2 * width)
        at, n_spikes, threshold_mV = 0, 0, constants.threshold_mV
        for step in range(first, stop):
            # Potentials at the end of the run are not looked at: there is no spike at that time.
            n_spikes = _detect_spikes(
                step, trees, threshold_mV, connections, state, spikes, n_spikes
            )
            at = _deliver(step, at, events, connections, state)
            for side in range(trees.gap_own.size):
                own = trees.gap_own[side]
                difference = state.v_mV[trees.gap_partner[side]] - state.v_mV[own]
                state.current_nA[own] += constants.gap_uS * difference
            _apply_electrodes(step - first, electrodes, trees.constant_uS, state)
            for group in range(trees.kind.size):
                solve(group, trees, constants, state, diagonal, right, factor)
            for column in range(recorded.size):
                samples[step - first, column] = state.v_mV[recorded[column]]
            for column in range(recorded_gates.size):
                gate_samples[step - first, column] = gates[recorded_gates[column]]
        return n_spikes

    return jit(advance, _text_of(own))
