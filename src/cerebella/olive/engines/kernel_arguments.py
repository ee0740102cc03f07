"""Conversion of the circuit and its state to the arguments of compiled code."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Model
from cerebella.olive.engines.kernel_types import (
    MOST_STEPS,
    TILE,
    BasketCells,
    Cells,
    IntArray,
    LoopCells,
    LoopPulls,
    LoopScratch,
    LoopSettings,
    LoopSynapses,
    Memory,
    MossyMemory,
    RuleEvent,
    WeightSums,
)
from cerebella.olive.engines.wire_types import (
    CELLS_PER_FIBER,
    BasketToPurkinje,
    BasketWires,
    FiberWeights,
    GapJunctions,
    ListedWeights,
    Lists,
    LoopWires,
)
from cerebella.olive.perturbations import Drive, learns, learns_at_dcn
from cerebella.olive.rules.events import LAST_PF
from cerebella.olive.state import LONG_AGO, CellState, State
from cerebella.olive.step_coefficients import MossyStep, SynapseStep
from cerebella.olive.wiring import UNITS_PER_WEIGHT, efficacy_units
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

DENSE_FROM = 1 / 20
"""Connection density above which rows for all targets are faster than lists."""

BY_FIBER_FROM = 1 / 12
"""Connection density above which weights by climbing fiber are faster than lists."""

_NEAR_BYTES = 1 << 16
"""Size in bytes of the buffer of arrivals at basket cells."""

LOOP_POPULATIONS: tuple[str, ...] = ("PC", "DCN", "IO")
LOOP_CLASSES = LoopSynapses._fields
"""Grouped by target, in the order of the populations."""

_WEIGHTED = ("pf_purkinje", "bc_purkinje", "pf_bc")
"""Classes whose synapses have efficacies, in units of 2⁻²⁶."""


_NO_LISTS = Lists(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint16))


def loop_settings(model: Model, events: Sequence[RuleEvent], drive: Drive) -> LoopSettings:
    """Return the settings of a block, given the compiled events of the rule of plasticity."""
    rule, step_ms = model.coefficients.rule, model.parameters.time_step_ms
    n = model.circuit.sizes
    connected = {name: name not in drive.cut for name in LOOP_CLASSES}
    return LoopSettings(
        **connected,
        gap=drive.gap_per_ms,
        spike_height=model.coefficients.spike_height,
        learns=learns(drive),
        learns_at_dcn=learns_at_dcn(drive, model.coefficients.mossy),
        cells_per_io=n["PC"] // n["IO"],
        step_ms=step_ms,
        memory=1 if rule is None else rule.memory_steps(step_ms),
        marks_pfs=rule is not None and rule.takes(LAST_PF),
        marks_pcs=rule is not None and rule.takes("since_pc_ms"),
        on_pf=events[0],
        on_cf=events[1],
        on_pc=events[2],
    )


def loop_memory(model: Model, state: State, fibers: FiberWeights | None) -> Memory:
    """Return the memory of plasticity; `state` shares the times of the last spikes."""
    n, rule, step_ms = model.circuit.sizes, model.coefficients.rule, model.parameters.time_step_ms
    n_steps = 1 if rule is None else max(1, rule.history(step_ms))
    n_columns = n["PC"] if fibers is None else len(fibers.rows) // n["PF"]
    return Memory(
        last_cf=state.last_cf,
        last_pf=state.last_pf,
        last_pc=state.last_pc,
        counting=np.arange(max(n["PF"], n_steps), dtype=np.int32),
        ages=np.zeros(n["PF"], dtype=np.int32),
        changes=np.zeros(max(n["PF"], n_steps), dtype=np.int32),
        sums=np.zeros(n["PF"], dtype=np.int64),
        in_window=np.zeros(n["PF"], dtype=np.int32),
        counted=np.full(1, LONG_AGO),
        on_pf=np.zeros(n_columns, dtype=np.int32),
        refused=np.zeros(1, dtype=np.int64),
    )


def mossy_memory(model: Model, state: State) -> MossyMemory:
    """Return the plasticity of MF→DCN; `state` shares weights and rates."""
    of = model.coefficients
    return MossyMemory(
        is_plastic=of.mossy is not None,
        step=of.mossy or MossyStep(0.0, 0.0, 0.0, 0, 0),
        jump=of.synapses["mf_dcn"].jump / UNITS_PER_WEIGHT,
        weights=state.mf_weights,
        pc_rate_Hz=state.pc_rate_Hz,
    )


def loop_cells(model: Model, state: State) -> LoopCells:
    """Return the neurons of the loop for `run_loop`.

    `state` then shares their arrays.
    """
    populations = []
    for name in LOOP_POPULATIONS:
        classes = [synapse for synapse in LOOP_CLASSES if SYNAPSE_CLASSES[synapse][1] == name]
        g = [state.conductances[synapse] for synapse in classes]
        n = model.circuit.sizes[name]
        n_empty = 1 if name == "DCN" else 0  # padding to three classes
        v, theta, *g = _placed([*state.cells[name], *g], n, n_empty)
        state.cells[name] = CellState(v[:n], theta[:n])
        state.conductances |= {x: values[:n] for x, values in zip(classes, g, strict=False)}
        refractory_until = np.zeros(len(v), dtype=np.int64)
        step = model.coefficients.cells[name]
        populations.append(Cells(step, v, theta, refractory_until, tuple(g)))
    return LoopCells(*populations)


def loop_scratch(model: Model, cells: LoopCells, fibers: FiberWeights | None) -> LoopScratch:
    """Return memory for the arrivals of the steps through which a population is advanced at once.

    No spike returns to its population within them, by the shortest delay; if Purkinje cells that
    fire change weights in the next step, it is one step.
    """
    synapses, rule = model.coefficients.synapses, model.coefficients.rule
    delays = (synapses[name].delay for name in ("purkinje_dcn", "dcn_io", "cf_purkinje"))
    n_steps = min(MOST_STEPS, *delays)
    if rule is not None and (rule.on_pc is not None or rule.takes("since_pc_ms")):
        n_steps = 1
    n_pc, n_dcn, n_io = (len(one.v) for one in cells)
    of_pc, of_dcn = (n_steps, n_pc), (n_steps, n_dcn)
    n_fibers = 0 if fibers is None else len(fibers.rows) // model.circuit.sizes["PF"]
    sums = WeightSums(
        np.zeros(n_fibers * CELLS_PER_FIBER, dtype=np.int32), np.zeros(n_pc, dtype=np.int64)
    )
    return LoopScratch(
        from_pf=np.zeros(of_pc),
        from_bc=np.zeros(of_pc),
        from_cf=np.zeros(of_pc, dtype=np.uint8),
        from_purkinje=np.zeros(of_dcn),
        from_mf=np.zeros(of_dcn),
        from_none=np.zeros(of_dcn, dtype=np.uint8),
        from_dcn=np.zeros(n_io),
        through_gaps=np.zeros(n_io),
        io_jump=np.full(n_io, per_unit(model, "dcn_io").jump),
        io_current=np.zeros((1, n_io)),
        found=np.empty((2, n_steps * n_pc), dtype=np.int32),
        sums=sums,
    )


def basket_cells(model: Model, state: State) -> BasketCells:
    """Return the basket cells for `run_basket_cells`.

    `state` then shares their arrays.
    """
    n = model.circuit.sizes["BC"]
    v, theta, g, scale = _placed([*state.cells["BC"], state.conductances["pf_bc"]], n, 1)
    state.cells["BC"], state.conductances["pf_bc"] = CellState(v[:n], theta[:n]), g[:n]
    scale[:n] = basket_scale(model)
    n_bytes = 4 * _row_bytes(n)
    weighted = model.circuit.pf_bc_factor.ndim == 2
    in_bytes = not weighted and _is_dense(model.circuit.pf_of_bc, model.circuit.sizes["PF"])
    n_steps = max(1, min(MOST_STEPS, _NEAR_BYTES // (n_bytes if in_bytes else 8 * n)))
    refractory_until = np.zeros(len(v), dtype=np.int64)
    words = np.zeros(n_steps * n_bytes // 8, dtype=np.uint64)
    counts = np.zeros(n_steps * n_bytes, dtype=np.int32)
    total = np.zeros(n_steps * len(v))
    most = len(v) * (n_steps // (model.coefficients.cells["BC"].hold_steps + 1) + 1)
    found = np.empty((2, most), dtype=np.int32)
    return BasketCells(v, theta, g, scale, refractory_until, n_steps, words, counts, total, found)


def _placed(arrays: Sequence[npt.NDArray], n: int, n_empty: int) -> list[npt.NDArray]:
    """Copy arrays (n,) to padded memory for whole tiles, and add empty ones.

    Their offsets within a memory page differ, since a load is delayed by an earlier store if
    their addresses agree in the last 12 bits. The padding is NaN, which never reaches a
    threshold.
    """
    n_bytes, page, stagger = 8 * up_to(TILE, n), 4096, 576
    starts = np.arange(len(arrays) + n_empty) * (up_to(page, n_bytes) + stagger)
    room = np.zeros(starts[-1] + n_bytes + page, dtype=np.uint8)
    starts += -room.ctypes.data % page
    placed = [room[start : start + n_bytes].view(np.float64) for start in starts]
    for values, array in zip(arrays, placed, strict=False):
        array[:n], array[n:] = values, np.nan
    return placed


def loop_synapses(model: Model) -> LoopSynapses:
    """Return the coefficients of the loop's classes, with the jump per unit of efficacy."""
    return LoopSynapses(*(per_unit(model, synapse) for synapse in LOOP_CLASSES))


