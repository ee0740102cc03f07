"""The circuit and its state in the arrays that compiled code takes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.constants import SynapseStep
from cerebella.olive.drive import Drive
from cerebella.olive.engines.engine import Model
from cerebella.olive.engines.weight_kernels import NO_SYNAPSE
from cerebella.olive.state import State
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit, efficacy_units
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

DENSE_FROM = 1 / 20
"""Least fraction of existing synapses at which a dense matrix is faster than lists."""

IntArray = npt.NDArray[np.int32]


LOOP_POPULATIONS: tuple[str, ...] = ("PKJ", "DCN", "IO")
LOOP_CLASSES = ("pf_pkj", "bc_pkj", "cf_pkj", "pkj_dcn", "mf_dcn", "dcn_io")
"""Grouped by target, in the order of the populations."""

_WEIGHTED = ("pf_pkj", "bc_pkj", "pf_bc")
"""Classes whose synapses have efficacies, in units of 2⁻²⁶."""


_NO_LISTS = (np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint16))


class LoopRules(NamedTuple):
    """What holds during a block: which classes are connected, and how weights change."""

    pf_pkj: bool
    bc_pkj: bool
    cf_pkj: bool
    pkj_dcn: bool
    mf_dcn: bool
    dcn_io: bool
    gap: float
    learns: bool
    pairs: bool
    ltp: int
    ltd: int
    window: int
    pair_window: int


class LoopWires(NamedTuple):
    """Connections of the loop as lists (starts, targets) from source to target.

    Attributes
    ----------
    bc_pkj : (rows, starts, targets, efficacies); rows are a matrix (n BC + 1, n PKJ) of
        efficacies with an empty last row,        or empty where synapses are few.
    gaps : (starts, partners) of each IO cell.
    """

    pf_pkj: tuple[npt.NDArray, ...]
    bc_pkj: tuple[npt.NDArray, ...]
    pkj_dcn: tuple[npt.NDArray, ...]
    mf_dcn: tuple[npt.NDArray, ...]
    dcn_io: tuple[npt.NDArray, ...]
    gaps: tuple[npt.NDArray, ...]


def loop_rules(model: Model, drive: Drive) -> LoopRules:
    """Return the rules of a block."""
    constants, rule = model.constants, model.parameters.plasticity.rule
    connected = {name: name not in drive.cut for name in SYNAPSE_CLASSES if name != "pf_bc"}
    return LoopRules(
        **connected,
        gap=drive.gap_per_ms,
        learns=drive.plasticity and connected["pf_pkj"],
        pairs=rule == "pair",
        ltp=constants.ltp,
        ltd=constants.ltd,
        window=constants.window,
        pair_window=constants.pair_window,
    )


def loop_cells(model: Model, state: State) -> tuple[tuple[Any, ...], ...]:
    """Return the arrays of the loop's populations as `run_loop` takes them.

    Those of `state` become theirs.
    """
    populations = []
    for name in LOOP_POPULATIONS:
        classes = [synapse for synapse in LOOP_CLASSES if SYNAPSE_CLASSES[synapse][1] == name]
        names = [f"{name}.v", f"{name}.theta", *(f"g.{synapse}" for synapse in classes)]
        empty = np.zeros(model.circuit.sizes[name])
        placed = _apart([*(state[x] for x in names), empty, *(empty for _ in classes)])
        state.update(zip(names, placed, strict=False))
        v, theta, *g = placed[: len(names)]
        current, *arrived = placed[len(names) :]
        pairs = [array for pair in zip(g, arrived, strict=True) for array in pair]
        populations.append((model.constants.cells[name], v, theta, current, *pairs))
    return tuple(populations)


def basket_cells(model: Model, state: State) -> tuple[npt.NDArray, ...]:
    """Return the arrays of the basket cells as `run_basket_cells` takes them.

    Those of `state` become theirs.
    """
    names = ["BC.v", "BC.theta", "g.pf_bc"]
    scale = _basket_scale(model)
    counts = np.zeros(_row_bytes(len(scale)) // 2)  # a byte for each cell
    empty = np.zeros_like(scale)
    placed = _apart([*(state[x] for x in names), scale, empty, counts, empty])
    state.update(zip(names, placed, strict=False))
    return (*placed[:5], placed[5].view(np.uint64), placed[6])


def _apart(arrays: list[npt.NDArray[np.float64]]) -> list[npt.NDArray[np.float64]]:
    """Copy arrays to places that differ within a page of memory.

    Processors let a load wait for an earlier store if their addresses agree in the last 12 bits.
    A loop over arrays of 512 numbers that begin at the same place of a page takes twice as long.
    """
    page, stagger = 4096, 576
    starts = np.cumsum([0, *(-(-x.nbytes // page) * page + stagger for x in arrays)])
    room = np.zeros(starts[-1] + page, dtype=np.uint8)
    starts += -room.ctypes.data % page
    placed = [
        room[start : start + x.nbytes].view(x.dtype)
        for start, x in zip(starts, arrays, strict=False)
    ]
    for new, old in zip(placed, arrays, strict=True):
        new[:] = old
    return placed


def loop_synapses(model: Model) -> tuple[SynapseStep, ...]:
    """Return the constants of the loop's classes, with the jump for one unit of efficacy."""
    return tuple(_per_unit(model, synapse) for synapse in LOOP_CLASSES)


def _per_unit(model: Model, synapse: str) -> SynapseStep:
    step = model.constants.synapses[synapse]
    return step._replace(jump=step.jump / UNITS_PER_WEIGHT) if synapse in _WEIGHTED else step


