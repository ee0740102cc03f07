"""The phases of learning from CF and PC spikes on a device."""

from __future__ import annotations

from typing import Any

import numpy as np

from cerebella.compiled.device import Target
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.cuda.arrays import FLOATS, Structure
from cerebella.olive.engines.cuda.rings import AT, ring_reader
from cerebella.olive.rules.events import Paired

_EACH, _LAST = int(Paired.EACH), int(Paired.LAST)


def has_cfs_test(target: Target, shape: Structure) -> Any:
    """Return a function of whether CF spikes arrive in a step that change weights."""
    read, acts = ring_reader(target, shape, "IO"), shape.rule.acts[1]
    learns_at, delay_at, connected_at = (
        AT[name] for name in ("learns", "delay_cf_purkinje", "connected_cf_purkinje")
    )

    @target.compile
    def has_cfs(c, step, x):
        if not acts or not x.wholes[c, learns_at] or not x.wholes[c, connected_at]:
            return False
        return read(c, step - x.wholes[c, delay_at], x)[1] > 0

    return has_cfs


def learning_phases(
    target: Target, shape: Structure, changes: tuple[Any, Any, Any]
) -> tuple[Any, Any, Any]:
    """Return the phases of learning from CF and PC spikes."""
    time_since = target.function(arithmetic.time_since)
    read_io, read_pc = ring_reader(target, shape, "IO"), ring_reader(target, shape, "PC")
    delay_at, learns_at = AT["delay_cf_purkinje"], AT["learns"]
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
    paired, kept, pf_delay_at = shape.rule.paired[number], shape.recent, AT["delay_pf_purkinje"]
    memory_at, wiring_at = AT["memory"], AT["wiring"]

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