def loop_pulls(model: Model) -> LoopPulls:
    """Return half a time step times the reversal potential of each class of the loop."""
    return LoopPulls(*(pull(model, synapse) for synapse in LOOP_CLASSES))


def pull(model: Model, synapse: str) -> float | None:
    """Return half a time step times the reversal potential, mV ms; None for 0, which is faster."""
    half = model.coefficients.cells[SYNAPSE_CLASSES[synapse][1]].half
    return half * model.coefficients.synapses[synapse].reversal or None


def per_unit(model: Model, synapse: str) -> SynapseStep:
    """Return the coefficients of a class, with the jump per unit of efficacy."""
    step = model.coefficients.synapses[synapse]
    return step._replace(jump=step.jump / UNITS_PER_WEIGHT) if synapse in _WEIGHTED else step


def basket_scale(model: Model) -> npt.NDArray[np.float64]:
    """Return the jump of each BC's conductance per unit of arrivals, (n BC,) 1/ms."""
    factor = model.circuit.pf_bc_factor
    if factor.ndim == 1:
        return model.coefficients.synapses["pf_bc"].jump * factor
    return np.full(len(factor), per_unit(model, "pf_bc").jump)


def basket_wires(model: Model) -> tuple[BasketWires, npt.NDArray[np.float64] | None]:
    """Return the connections PF→BC, and the efficacies of listed synapses, if not uniform."""
    circuit = model.circuit
    n_pf = circuit.sizes["PF"]
    no_rows = np.zeros((0, 0), dtype=np.uint64)
    if circuit.pf_bc_factor.ndim == 1 and _is_dense(circuit.pf_of_bc, n_pf):
        return BasketWires(_rows(circuit.pf_of_bc, n_pf), *_NO_LISTS), None
    lists, order = lists_of(circuit.pf_of_bc, n_pf)
    if circuit.pf_bc_factor.ndim == 1:
        return BasketWires(no_rows, *lists), None
    efficacies = efficacy_units(circuit.pf_bc_factor).ravel()[order].astype(np.float64)
    return BasketWires(no_rows, *lists), efficacies