def _basket_scale(model: Model) -> npt.NDArray[np.float64]:
    """Return what turns what arrives at each BC into jumps of its conductance, (n BC,) 1/ms."""
    factor = model.circuit.pf_bc_factor
    if factor.ndim == 1:
        return model.constants.synapses["pf_bc"].jump * factor
    return np.full(len(factor), _per_unit(model, "pf_bc").jump)


def basket_wires(model: Model) -> tuple[npt.NDArray, ...]:
    """Return (rows of two bits, starts, targets, efficacies) of PF→BC."""
    circuit = model.circuit
    n_pf = circuit.sizes["PF"]
    no_rows, no_efficacies = np.zeros((0, 0), dtype=np.uint64), np.zeros(0)
    if circuit.pf_bc_factor.ndim == 1 and _is_dense(circuit.pf_of_bc, n_pf):
        return _rows(circuit.pf_of_bc, n_pf), *_NO_LISTS, no_efficacies
    starts, targets, order = _lists(circuit.pf_of_bc, n_pf)
    if circuit.pf_bc_factor.ndim == 1:
        return no_rows, starts, targets, no_efficacies
    efficacies = efficacy_units(circuit.pf_bc_factor).ravel()[order].astype(np.float64)
    return no_rows, starts, targets, efficacies


def loop_wires(circuit: Circuit) -> tuple[LoopWires, IntArray]:
    """Return the connections of the loop, and the place of each weight in the flat weights.

    Flat weights are a matrix (n PF + 1, n PKJ) with empty places, its last row among them, where
    synapses are many, a list where they are few; the places are (n PKJ, fan-in) int32.
    """
    n = circuit.sizes
    if _is_dense(circuit.pf_of_pkj, n["PF"]):
        starts, targets = _NO_LISTS
        columns = np.arange(n["PKJ"], dtype=np.int32)[:, None]
        where = circuit.pf_of_pkj * np.int32(n["PKJ"]) + columns
    else:
        starts, targets, order = _lists(circuit.pf_of_pkj, n["PF"])
        where = np.empty(circuit.pf_of_pkj.shape, dtype=np.int32)
        where.ravel()[order] = np.arange(order.size, dtype=np.int32)
    bc_starts, bc_targets, bc_order = _lists(circuit.bc_of_pkj, n["BC"])
    efficacies = efficacy_units(circuit.bc_pkj_factor)
    bc_rows = np.zeros((0, 0), dtype=np.int32)
    if _is_dense(circuit.bc_of_pkj, n["BC"]):
        bc_rows = np.zeros((n["BC"] + 1, n["PKJ"]), dtype=np.int32)
        bc_rows[circuit.bc_of_pkj, np.arange(n["PKJ"])[:, None]] = efficacies
    listed = efficacies.ravel()[bc_order].astype(np.float64)
    wires = LoopWires(
        pf_pkj=(starts, targets),
        bc_pkj=(bc_rows, bc_starts, bc_targets, listed),
        pkj_dcn=_lists(circuit.pkj_of_dcn, n["PKJ"])[:2],
        mf_dcn=_lists(circuit.mf_of_dcn[:, None], n["MF"])[:2],
        dcn_io=_lists(circuit.dcn_of_io, n["DCN"])[:2],
        gaps=(_starts(circuit.gaps[:, 0], n["IO"]), np.ascontiguousarray(circuit.gaps[:, 1])),
    )
    return wires, where


def spread_weights(weights: IntArray, circuit: Circuit, where: IntArray) -> IntArray:
    """Return weights (n PKJ, fan-in) in their flat places."""
    n_pf, n_pkj = circuit.sizes["PF"], circuit.sizes["PKJ"]
    dense = _is_dense(circuit.pf_of_pkj, n_pf)
    flat = np.full((n_pf + 1) * n_pkj if dense else where.size, NO_SYNAPSE, dtype=np.int32)
    flat[where] = weights
    return flat


def _is_dense(sources: IntArray, n_sources: int) -> bool:
    return sources.shape[1] >= DENSE_FROM * n_sources


def _row_bytes(n_targets: int) -> int:
    """Return the bytes of a row of two bits for each target, in whole words."""
    return 8 * -(-n_targets // 32)


def _rows(sources: IntArray, n_sources: int) -> npt.NDArray[np.uint64]:
    """Return the matrix of 0 and 1 in two bits each, (n sources + 1, n words); the last is empty.

    Target i is field i // n bytes of byte i % n bytes of a row.
    """
    n_targets = len(sources)
    n_bytes = _row_bytes(n_targets)
    rows = np.zeros((n_sources + 1, n_bytes), dtype=np.uint8)
    for target, of_target in enumerate(sources):
        rows[of_target, target % n_bytes] |= np.uint8(1 << 2 * (target // n_bytes))
    return rows.view(np.uint64)


def _lists(
    sources: IntArray, n_sources: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.integer], npt.NDArray[np.int64]]:
    """Turn the sources of each target into the targets of each source.

    Returns
    -------
    starts : (n_sources + 1,) ; targets : of source i are targets[starts[i]:starts[i + 1]] ;
    order : place of each listed synapse in the flattened `sources`.
    """
    n_targets, fan_in = sources.shape
    order = np.argsort(sources, axis=None, kind="stable")
    small = np.uint16 if n_targets <= 1 << 16 else np.uint32
    return _starts(sources.ravel(), n_sources), (order // fan_in).astype(small), order


def _starts(sources: npt.NDArray[np.integer], n_sources: int) -> npt.NDArray[np.int64]:
    counts = np.bincount(sources, minlength=n_sources)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
