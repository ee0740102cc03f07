"""Time steps of the whole network in compiled code.

Scheme of park2026, as in NEURON: events of a step are added to the synapses, currents are those of
the potentials at its beginning, the tree is solved implicitly for the change of the potentials,
and gates advance with the new potentials. To solve for the change, not for the new potentials,
keeps rounding errors small against the leak; otherwise single spikes would shift.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import lanes_at, numbers_of, put_lanes
from cerebella.compiled.simd import any_of, bits_of, chosen, fma, lowest_bit, reached, spread
from cerebella.compiled.synaptic_events import FLOOR_US
from cerebella.molecular_layer.channels import Channel
from cerebella.molecular_layer.own_engine.arrays import n_gates_of
from cerebella.molecular_layer.own_engine.layout import LANES, SOMA, SOMA_1
from cerebella.molecular_layer.own_engine.membrane import membrane_of


@inlined
def _detect_spikes(step, trees, threshold_mV, connections, state, spikes):
    """Write the spikes of cells that have risen above the threshold."""
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
                    place, n_spikes = state.counts[0], state.counts[1]
                    spikes[0, n_spikes], spikes[1, n_spikes] = step, gid
                    state.counts[1] = n_spikes + 1
                    state.travelling[0, place], state.travelling[1, place] = gid, step
                    state.travelling[2, place] = connections.first[gid]
                    state.counts[0] = place + 1


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
def _measure_gap_junctions(trees, constants, state):
    """Compute the currents through gap junctions before any potential changes."""
    for side in range(trees.gap_own.size):
        difference = state.v_mV[trees.gap_partner[side]] - state.v_mV[trees.gap_own[side]]
        state.gap_nA[side] = constants.gap_uS * difference


@inlined
def _add_currents(group, row, trees, electrodes, state):
    """Add the currents into a group through gap junctions and electrodes, and voltage clamps."""
    begin = trees.first_node[group]
    for side in range(trees.first_gap[group], trees.first_gap[group + 1]):
        state.current_nA[trees.gap_own[side] - begin] += state.gap_nA[side]
    for k in range(electrodes.first[group], electrodes.first[group + 1]):
        state.current_nA[electrodes.lane[k] - begin] += electrodes.current_nA[row, k]
    for k in range(electrodes.first_clamped[group], electrodes.first_clamped[group + 1]):
        lane, g = electrodes.clamped[k], electrodes.conductance_uS[row, k]
        trees.constant_uS[lane] = electrodes.constant_uS[k] + g
        difference = electrodes.command_mV[row, k] - state.v_mV[lane]
        state.current_nA[lane - begin] += g * difference


def _solver(own: tuple[Channel, ...]) -> Callable[..., Any]:
    """Return a function that advances the potentials of a group, and the states of its synapses.

    Of its arguments, `current` are the currents through gap junctions and electrodes; these,
    `diagonal` and `right`, (n, LANES), are zero afterwards; `factor` is scratch memory.
    """
    n_gates, membrane = n_gates_of(own), membrane_of(own)
    membrane_add, membrane_advance = membrane.add, membrane.advance

    @inlined
    def solve(group, trees, constants, state, current, diagonal, right, factor):
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
            r = lanes_at(current, row, LANES) + lanes_at(right, row, LANES)
            r = fma(constants.leak_mV - v, spread(leaks[node], LANES), r)
            put_lanes(diagonal, row, zero)
            put_lanes(right, row, zero)
            put_lanes(current, row, zero)
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


def start_kernel(own: tuple[Channel, ...], arguments_at: Any) -> Callable[[int], None]:
    """Return a procedure that sets all gates from the potentials of the somata.

    Its arguments are `Trees` and `NetworkState`.
    """
    n_gates, start = n_gates_of(own), membrane_of(own).start

    def start_gates(address):
        trees, state = arguments_at(address)
        gates = numbers_of(state.gates)
        for group in range(trees.kind.size):
            v = lanes_at(state.v_mV, trees.first_node[group] + LANES * SOMA, LANES)
            start(gates, group * n_gates * LANES, v)

    return start_gates


def advance_kernel(own: tuple[Channel, ...], arguments_at: Any) -> Callable[[int], None]:
    """Return a procedure that advances the network.

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

    def advance(address):
        (
            first, stop, trees, constants, events, electrodes, connections, state, spikes,
            recorded, samples, recorded_gates, gate_samples,
        ) = arguments_at(address)  # fmt: skip
        gates, at, threshold_mV = numbers_of(state.gates), 0, constants.threshold_mV
        memory = state.current_nA, state.diagonal, state.right, state.factor
        state.counts[1] = 0
        for step in range(first, stop):
            # Potentials at the end of the run are not looked at: there is no spike at that time.
            _detect_spikes(step, trees, threshold_mV, connections, state, spikes)
            at = _deliver(step, at, events, connections, state)
            _measure_gap_junctions(trees, constants, state)
            for group in range(trees.kind.size):
                _add_currents(group, step - first, trees, electrodes, state)
                solve(group, trees, constants, state, *memory)
            for column in range(recorded.size):
                samples[step - first, column] = state.v_mV[recorded[column]]
            for column in range(recorded_gates.size):
                gate_samples[step - first, column] = gates[recorded_gates[column]]

    return advance