def loop_wires(model: Model) -> LoopWires:
    """Return the connections of the loop."""
    circuit, n = model.circuit, model.circuit.sizes
    bc_lists, bc_order = lists_of(circuit.bc_of_purkinje, n["BC"])
    efficacies = efficacy_units(circuit.bc_purkinje_factor)
    bc_rows = np.zeros((0, 0), dtype=np.int32)
    if _is_dense(circuit.bc_of_purkinje, n["BC"]):
        bc_rows = _in_lines((n["BC"], up_to(TILE, n["PC"])), np.int32)
        bc_rows[circuit.bc_of_purkinje, np.arange(n["PC"])[:, None]] = efficacies
    listed = efficacies.ravel()[bc_order].astype(np.float64)
    return LoopWires(
        bc_purkinje=BasketToPurkinje(bc_rows, *bc_lists, listed),
        purkinje_dcn=lists_of(circuit.purkinje_of_dcn, n["PC"])[0],
        mf_dcn=lists_of(circuit.mf_of_dcn[:, None], n["MF"])[0],
        dcn_io=lists_of(circuit.dcn_of_io, n["DCN"])[0],
        gaps=GapJunctions(*circuit.gaps.T.astype(np.uint32, order="C")),
    )


def plastic_weights(
    weights: IntArray, model: Model
) -> tuple[FiberWeights | None, ListedWeights | None]:
    """Arrange the weights (n PC, fan-in) by fiber or as lists; the other one is None."""
    sources, n_pf = model.circuit.pf_of_purkinje, model.circuit.sizes["PF"]
    if not _is_by_fiber(model):
        (starts, targets), order = lists_of(sources, n_pf)
        rule = model.coefficients.rule
        if rule is not None and rule.on_pc is not None:  # changes are more than arrivals
            flat, places, where = weights.flatten(), order.astype(np.int32), None
        else:
            flat, places, where = weights.ravel()[order], None, np.empty(order.size, np.int32)
            where[order] = np.arange(order.size, dtype=np.int32)
        return None, ListedWeights(flat, starts, targets, places, where, sources)
    masks = _in_lines((256, CELLS_PER_FIBER), np.int32)
    masks[:] = -(np.arange(256)[:, None] >> np.arange(CELLS_PER_FIBER) & 1)
    rows = _in_lines((n_pf, up_to(CELLS_PER_FIBER, model.circuit.sizes["IO"])), np.int32)
    contacts = _in_lines(rows.shape, np.uint16)
    for purkinje, (of_purkinje, fiber) in enumerate(
        zip(sources, model.circuit.io_of_purkinje, strict=True)
    ):
        rows[of_purkinje, fiber] = weights[purkinje]
        contacts[of_purkinje, fiber] |= np.uint16(CELLS_PER_FIBER << purkinje % CELLS_PER_FIBER)
    return FiberWeights(rows.ravel(), contacts.ravel(), masks), None


