"""The phase in which neurons and fibers advance on a device, with their random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from cerebella.compiled.device import Target
from cerebella.olive.engines import arithmetic
from cerebella.olive.engines.cuda.arrays import CELL, FLOATS, N_SLOTS, SLOTS, Structure
from cerebella.olive.engines.cuda.rings import AT, ring_reader, storing
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.randomness import Purpose

_PF_TRAIN, _NOISE = int(Purpose.LOOP_PF_TRAIN), int(Purpose.LOOP_NOISE)


def advance_phase(target: Target, shape: Structure) -> Any:
    """Return the phase in which neurons and fibers advance."""
    advance_cells, draw_fibers = _advance_cells(target, shape), _draw_fibers(target, shape)
    read_io = ring_reader(target, shape, "IO")
    delay_at, connected_at = AT["delay_cf_purkinje"], AT["connected_cf_purkinje"]

    @target.compile
    def advance(c, t, n, step, x, arrived, v, theta, g):
        if x.wholes[c, connected_at]:
            row, count = read_io(c, step - x.wholes[c, delay_at], x)
            for q in range(t, count, n):
                x.last_cf[c, x.ring[c, row + q]] = step
        draw_fibers(c, t, n, step, x)
        advance_cells(c, t, n, step, x, arrived, v, theta, g)

    return advance


def _draw_fibers(target: Target, shape: Structure) -> Any:
    """Return a function that stores the spikes of PFs in a step, and draws their next ones."""
    philox, word_of, flips_of = map(
        target.function, (arithmetic.philox_block, arithmetic.word_of, arithmetic.flips_of)
    )
    store, n_pf, kept = storing(target, shape, "PF"), shape.n_pf, shape.recent
    seed_at, table_at, refractory_at = (AT[name] for name in ("seed", "table", "pf_refractory"))

    @target.compile
    def draw_fibers(c, t, n, step, x):
        for i in range(t, n_pf, n):
            if x.fibers[c, 1, i] == step:
                store(c, i, step, x)
                x.recent[c, x.n_recent[c, i] % kept, i] = step
                x.n_recent[c, i] += 1
                draw, table = x.fibers[c, 2, i], x.wholes[c, table_at]
                words = philox(draw // 4, _PF_TRAIN, i, 0, np.uint64(x.wholes[c, seed_at]))
                flips = flips_of(word_of(words, draw % 4), x.thresholds[table], x.guide[table])
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
    learn_from_mfs, plastic_at = _learn_from_mfs(target), AT["mf_is_plastic"]
    store_bc, store_pc, store_dcn, store_io = (storing(target, shape, name) for name in NEURONS)
    n_cells, n_slots = shape.n_cells, N_SLOTS
    pc_slot, mf_slot = SLOTS["purkinje_dcn"], SLOTS["mf_dcn"]
    first_pc, first_dcn, first_io = (shape.first_cell[name] for name in NEURONS[1:])
    hold_at, gap_at = AT["hold_BC"], FLOATS.index("gap")
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
            from_pc, from_mf = np.int64(0), np.int64(0)
            if group == 2:
                from_pc, from_mf = arrived[pc_slot, i], arrived[mf_slot, i]
            for k in range(n_slots):
                now = charged(g[k, i], float(arrived[k, i]), x.scale[c, k, i])
                arrived[k, i] = 0
                conductance += now
                drive = pulled(drive, now, x.pull[c, group, k])
                g[k, i] = product(now, x.decay[c, group, k])
            if group == 2 and x.wholes[c, plastic_at]:
                learn_from_mfs(c, i, cell, from_pc, from_mf, x)
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


def _learn_from_mfs(target: Target) -> Any:
    """Return a function that averages the rate of the PCs of a DCN, and changes its MF weight."""
    charged, product, changed = map(
        target.function, (arithmetic.charged, arithmetic.times, arithmetic.mf_changed)
    )
    jump_at, decay_at, pause_at, mf_jump_at = map(
        FLOATS.index, ("pc_jump", "pc_decay", "pause", "mf_jump")
    )
    learns_at, ltp_at, ltd_at = AT["learns_at_dcn"], AT["mf_ltp"], AT["mf_ltd"]
    mf_slot = SLOTS["mf_dcn"]

    @target.compile
    def learn(c, i, cell, from_pc, from_mf, x):
        of, whole = x.floats[c], x.wholes[c]
        rate_Hz = charged(x.pc_rate_Hz[c, cell], float(from_pc), of[jump_at])
        if from_mf > 0 and whole[learns_at]:
            weight = changed(
                x.mf_weights[c, cell], from_mf, rate_Hz, of[pause_at], whole[ltp_at], whole[ltd_at]
            )
            x.mf_weights[c, cell] = weight
            x.scale[c, mf_slot, i] = product(float(weight), of[mf_jump_at])
        x.pc_rate_Hz[c, cell] = product(rate_Hz, of[decay_at])

    return learn


def _noise_current(target: Target) -> Any:
    """Return a function of the normal number of a cell in a step."""
    philox, word_of, normal = map(
        target.function, (arithmetic.philox_block, arithmetic.word_of, arithmetic.normal_of)
    )
    first_stream, seed_at = POPULATIONS.index(NEURONS[0]), AT["seed"]

    @target.compile
    def draw(c, group, cell, step, x):
        seed = np.uint64(x.wholes[c, seed_at])
        words = philox(step // 4, _NOISE, cell, first_stream + group, seed)
        return normal(word_of(words, step % 4), x.base, x.slope)

    return draw
