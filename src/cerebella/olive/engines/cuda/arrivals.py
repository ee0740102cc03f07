"""The phase of arrivals on a device: sums of all populations, and weights at PF spikes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cerebella.compiled.device import Target
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.cuda.arrays import CLASSES, FLOATS, RINGS, SLOTS, Structure
from cerebella.olive.engines.cuda.rings import AT, ring_reader
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

_GROUP = 32
"""Threads that share the synapses of a spike."""


def arrival_phase(target: Target, shape: Structure, change: Any) -> Any:
    """Return the phase of arrivals."""
    add = target.add
    bounded, time_since = map(target.function, (arithmetic.bounded, arithmetic.time_since))
    deliver, grows, varies = _deliver(target, shape), shape.rule.acts[0], shape.rule.varies
    marks_pfs, cells_per_io = shape.rule.marks_pfs, shape.n_pc // shape.n_io
    learns_at, never = AT["learns"], math.inf
    connected_at, delay_at = AT["connected_pf_purkinje"], AT["delay_pf_purkinje"]
    slot, first_pc = SLOTS["pf_purkinje"], shape.first_cell["PC"]
    wiring_at, step_ms_at, gap_io = AT["wiring"], FLOATS.index("step_ms"), shape.first_cell["IO"]
    height_at, hold_at = FLOATS.index("spike_height"), AT["hold_IO"]
    n_io, n_rings, slots = shape.n_io, len(RINGS), shape.ring
    pf_ring = ring_reader(target, shape, "PF")
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
        height, held = x.floats[c, height_at], step - 1 + whole[hold_at]
        starts = x.gap_starts[wiring]
        for i in range(t, n_io, n):
            through = 0.0
            for k in range(starts[i], starts[i + 1]):
                through += v[gap_io + x.gap_partners[wiring, k]] - v[gap_io + i]
            if height > 0.0:
                for k in range(starts[i], starts[i + 1]):
                    if x.free[c, gap_io + x.gap_partners[wiring, k]] == held:
                        through += height
            x.through_gaps[c, i] = through

    return arrive


def _source(shape: Structure, name: str) -> tuple[int, int, int, int]:
    """Return delay, connection, first start and first synapse of a class, as indices."""
    k = CLASSES.index(name)
    return (AT[f"delay_{name}"], AT[f"connected_{name}"], shape.first_start[k], shape.first[k])


def _deliver(target: Target, shape: Structure) -> dict[str, Any]:
    """Return functions that deliver the spikes of each class with listed synapses."""
    return {
        name: _deliver_class(target, shape, name)
        for name in CLASSES
        if name not in ("pf_purkinje", "mf_dcn")
    }


def _deliver_class(target: Target, shape: Structure, name: str) -> Any:
    delay_at, connected_at, first_start, first = _source(shape, name)
    slot, wiring_at, add = SLOTS[name], AT["wiring"], target.add
    read = ring_reader(target, shape, SYNAPSE_CLASSES[name][0])
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
    delay_at, connected_at, first_start, first = _source(shape, "mf_dcn")
    slot, wiring_at, add = SLOTS["mf_dcn"], AT["wiring"], target.add

    @target.compile
    def deliver(c, t, n, step, x, arrived):
        whole = x.wholes[c]
        if whole[connected_at]:
            wiring, row = whole[wiring_at], step - x.block[0] + x.block[2] - whole[delay_at]
            starts = x.starts[wiring]
            for q in range(x.mf_starts[c, row] + t, x.mf_starts[c, row + 1], n):
                source = first_start + x.mf_ids[c, q]
                for k in range(first + starts[source], first + starts[source + 1]):
                    add(arrived[slot], x.targets[wiring, k], np.int64(1))

    return deliver