def _is_by_fiber(model: Model) -> bool:
    """Return whether weights can be stored by PF and climbing fiber, and are dense enough."""
    n, fan_in = model.circuit.sizes, model.circuit.pf_of_purkinje.shape[1]
    fits = n["PC"] == CELLS_PER_FIBER * n["IO"] and fan_in >= BY_FIBER_FROM * n["PF"]
    rule = model.coefficients.rule
    return fits and (rule is None or not rule.is_by_cell)


def _in_lines(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray:
    """Return zeros aligned to cache lines, so that rows span as few lines as possible."""
    line, n_bytes = 64, math.prod(shape) * np.dtype(dtype).itemsize
    room = np.zeros(n_bytes + line, dtype=np.uint8)
    start = -room.ctypes.data % line
    return room[start : start + n_bytes].view(dtype).reshape(shape)


def up_to(multiple: int, n: int) -> int:
    """Return `n` rounded up to a multiple."""
    return -(-n // multiple) * multiple


def _is_dense(sources: IntArray, n_sources: int) -> bool:
    return sources.shape[1] >= DENSE_FROM * n_sources


def _row_bytes(n_targets: int) -> int:
    """Return the length in bytes of a row of 2-bit fields, in whole lanes."""
    return up_to(32, -(-n_targets // 4))


def _rows(sources: IntArray, n_sources: int) -> npt.NDArray[np.uint64]:
    """Return the connection matrix in 2-bit fields, (n sources + 1, n words); the last row is 0.

    Target i is field i // n bytes of byte i % n bytes of a row.
    """
    n_targets = len(sources)
    n_bytes = _row_bytes(n_targets)
    rows = _in_lines((n_sources + 1, n_bytes), np.uint8)
    for target, of_target in enumerate(sources):
        rows[of_target, target % n_bytes] |= np.uint8(1 << 2 * (target // n_bytes))
    return rows.view(np.uint64)


def lists_of(sources: IntArray, n_sources: int) -> tuple[Lists, npt.NDArray[np.int64]]:
    """Convert the sources of each target to the targets of each source.

    The second array holds the index of each listed synapse in the flattened `sources`.
    """
    n_targets, fan_in = sources.shape
    order = np.argsort(sources, axis=None, kind="stable")
    small = np.uint16 if n_targets <= 1 << 16 else np.uint32
    return Lists(_starts(sources.ravel(), n_sources), (order // fan_in).astype(small)), order


def _starts(sources: npt.NDArray[np.integer], n_sources: int) -> npt.NDArray[np.int64]:
    counts = np.bincount(sources, minlength=n_sources)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
