"""Circuits and their states as arrays for a device, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.cuda.arrays import (
    CLASSES,
    FLOATS,
    N_SLOTS,
    RINGS,
    SLOTS,
    WHOLES,
    Structure,
)
from cerebella.olive.engines.cuda.rule_functions import rule_shape, rule_values
from cerebella.olive.engines.engine import Model
from cerebella.olive.engines.kernel_arguments import basket_scale, lists_of, per_unit
from cerebella.olive.perturbations import Drive, io_bias, learns, learns_at_dcn
from cerebella.olive.random_drive import normal_table
from cerebella.olive.state import LONG_AGO, CellState, FiberState, RecentSpikes, State
from cerebella.olive.step_coefficients import NEURONS, MossyStep
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit, efficacy_units
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

Arrays = dict[str, npt.NDArray]


def structure_of(models: Sequence[Model]) -> Structure:
    """Return what circuits have in common; their sizes and rules must be the same."""
    circuit, n = models[0].circuit, models[0].circuit.sizes
    counts = {name: _sources(circuit, name).size for name in CLASSES[1:]}
    starts = {name: n[SYNAPSE_CLASSES[name][0]] + 1 for name in CLASSES[1:]}
    rings = [max(_slots(model, name) for model in models) for name in RINGS]
    places = [slots * n[name] for slots, name in zip(rings, RINGS, strict=True)]
    return Structure(
        n_pf=n["PF"],
        n_mf=n["MF"],
        n_bc=n["BC"],
        n_pc=n["PC"],
        n_dcn=n["DCN"],
        n_io=n["IO"],
        fan_in=circuit.pf_of_purkinje.shape[1],
        weighted_pf_bc=circuit.pf_bc_factor.ndim == 2,
        first=(0, *np.cumsum([0, *counts.values()][:-1]).tolist()),
        first_start=(0, *np.cumsum([0, *starts.values()][:-1]).tolist()),
        ring=tuple(rings),
        ring_first=tuple(np.cumsum([0, *places][:-1]).tolist()),
        recent=max(_recent(model) for model in models),
        rule=rule_shape(models[0].coefficients.rule),
    )


def common_structure(model: Model) -> Structure:
    """Return the structure of a circuit without what those of one batch may differ in."""
    return structure_of([model])._replace(ring=(), ring_first=(), recent=0)


def _slots(model: Model, name: str) -> int:
    """Return the steps for which the spikes of a population are kept in a ring."""
    if name != "PF":
        return model.coefficients.history[name]
    delays = model.coefficients.synapses
    return max(delays["pf_purkinje"].delay, delays["pf_bc"].delay) + 1


def _recent(model: Model) -> int:
    """Return the most spikes of a PF within its history."""
    return model.coefficients.history["PF"] // (model.coefficients.pf_refractory + 1) + 1


def _sources(circuit: Circuit, name: str) -> npt.NDArray[np.int32]:
    """Return the sources of each target of a class, (n targets, fan-in)."""
    return {
        "pf_bc": circuit.pf_of_bc,
        "bc_purkinje": circuit.bc_of_purkinje,
        "cf_purkinje": circuit.io_of_purkinje[:, None],
        "purkinje_dcn": circuit.purkinje_of_dcn,
        "mf_dcn": circuit.mf_of_dcn[:, None],
        "dcn_io": circuit.dcn_of_io,
    }[name]


def wiring_arrays(circuit: Circuit, shape: Structure) -> Arrays:
    """Return the connections of a circuit."""
    n = circuit.sizes
    starts, targets, efficacies = [], [], []
    for name in CLASSES[1:]:
        source, target = SYNAPSE_CLASSES[name]
        lists, order = lists_of(_sources(circuit, name), n[source])
        factors = {"pf_bc": circuit.pf_bc_factor, "bc_purkinje": circuit.bc_purkinje_factor}
        weighted = name in factors and factors[name].ndim == 2
        starts.append(lists.starts)
        targets.append(lists.targets.astype(np.int32) + shape.first_cell[target])
        efficacies.append(
            efficacy_units(factors[name]).ravel()[order]
            if weighted
            else np.ones(order.size, np.int32)
        )
    (pf_starts, pf_targets), order = lists_of(circuit.pf_of_purkinje, n["PF"])
    where = np.empty(order.size, np.int32)
    where[order] = np.arange(order.size, dtype=np.int32)
    cells, partners = circuit.gaps.T
    return {
        "starts": np.concatenate(starts),
        "targets": np.concatenate(targets),
        "efficacies": np.concatenate(efficacies),
        "pf_starts": pf_starts,
        "pf_targets": pf_targets.astype(np.int32),
        "where": where,
        "sources": circuit.pf_of_purkinje.ravel(),
        "gap_starts": np.searchsorted(cells, np.arange(n["IO"] + 1)),
        "gap_partners": np.append(partners, np.int32(0)),  # never empty
    }


def state_arrays(model: Model, state: State, shape: Structure, where: npt.NDArray) -> Arrays:
    """Return the state of a circuit; `where` is that of its wiring."""
    n_cells, n = shape.n_cells, shape.sizes
    weights = np.empty(where.size, np.int32)
    weights[where] = state.weights.ravel()
    arrays: Arrays = {
        "v": np.concatenate([state.cells[name].v for name in NEURONS]),
        "theta": np.concatenate([state.cells[name].theta for name in NEURONS]),
        "free": np.full(n_cells, -1, np.int64),
        "g": np.zeros((N_SLOTS, n_cells)),
        "arrived": np.zeros((N_SLOTS, n_cells), np.int64),
        "through_gaps": np.zeros(n["IO"]),
        "weights": weights,
        "mf_weights": state.mf_weights,
        "pc_rate_Hz": state.pc_rate_Hz,
        "last_cf": state.last_cf,
        "last_pf": state.last_pf,
        "last_pc": state.last_pc,
        "fibers": np.array(state.inputs.pf),
        "recent": np.full((shape.recent, n["PF"]), LONG_AGO),
        "n_recent": np.zeros(n["PF"], np.int32),
        "ring": np.zeros(shape.ring_first[-1] + shape.ring[-1] * n["IO"], np.int32),
        "counts": np.zeros((len(RINGS), max(shape.ring)), np.int32),
        "refused": np.zeros((), np.int32),
    }
    for name, (_, target) in SYNAPSE_CLASSES.items():
        first = shape.first_cell[target]
        arrays["g"][SLOTS[name], first : first + n[target]] = state.conductances[name]
    for name in RINGS:
        _put_spikes(arrays, name, state.recent[name], state.step, shape)
    for name in NEURONS:
        steps, ids = state.recent[name]
        hold = model.coefficients.cells[name].hold_steps
        arrays["free"][shape.first_cell[name] + ids] = steps + hold  # later spikes come last
    return arrays


def _put_spikes(
    arrays: Arrays, name: str, spikes: RecentSpikes, step: int, shape: Structure
) -> None:
    """Store the recent spikes of a population in its ring, and those of PFs by fiber."""
    k, size = RINGS.index(name), shape.sizes[name]
    slots, first = shape.ring[k], shape.ring_first[k]
    for emitted, cell in zip(spikes.steps.tolist(), spikes.ids.tolist(), strict=True):
        if emitted >= step - slots:
            place = arrays["counts"][k, emitted % slots]
            arrays["ring"][first + emitted % slots * size + place] = cell
            arrays["counts"][k, emitted % slots] += 1
        if name == "PF":
            number = arrays["n_recent"][cell]
            arrays["recent"][number % shape.recent, cell] = emitted
            arrays["n_recent"][cell] += 1


def coefficient_arrays(model: Model, state: State, shape: Structure) -> Arrays:
    """Return the coefficients of a circuit; those of MF→DCN change with its weights."""
    n, of = shape.sizes, model.coefficients
    cells = [of.cells[name] for name in NEURONS]
    scale = np.zeros((N_SLOTS, shape.n_cells))
    decay, pull = np.zeros((2, len(NEURONS), N_SLOTS))
    for name, (_, target) in SYNAPSE_CLASSES.items():
        step, first = per_unit(model, name), shape.first_cell[target]
        jump = basket_scale(model) if name == "pf_bc" else step.jump
        if name == "mf_dcn" and of.mossy is not None:
            jump = state.mf_weights * (step.jump / UNITS_PER_WEIGHT)
        scale[SLOTS[name], first : first + n[target]] = jump
        at = NEURONS.index(target), SLOTS[name]
        decay[at], pull[at] = step.decay, of.cells[target].half * step.reversal
    place = np.full(shape.n_cells, -1, np.int32)
    column = 0
    for name, sampled in model.voltages.cells.items():
        place[shape.first_cell[name] + sampled] = column + np.arange(len(sampled))
        column += len(sampled)
    n_values = max([1, *(len(e.values) for e in (of.rule.events if of.rule else ()) if e)])
    return {
        "cells": np.array(
            [
                (0.5 * c.load, 0.5 * c.half, c.half, c.pull, c.threshold_decay, c.threshold_pull,
                 c.reset, c.threshold_max, c.noise)
                for c in cells
            ]
        ),
        "scale": scale,
        "decay": decay,
        "pull": pull,
        "values": np.array(rule_values(of.rule, n_values)),
        "place": place,
        "keep": _kept(model),
    }  # fmt: skip


def _kept(model: Model) -> npt.NDArray[np.uint8]:
    """Return which cells have spikes that leave the device."""
    kept = []
    for name in RINGS:
        chosen = model.recorded.get(name)
        flags = np.zeros(model.circuit.sizes[name], np.uint8)
        flags[slice(None) if chosen is None or name == "IO" else chosen] = 1
        kept.append(flags)
    return np.concatenate(kept)


def setting_arrays(model: Model, drive: Drive, table: int, wiring: int) -> Arrays:
    """Return the settings of a circuit that perturbations change."""
    of, step_ms = model.coefficients, model.parameters.time_step_ms
    mossy = of.mossy or MossyStep(0.0, 0.0, 0.0, 0, 0)
    floats: Mapping[str, float] = {
        "gap": drive.gap_per_ms,
        "step_ms": step_ms,
        "spike_height": of.spike_height,
        "pc_jump": mossy.jump,
        "pc_decay": mossy.decay,
        "pause": mossy.pause,
        "mf_jump": of.synapses["mf_dcn"].jump / UNITS_PER_WEIGHT,
    }
    values: Mapping[str, Any] = {
        "seed": np.uint64(model.seed).astype(np.int64),
        "learns": learns(drive),
        "learns_at_dcn": learns_at_dcn(drive, of.mossy),
        "mf_is_plastic": of.mossy is not None,
        "mf_ltp": mossy.ltp,
        "mf_ltd": mossy.ltd,
        "memory": 1 if of.rule is None else of.rule.memory_steps(step_ms),
        "pf_refractory": of.pf_refractory,
        "table": table,
        "wiring": wiring,
        **{f"hold_{name}": of.cells[name].hold_steps for name in NEURONS},
        **{f"delay_{name}": of.synapses[name].delay for name in CLASSES},
        **{f"connected_{name}": name not in drive.cut for name in CLASSES},
    }
    return {
        "wholes": np.array([values[name] for name in WHOLES], np.int64),
        "floats": np.array([floats[name] for name in FLOATS]),
        "bias": io_bias(drive, model.circuit.io_bias_offset),
    }


def table_arrays() -> Arrays:
    """Return the table of normal numbers."""
    return dict(zip(("base", "slope"), normal_table(), strict=True))


def state_from_device(
    model: Model, arrays: Arrays, shape: Structure, rest: State, step: int
) -> State:
    """Return the state of a circuit; `rest` holds what the host has advanced: MF and rates."""
    n, history = shape.sizes, model.coefficients.history
    cells, recent = {}, {"MF": rest.recent["MF"]}
    for name in NEURONS:
        own = slice(shape.first_cell[name], shape.first_cell[name] + n[name])
        cells[name] = CellState(arrays["v"][own].copy(), arrays["theta"][own].copy())
    conductances = {}
    for name, (_, target) in SYNAPSE_CLASSES.items():
        first = shape.first_cell[target]
        conductances[name] = arrays["g"][SLOTS[name], first : first + n[target]].copy()
    for k, name in enumerate(RINGS):
        if name == "PF":
            recent[name] = _recent_of_fibers(arrays["recent"], step - history[name])
        else:
            recent[name] = _recent_of_ring(arrays, k, name, step, history[name], shape)
    inputs = rest.inputs.copy()
    inputs.pf = FiberState(*(row.copy() for row in arrays["fibers"]))
    where = arrays["where"]
    return State(
        step=step,
        cells=cells,
        conductances=conductances,
        recent={name: recent[name] for name in rest.recent},
        inputs=inputs,
        last_cf=arrays["last_cf"].copy(),
        last_pf=arrays["last_pf"].copy(),
        last_pc=arrays["last_pc"].copy(),
        weights=arrays["weights"][where].reshape(n["PC"], -1),
        mf_weights=arrays["mf_weights"].copy(),
        pc_rate_Hz=arrays["pc_rate_Hz"].copy(),
    )


def _recent_of_fibers(recent: npt.NDArray[np.int64], first: int) -> RecentSpikes:
    slots, ids = np.nonzero(recent >= first)
    steps = recent[slots, ids]
    order = np.lexsort((ids, steps))
    return RecentSpikes(steps[order], ids[order].astype(np.int32))


def _recent_of_ring(
    arrays: Arrays, k: int, name: str, step: int, history: int, shape: Structure
) -> RecentSpikes:
    slots, first, size = shape.ring[k], shape.ring_first[k], shape.sizes[name]
    found = []
    for emitted in range(step - history, step):
        at = emitted % slots
        row = first + at * size
        found.append(np.sort(arrays["ring"][row : row + arrays["counts"][k, at]]))
    counts = [len(ids) for ids in found]
    steps = np.repeat(np.arange(step - history, step, dtype=np.int64), counts)
    return RecentSpikes(steps, np.concatenate([np.zeros(0, np.int32), *found]).astype(np.int32))
