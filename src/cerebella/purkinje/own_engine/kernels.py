"""Time steps of a Purkinje cell in compiled code.

Scheme of zang2018: events of a step are added to the synapses; currents are those of the
potentials at its beginning; the cable is solved implicitly, for the change of the potentials;
calcium advances with the calcium current of the beginning, and gates with the new potential and
the new calcium.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import (
    block_at,
    block_size,
    first_numbers,
    gathered,
    lanes_at,
    numbers_from,
    numbers_of,
    put_lanes,
)
from cerebella.compiled.lane_offsets import offset_by
from cerebella.compiled.simd import converted, fma, like
from cerebella.compiled.synaptic_events import FLOOR_US
from cerebella.purkinje.own_engine.cable_solver import nodes_of, solve
from cerebella.purkinje.own_engine.calcium import Pool
from cerebella.purkinje.own_engine.layout import INITIAL_CALCIUM_MM, N_SHELLS, Part
from cerebella.purkinje.own_engine.loss_pool import loss_step
from cerebella.purkinje.own_engine.membrane import membrane_kernel
from cerebella.purkinje.own_engine.pump_pool import pump_step
from cerebella.purkinje.own_engine.rows import Rows
from cerebella.purkinje.own_engine.sampling import (
    DENDRITIC_CALCIUM,
    N_SOURCES,
    OF_DENDRITE,
    OF_SOMA,
    SOMATIC_CALCIUM,
    V_SOURCE,
)
from cerebella.purkinje.own_engine.tree import LANES

_OFFSET_MV = -60
"""Singles hold the potential as the difference from it, and constants of the channels likewise:
rounding of constants such as 48.806 mV would otherwise be the largest error of mixed precision."""


def _pass_over_blocks(
    calcium_of: Callable[..., Any], advance_membrane: Callable[..., Any], rows: Rows
) -> Callable[..., Any]:
    """Return a function that advances calcium and channels of all blocks of a part."""
    n_columns, n_gates = len(rows.densities), len(rows.gates)

    @inlined
    def pass_over(part, n_blocks, offset, v, g, i, constants, work, is_start):
        width = block_size(part.membrane)
        step, covered = first_numbers(part.step, n_columns), first_numbers(part.covered, n_gates)
        for block in range(n_blocks):
            at, region = block * width, part.region[block]
            p_type = block_at(part.p_type, at)
            potential = gathered(v, part.slot, at, p_type)
            reals = offset_by(potential, part.membrane, _OFFSET_MV)
            if is_start:
                calcium = like(reals, INITIAL_CALCIUM_MM)
            else:
                calcium = calcium_of(part, block, at, region, constants.step_ms, work)
            na, k, h, ca, slope, t = advance_membrane(
                part.membrane,
                part.first_membrane[block],
                reals,
                calcium,
                numbers_from(part.density, region * n_columns),
                step,
                covered,
                numbers_from(part.shifts, region * 3),
                constants.ghk_per_mV,
            )
            put_lanes(part.p_type, at, ca)
            leak = part.leak[region]
            area = lanes_at(part.area, at, p_type)
            density = converted(na + k + h + slope + leak, area)
            current = converted(ca + t, area) + leak * (potential - constants.leak_mV)
            current = fma(converted(na, area), potential - constants.na_mV, current)
            current = fma(converted(k, area), potential - constants.k_mV, current)
            current = fma(converted(h, area), potential - constants.h_mV, current)
            put_lanes(g, offset + at, area * density)
            put_lanes(i, offset + at, area * current)

    return pass_over


@inlined
def _pool(part, block, at, region, step_ms):
    totals = numbers_from(part.totals, region * 3)
    return Pool(
        part.n_shells[region],
        numbers_from(part.outward, region * N_SHELLS),
        numbers_from(part.inward, region * N_SHELLS),
        block_at(part.scale, at),
        step_ms,
        totals[0],
        totals[1],
        totals[2],
        -block_at(part.p_type, at) * block_at(part.influx, at),
        block_at(part.removal, at),
    )


def _calcium(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that advances calcium of a block."""

    @inlined
    def advance_calcium(part, block, at, region, step_ms, work):
        pool = _pool(part, block, at, region, step_ms)
        return step(part.calcium, part.first_calcium[block], pool, work)

    return advance_calcium


@inlined
def _numbers(part):
    return Part(
        numbers_of(part.region),
        numbers_of(part.slot),
        numbers_of(part.area),
        numbers_of(part.scale),
        numbers_of(part.influx),
        numbers_of(part.removal),
        numbers_of(part.density),
        numbers_of(part.step),
        numbers_of(part.covered),
        numbers_of(part.shifts),
        numbers_of(part.leak),
        numbers_of(part.outward),
        numbers_of(part.inward),
        numbers_of(part.totals),
        numbers_of(part.n_shells),
        numbers_of(part.first_membrane),
        numbers_of(part.first_calcium),
        numbers_of(part.membrane),
        numbers_of(part.calcium),
        numbers_of(part.p_type),
    )


@inlined
def _deliver(step, at, events, states, n_places):
    """Add the events of a step to the synapses; return the first event of the next one."""
    while at < events.step.size and events.step[at] == step:
        synapse, amount = events.synapse[at], events.amount_uS[at]
        states[synapse] += amount
        states[synapse + n_places] += amount
        at += 1
    return at


