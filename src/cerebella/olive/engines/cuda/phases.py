"""The phases of a time step on a device, each executed by many threads at once.

All spikes of a step take effect in later steps, so that a step has two phases for most rules:
arrivals at all populations, and the step of all neurons and fibers. Threads must wait for each
other between phases. Thread `t` of `n` takes every n-th cell or synapse. Sums of arrivals and
weights are whole numbers, which do not depend on their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from cerebella.compiled.device import Target
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.cuda.arrays import (
    CELL,
    CLASSES,
    FLOATS,
    N_SLOTS,
    RINGS,
    SLOTS,
    WHOLES,
    Structure,
)
from cerebella.olive.rules.events import Paired
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES
from cerebella.randomness import Purpose

_GROUP = 32
_EACH, _LAST = int(Paired.EACH), int(Paired.LAST)
_PF_TRAIN, _NOISE = int(Purpose.LOOP_PF_TRAIN), int(Purpose.LOOP_NOISE)
_AT = {name: k for k, name in enumerate(WHOLES)}


class Phases(NamedTuple):
    """Device functions of ``(circuit, t, n, step, arrays, …)``.

    Attributes
    ----------
    arrive : callable
        Adds arriving spikes to the sums of their targets, and changes weights at PF spikes.
    has_cfs : callable
        Returns whether CF spikes arrive that change weights; takes ``(circuit, step, arrays)``.
    learn_from_cfs : callable
        Changes weights at CF spikes.
    advance : callable
        Advances neurons and fibers by a step, and stores their spikes.
    learn_from_pcs, mark_pcs : callable
        Change weights at PC spikes; store the times of these.
    """

    arrive: Any
    has_cfs: Any
    learn_from_cfs: Any
    advance: Any
    learn_from_pcs: Any
    mark_pcs: Any


@cache
def phases_of(shape: Structure, changes: tuple[Any, Any, Any], target: Target) -> Phases:
    """Return the phases for circuits of a structure, and the compiled functions of their rule."""
    learn_from_cfs, learn_from_pcs, mark_pcs = _learning(target, shape, changes)
    return Phases(
        _arrive(target, shape, changes[0]),
        _has_cfs(target, shape),
        learn_from_cfs,
        _advance(target, shape),
        learn_from_pcs,
        mark_pcs,
    )


def times(a: Any, b: Any) -> Any:
    """Return a product that is rounded by itself; see `Target`."""
    return a * b


def normal_of(word: Any, base: Any, slope: Any) -> Any:
    """Return the standard normal number of a word; see `NormalTable`."""
    mantissa, exponent = math.frexp(float(word | np.uint64(1)))
    segment = (exponent - 1) * 128 + int(times(mantissa, 256.0) - 128.0)
    low = base[segment] + times(slope[segment], float(word | np.uint64(1)))
    return -low if word & np.uint64(1) else low


def _arrive(target: Target, shape: Structure, change: Any) -> Any:
    """Return the phase of arrivals."""
    add = target.add
    bounded, time_since = map(target.function, (arithmetic.bounded, arithmetic.time_since))
    deliver, grows, varies = _deliver(target, shape), shape.rule.acts[0], shape.rule.varies
    marks_pfs, cells_per_io = shape.rule.marks_pfs, shape.n_pc // shape.n_io
    learns_at, never = _AT["learns"], math.inf
    connected_at, delay_at = _AT["connected_pf_purkinje"], _AT["delay_pf_purkinje"]
    slot, first_pc = SLOTS["pf_purkinje"], shape.first_cell["PC"]
    wiring_at, step_ms_at, gap_io = _AT["wiring"], FLOATS.index("step_ms"), shape.first_cell["IO"]
    n_io, n_rings, slots = shape.n_io, len(RINGS), shape.ring
    pf_ring = _ring_reader(target, shape, "PF")
    deliver_pf, deliver_bc, deliver_cf, deliver_pc, deliver_dcn = (
        deliver[name] for name in ("pf_bc", "bc_purkinje", "cf_purkinje", "purkinje_dcn", "dcn_io")
    )
    deliver_mf = _deliver_mossy(target, shape)

    @target.compile
    def arrive(c, t, n, step, x, arrived, v):
        whole = x.wholes[c]
        wiring = whole[wiring_at]
        if t == 0:
            for k in range(n_rings):
                x.counts[c, k, step % slots[k]] = 0
        group = min(n, _GROUP)
        if whole[connected_at]:
            learns = whole[learns_at] != 0
            step_ms = x.floats[c, step_ms_at]
            row, count = pf_ring(c, step - whole[delay_at], x)
            ids, starts, targets = x.ring[c], x.pf_starts[wiring], x.pf_targets[wiring]
            weights, sums = x.weights[c], arrived[slot]
            for q in range(t // group, count, n // group):
                pf = ids[row + q]
                if marks_pfs and t % group == 0:
                    x.last_pf[c, pf] = step
                units = np.int64(0)
                if grows and learns and not varies:
                    units = change(c, x, 0, never, never)
                for k in range(starts[pf] + t % group, starts[pf + 1], group):
                    cell, weight = targets[k], weights[k]
                    add(sums, first_pc + cell, np.int64(weight))
                    if grows and learns:
                        if varies:
                            since_cf = time_since(x.last_cf[c, cell // cells_per_io], step, step_ms)
                            since_pc = time_since(x.last_pc[c, cell], step, step_ms)
                            units = change(c, x, 0, since_cf, since_pc)
                        weights[k] = bounded(weight + units)
        deliver_pf(c, t, n, step, x, arrived)
        deliver_bc(c, t, n, step, x, arrived)
        deliver_cf(c, t, n, step, x, arrived)
        deliver_pc(c, t, n, step, x, arrived)
        deliver_mf(c, t, n, step, x, arrived)
        deliver_dcn(c, t, n, step, x, arrived)
        starts = x.gap_starts[wiring]
        for i in range(t, n_io, n):
            through = 0.0
            for k in range(starts[i], starts[i + 1]):
                through += v[gap_io + x.gap_partners[wiring, k]] - v[gap_io + i]
            x.through_gaps[c, i] = through

    return arrive


def _source(shape: Structure, name: str) -> tuple[int, int, int, int]:
    """Return delay, connection, first start and first synapse of a class, as indices."""
    k = CLASSES.index(name)
    return (_AT[f"delay_{name}"], _AT[f"connected_{name}"], shape.first_start[k], shape.first[k])


def _ring_reader(target: Target, shape: Structure, name: str) -> Any:
    """Return a function of the place and number of the spikes of a step in a ring."""
    k, size = RINGS.index(name), shape.sizes[name]
    slots, first = shape.ring[k], shape.ring_first[k]

    @target.compile
    def read(c, step, x):
        at = step % slots
        return first + at * size, x.counts[c, k, at]

    return read


def _deliver(target: Target, shape: Structure) -> dict[str, Any]:
    """Return functions that deliver the spikes of each class with listed synapses."""
    return {
        name: _deliver_class(target, shape, name)
        for name in CLASSES
        if name not in ("pf_purkinje", "mf_dcn")
    }


def _deliver_class(target: Target, shape: Structure, name: str) -> Any:
    delay_at, connected_at, first_start, first = _source(shape, name)
    slot, wiring_at, add = SLOTS[name], _AT["wiring"], target.add
    read = _ring_reader(target, shape, SYNAPSE_CLASSES[name][0])
    weighted = name == "bc_purkinje" or (name == "pf_bc" and shape.weighted_pf_bc)

    @target.compile
    def deliver(c, t, n, step, x, arrived):
        whole = x.wholes[c]
        if whole[connected_at]:
            wiring, group, sums = whole[wiring_at], min(n, _GROUP), arrived[slot]
            row, count = read(c, step - whole[delay_at], x)
            ids, starts, targets = x.ring[c], x.starts[wiring], x.targets[wiring]
            for q in range(t // group, count, n // group):
                source = first_start + ids[row + q]
                for k in range(
                    first + starts[source] + t % group, first + starts[source + 1], group
                ):
                    by = np.int64(x.efficacies[wiring, k]) if weighted else np.int64(1)
                    add(sums, targets[k], by)

    return deliver


def _deliver_mossy(target: Target, shape: Structure) -> Any:
    """Return the function that delivers MF spikes, which the host has drawn."""
    _, connected_at, first_start, first = _source(shape, "mf_dcn")
    slot, wiring_at, add = SLOTS["mf_dcn"], _AT["wiring"], target.add

    @target.compile
    def deliver(c, t, n, step, x, arrived):
        whole = x.wholes[c]
        if whole[connected_at]:
            wiring, row = whole[wiring_at], step - x.block[0]
            starts = x.starts[wiring]
            for q in range(x.mf_starts[c, row] + t, x.mf_starts[c, row + 1], n):
                source = first_start + x.mf_ids[c, q]
                for k in range(first + starts[source], first + starts[source + 1]):
                    add(arrived[slot], x.targets[wiring, k], np.int64(1))

    return deliver


def _has_cfs(target: Target, shape: Structure) -> Any:
    read, acts = _ring_reader(target, shape, "IO"), shape.rule.acts[1]
    learns_at, delay_at, connected_at = (
        _AT[name] for name in ("learns", "delay_cf_purkinje", "connected_cf_purkinje")
    )

    @target.compile
    def has_cfs(c, step, x):
        if not acts or not x.wholes[c, learns_at] or not x.wholes[c, connected_at]:
            return False
        return read(c, step - x.wholes[c, delay_at], x)[1] > 0

    return has_cfs


def _learning(
    target: Target, shape: Structure, changes: tuple[Any, Any, Any]
) -> tuple[Any, Any, Any]:
    """Return the phases of learning from CF and PC spikes."""
    time_since = target.function(arithmetic.time_since)
    read_io, read_pc = _ring_reader(target, shape, "IO"), _ring_reader(target, shape, "PC")
    delay_at, learns_at = _AT["delay_cf_purkinje"], _AT["learns"]
    cells_per_io, fan_in = shape.n_pc // shape.n_io, shape.fan_in
    step_ms_at, acts_pc = FLOATS.index("step_ms"), shape.rule.acts[2]
    marks_pcs = shape.rule.marks_pcs
    at_cf, at_pc = (_change_synapse(target, shape, number, changes[number]) for number in (1, 2))

    @target.compile
    def learn_from_cfs(c, t, n, step, x):
        step_ms = x.floats[c, step_ms_at]
        row, count = read_io(c, step - x.wholes[c, delay_at], x)
        for q in range(count):
            io = x.ring[c, row + q]
            since_cf = time_since(x.last_cf[c, io], step, step_ms)
            for j in range(t, cells_per_io * fan_in, n):
                cell = io * cells_per_io + j // fan_in
                since_pc = time_since(x.last_pc[c, cell], step, step_ms)
                at_cf(c, cell * fan_in + j % fan_in, step, x, since_cf, since_pc)

    @target.compile
    def learn_from_pcs(c, t, n, step, x):
        if acts_pc and x.wholes[c, learns_at]:
            step_ms = x.floats[c, step_ms_at]
            row, count = read_pc(c, step, x)
            for j in range(t, count * fan_in, n):
                cell = x.ring[c, row + j // fan_in]
                since_cf = time_since(x.last_cf[c, cell // cells_per_io], step, step_ms)
                since_pc = time_since(x.last_pc[c, cell], step, step_ms)
                at_pc(c, cell * fan_in + j % fan_in, step, x, since_cf, since_pc)

    @target.compile
    def mark_pcs(c, t, n, step, x):
        if marks_pcs:
            row, count = read_pc(c, step, x)
            for q in range(t, count, n):
                x.last_pc[c, x.ring[c, row + q]] = step

    return learn_from_cfs, learn_from_pcs, mark_pcs


def _change_synapse(target: Target, shape: Structure, number: int, change: Any) -> Any:
    """Return a function that changes a synapse at a CF or PC spike, by event number."""
    bounded = target.function(arithmetic.bounded)
    paired, kept, pf_delay_at = shape.rule.paired[number], shape.recent, _AT["delay_pf_purkinje"]
    memory_at, wiring_at = _AT["memory"], _AT["wiring"]

    @target.compile
    def change_synapse(c, synapse, step, x, since_cf, since_pc):
        wiring, memory = x.wholes[c, wiring_at], x.wholes[c, memory_at]
        pf, units = x.sources[wiring, synapse], np.int64(0)
        if paired == _EACH:
            arrival = step - x.wholes[c, pf_delay_at]
            for k in range(kept):
                age = arrival - x.recent[c, k, pf]
                if 0 <= age < memory:
                    units += change(c, x, age, since_cf, since_pc)
        elif paired == _LAST:
            age = step - x.last_pf[c, pf]
            if age < memory:
                units = change(c, x, age, since_cf, since_pc)
        else:
            units = change(c, x, 0, since_cf, since_pc)
        place = x.where[wiring, synapse]
        x.weights[c, place] = bounded(x.weights[c, place] + units)

    return change_synapse


def _advance(target: Target, shape: Structure) -> Any:
    """Return the phase in which neurons and fibers advance."""
    advance_cells, draw_fibers = _advance_cells(target, shape), _draw_fibers(target, shape)
    read_io = _ring_reader(target, shape, "IO")
    delay_at, connected_at = _AT["delay_cf_purkinje"], _AT["connected_cf_purkinje"]

    @target.compile
    def advance(c, t, n, step, x, arrived, v, theta, g):
        if x.wholes[c, connected_at]:
            row, count = read_io(c, step - x.wholes[c, delay_at], x)
            for q in range(t, count, n):
                x.last_cf[c, x.ring[c, row + q]] = step
        draw_fibers(c, t, n, step, x)
        advance_cells(c, t, n, step, x, arrived, v, theta, g)

    return advance


def _storing(target: Target, shape: Structure, name: str) -> Callable[..., Any]:
    """Return a function that stores a spike in the ring and, if recorded, in the output."""
    k, size = RINGS.index(name), shape.sizes[name]
    slots, first_place, add = shape.ring[k], shape.ring_first[k], target.add
    first_kept = sum(shape.sizes[other] for other in RINGS[:k])

    @target.compile
    def store(c, cell, step, x):
        at = step % slots
        place = add(x.counts[c, k], at, 1)
        x.ring[c, first_place + at * size + place] = cell
        if x.keep[c, first_kept + cell]:
            place = x.out_first[k] + add(x.n_out[c], k, 1)
            x.out[c, place] = (step - x.block[0]) * size + cell

    return store


def _draw_fibers(target: Target, shape: Structure) -> Any:
    """Return a function that stores the spikes of PFs in a step, and draws their next ones."""
    philox, flips_of = map(target.function, (arithmetic.philox_block, arithmetic.flips_of))
    store, n_pf, kept = _storing(target, shape, "PF"), shape.n_pf, shape.recent
    seed_at, table_at, refractory_at = (_AT[name] for name in ("seed", "table", "pf_refractory"))

    @target.compile
    def draw_fibers(c, t, n, step, x):
        for i in range(t, n_pf, n):
            if x.fibers[c, 1, i] == step:
                store(c, i, step, x)
                x.recent[c, x.n_recent[c, i] % kept, i] = step
                x.n_recent[c, i] += 1
                draw, table = x.fibers[c, 2, i], x.wholes[c, table_at]
                words = philox(draw // 4, _PF_TRAIN, i, 0, np.uint64(x.wholes[c, seed_at]))
                word, k = words[0], draw % 4
                if k == 1:
                    word = words[1]
                elif k == 2:
                    word = words[2]
                elif k == 3:
                    word = words[3]
                flips = flips_of(word, x.thresholds[table], x.guide[table])
                ready = step + x.wholes[c, refractory_at] + 1
                x.fibers[c, 0, i] = ready
                x.fibers[c, 1, i] = ready + np.int64(flips) - 1
                x.fibers[c, 2, i] = draw + 1

    return draw_fibers


def _advance_cells(target: Target, shape: Structure) -> Any:
    """Return a function that advances neurons by a step."""
    charged, pulled, moved, relaxed = map(
        target.function,
        (arithmetic.charged, arithmetic.pulled, arithmetic.moved, arithmetic.relaxed),
    )
    product, current_of = target.function(arithmetic.times), _noise_current(target)
    store_bc, store_pc, store_dcn, store_io = (_storing(target, shape, name) for name in NEURONS)
    n_cells, n_slots = shape.n_cells, N_SLOTS
    first_pc, first_dcn, first_io = (shape.first_cell[name] for name in NEURONS[1:])
    hold_at, gap_at = _AT["hold_BC"], FLOATS.index("gap")
    half_load, quarter, half, rest, decay, pull, reset, top, noise = range(len(CELL))

    @target.compile
    def advance_cells(c, t, n, step, x, arrived, v, theta, g):
        for i in range(t, n_cells, n):
            group = (i >= first_pc) + (i >= first_dcn) + (i >= first_io)
            cell = i - (
                first_io
                if group == 3
                else first_dcn
                if group == 2
                else first_pc
                if group == 1
                else 0
            )
            of = x.cells[c, group]
            conductance, drive = 0.0, of[rest]
            for k in range(n_slots):
                now = charged(g[k, i], float(arrived[k, i]), x.scale[c, k, i])
                arrived[k, i] = 0
                conductance += now
                drive = pulled(drive, now, x.pull[c, group, k])
                g[k, i] = product(now, x.decay[c, group, k])
            current = 0.0
            if group == 3:
                current = x.bias[c, cell]
            if of[noise] != 0.0:
                current += product(of[noise], current_of(c, group, cell, step, x))
            if group == 3:
                current += product(x.floats[c, gap_at], x.through_gaps[c, cell])
            drive = pulled(drive, current, of[half])
            after = moved(v[i], drive, conductance, of[half_load], of[quarter])
            if step <= x.free[c, i]:
                after = of[reset]
            level = relaxed(theta[i], of[decay], of[pull])
            if after >= level:
                after, level = of[reset], of[top]
                x.free[c, i] = step + x.wholes[c, hold_at + group]
                if group == 0:
                    store_bc(c, cell, step, x)
                elif group == 1:
                    store_pc(c, cell, step, x)
                elif group == 2:
                    store_dcn(c, cell, step, x)
                else:
                    store_io(c, cell, step, x)
            v[i], theta[i] = after, level
            every = x.block[1]
            if step % every == 0 and x.place[c, i] >= 0:
                row = step // every - (x.block[0] + every - 1) // every
                x.samples[c, row, x.place[c, i]] = after

    return advance_cells


def _noise_current(target: Target) -> Any:
    """Return a function of the normal number of a cell in a step."""
    philox, normal = target.function(arithmetic.philox_block), target.function(normal_of)
    first_stream, seed_at = POPULATIONS.index(NEURONS[0]), _AT["seed"]

    @target.compile
    def draw(c, group, cell, step, x):
        seed = np.uint64(x.wholes[c, seed_at])
        words = philox(step // 4, _NOISE, cell, first_stream + group, seed)
        word, k = words[0], step % 4
        if k == 1:
            word = words[1]
        elif k == 2:
            word = words[2]
        elif k == 3:
            word = words[3]
        return normal(word, x.base, x.slope)

    return draw