@inlined
def _add_synapses(synapses, n_places, states, v, slot, g, i):
    """Add the synapses to the membrane, and let them decay."""
    for kind in range(3):
        reversal = synapses.reversal_mV[kind]
        decay_A, decay_B = synapses.decay_A[kind], synapses.decay_B[kind]
        for k in range(synapses.first_block[kind], synapses.first_block[kind + 1]):
            at = synapses.block[k]
            in_A = 2 * kind * n_places + at
            in_B = in_A + n_places
            a, b = lanes_at(states, in_A, LANES), lanes_at(states, in_B, LANES)
            own = b - a
            potential = gathered(v, slot, at, LANES)
            put_lanes(g, at, lanes_at(g, at, LANES) + own)
            put_lanes(i, at, fma(own, potential - reversal, lanes_at(i, at, LANES)))
            put_lanes(states, in_A, fma(a, decay_A, like(a, FLOOR_US)))
            put_lanes(states, in_B, fma(b, decay_B, like(b, FLOOR_US)))


@inlined
def _add_electrodes(electrodes, row, v, slot, g, i):
    """Add the electrodes of stimuli to the membrane."""
    for k in range(electrodes.place.size):
        i[electrodes.place[k]] -= electrodes.current_nA[row, k]
    for k in range(electrodes.clamped.size):
        at, own = electrodes.clamped[k], electrodes.conductance_uS[row, k]
        g[at] += own
        i[at] += own * (v[slot[at]] - electrodes.command_mV[row, k])


@inlined
def _sample(numbers, recorder, group, source):
    """Write the numbers of one array into the sample of a recording."""
    begin = recorder.at[group]
    for k in range(recorder.first[group, source], recorder.first[group, source + 1]):
        recorder.samples[begin + recorder.columns[k]] = numbers[recorder.places[k]]


@inlined
def _take_samples(step, recorder, v, dendrite, soma):
    """Take the samples that are due at a step."""
    for group in range(recorder.every.size):
        if step % recorder.every[group] == 0:
            _sample(v, recorder, group, V_SOURCE)
            _sample(dendrite.membrane, recorder, group, OF_DENDRITE)
            _sample(dendrite.calcium, recorder, group, DENDRITIC_CALCIUM)
            _sample(soma.membrane, recorder, group, OF_SOMA)
            _sample(soma.calcium, recorder, group, SOMATIC_CALCIUM)
            recorder.at[group] += recorder.first[group, N_SOURCES] - recorder.first[group, 0]


def advance_kernel(rows: Rows, arguments_at: Any) -> Callable[[int], None]:
    """Return a procedure that advances a cell, in place, from one step to another.

    Its arguments are first and last step, `Tree`, both `Part`, `Cable`, `Synapses`, `Events`,
    `Electrodes`, `Constants`, the `Recorder` of what is sampled after each step, and `Scratch`,
    which must outlast the call as all arrays: only their addresses are used. Step -1 evaluates
    the currents of the initial states; it requires parts with steps of zero.
    """
    membrane = membrane_kernel(rows)
    pass_over_dendrite = _pass_over_blocks(_calcium(pump_step), membrane, rows)
    pass_over_soma = _pass_over_blocks(_calcium(loss_step), membrane, rows)

    def advance(address):
        (
            first, stop, tree, dendrite, soma, cable, synapses, events, electrodes, constants,
            recorder, scratch,
        ) = arguments_at(address)  # fmt: skip
        nodes = nodes_of(tree)
        n_levels, n_slots, n_places = tree.first.size - 1, tree.parent.size, cable.slot.size
        v, g, i = numbers_of(cable.v_mV), numbers_of(cable.g_uS), numbers_of(cable.i_nA)
        lane, constant = numbers_of(cable.lane), numbers_of(cable.constant_uS)
        slot, states = numbers_of(cable.slot), numbers_of(synapses.states)
        diagonal = numbers_of(scratch.of_tree)
        right, inverse = numbers_from(diagonal, n_slots), numbers_from(diagonal, 2 * n_slots)
        factor, change = numbers_from(diagonal, 3 * n_slots), numbers_from(diagonal, 4 * n_slots)
        of_dendrite, of_soma = _numbers(dendrite), _numbers(soma)
        work = numbers_of(scratch.of_soma)
        n_dendrite, n_soma = dendrite.region.size, soma.region.size
        offset, event = dendrite.slot.size, 0
        for step in range(first, stop):
            if step >= 0:
                event = _deliver(step, event, events, states, n_places)
                _add_synapses(synapses, n_places, states, v, slot, g, i)
                _add_electrodes(electrodes, step - first, v, slot, g, i)
                solve(
                    nodes,
                    n_levels,
                    lane,
                    constant,
                    g,
                    i,
                    v,
                    diagonal,
                    right,
                    inverse,
                    factor,
                    change,
                )
            pass_over_dendrite(of_dendrite, n_dendrite, 0, v, g, i, constants, work, step < 0)
            pass_over_soma(of_soma, n_soma, offset, v, g, i, constants, work, step < 0)
            _take_samples(step + 1, recorder, v, of_dendrite, of_soma)

    return advance
