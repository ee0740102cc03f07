"""The circuit and its state in the arrays that compiled code takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.drive import Drive
from cerebella.olive.engines.engine import Model
from cerebella.olive.engines.kernels import NO_SYNAPSE
from cerebella.olive.state import State
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit, efficacy_units
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

DENSE_FROM = 1 / 20
"""Least fraction of existing synapses at which a dense matrix is faster than lists."""

IntArray = npt.NDArray[np.int32]


class LoopCells(NamedTuple):
    """Purkinje, nuclear and olivary cells, one after the other, during one block.

    Attributes
    ----------
    sizes : cells of each of the three populations.
    v, theta, hold, leak, leak_drive, rest, decay : (n cells,)
    g, scale : conductances of all classes, one after the other, and what turns arrivals into
        their jumps.
    starts, shifts, reversals, decays : of each class, its first conductance (and the end of
        the last), how far its target cell lies from it, reversal and decay.
    delays : of each class.
    """

    sizes: tuple[int, int, int]
    v: npt.NDArray[np.float64]
    theta: npt.NDArray[np.float64]
    hold: npt.NDArray[np.int64]
    leak: npt.NDArray[np.float64]
    leak_drive: npt.NDArray[np.float64]
    rest: npt.NDArray[np.float64]
    decay: npt.NDArray[np.float64]
    g: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    shifts: npt.NDArray[np.int64]
    reversals: npt.NDArray[np.float64]
    decays: npt.NDArray[np.float64]
    delays: tuple[int, ...]


LOOP_POPULATIONS: tuple[str, ...] = ("PKJ", "DCN", "IO")
LOOP_CLASSES = ("pf_pkj", "bc_pkj", "cf_pkj", "pkj_dcn", "mf_dcn", "dcn_io")
"""Grouped by target, in the order of the populations."""


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
    bc_pkj : has efficacies last.
    gaps : cells and partners, both sides of each gap junction.
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


def loop_cells(model: Model, state: State) -> LoopCells:
    """Return the arrays of the loop, of which those of `state` become parts."""
    constants, sizes = model.constants, model.circuit.sizes
    n = [sizes[name] for name in LOOP_POPULATIONS]
    steps = [constants.cells[name] for name in LOOP_POPULATIONS]
    joined = {
        variable: _joined(state, [f"{name}.{variable}" for name in LOOP_POPULATIONS])
        for variable in ("v", "theta", "hold")
    }
    g = _joined(state, [f"g.{synapse}" for synapse in LOOP_CLASSES])
    targets = [SYNAPSE_CLASSES[synapse][1] for synapse in LOOP_CLASSES]
    starts = np.concatenate([[0], np.cumsum([sizes[target] for target in targets])])
    first_cell = dict(zip(LOOP_POPULATIONS, np.cumsum([0, *n]), strict=False))
    synapses = [constants.synapses[synapse] for synapse in LOOP_CLASSES]
    return LoopCells(
        sizes=(n[0], n[1], n[2]),
        **joined,
        leak=np.repeat([step.leak for step in steps], n),
        leak_drive=np.repeat([step.leak_drive for step in steps], n),
        rest=np.repeat([step.threshold for step in steps], n),
        decay=np.repeat([step.threshold_decay for step in steps], n),
        g=g,
        scale=np.concatenate([jump_scale(model, synapse) for synapse in LOOP_CLASSES]),
        starts=starts,
        shifts=np.array([first_cell[t] - s for t, s in zip(targets, starts, strict=False)]),
        reversals=np.array([step.reversal for step in synapses]),
        decays=np.array([step.decay for step in synapses]),
        delays=tuple(step.delay for step in synapses),
    )


def _joined(state: State, names: list[str]) -> npt.NDArray:
    """Join arrays of a state; in the state they become views of the result."""
    whole = np.concatenate([state[name] for name in names])
    ends = np.cumsum([len(state[name]) for name in names])
    for name, part in zip(names, np.split(whole, ends[:-1]), strict=True):
        state[name] = part
    return whole


def jump_scale(model: Model, synapse: str) -> npt.NDArray[np.float64]:
    """Return what turns sums of efficacies into jumps of the conductances, (n target,) 1/ms."""
    jump, factor = model.constants.synapses[synapse].jump, model.circuit.pf_bc_factor
    n = model.circuit.sizes[SYNAPSE_CLASSES[synapse][1]]
    if synapse == "pf_bc" and factor.ndim == 1:
        return jump * factor
    weighted = synapse in ("pf_pkj", "bc_pkj", "pf_bc")
    return np.full(n, jump / UNITS_PER_WEIGHT if weighted else jump)


def basket_wires(model: Model) -> tuple[npt.NDArray, ...]:
    """Return (rows, starts, targets, efficacies) of PF→BC."""
    circuit = model.circuit
    n_pf = circuit.sizes["PF"]
    starts, targets, order = _lists(circuit.pf_of_bc, n_pf)
    if circuit.pf_bc_factor.ndim == 2:
        efficacies = efficacy_units(circuit.pf_bc_factor).ravel()[order].astype(np.float64)
        return np.zeros((0, 0), dtype=np.uint8), starts, targets, efficacies
    rows = np.zeros((0, 0), dtype=np.uint8)
    if _is_dense(circuit.pf_of_bc, n_pf):
        rows = _rows(circuit.pf_of_bc, n_pf)
    return rows, starts, targets, np.zeros(0)


def loop_wires(circuit: Circuit) -> tuple[LoopWires, IntArray]:
    """Return the connections of the loop, and the place of each weight in the flat weights.

    Flat weights are a matrix (n PF, n PKJ) with empty places where synapses are many, a list
    where they are few; the places are (n PKJ, fan-in) int32.
    """
    n = circuit.sizes
    starts, targets, order = _lists(circuit.pf_of_pkj, n["PF"])
    if _is_dense(circuit.pf_of_pkj, n["PF"]):
        columns = np.arange(n["PKJ"], dtype=np.int32)[:, None]
        where = circuit.pf_of_pkj * np.int32(n["PKJ"]) + columns
    else:
        where = np.empty(circuit.pf_of_pkj.shape, dtype=np.int32)
        where.ravel()[order] = np.arange(order.size, dtype=np.int32)
    bc_starts, bc_targets, bc_order = _lists(circuit.bc_of_pkj, n["BC"])
    efficacies = efficacy_units(circuit.bc_pkj_factor).ravel()[bc_order].astype(np.float64)
    wires = LoopWires(
        pf_pkj=(starts, targets),
        bc_pkj=(bc_starts, bc_targets, efficacies),
        pkj_dcn=_lists(circuit.pkj_of_dcn, n["PKJ"])[:2],
        mf_dcn=_lists(circuit.mf_of_dcn[:, None], n["MF"])[:2],
        dcn_io=_lists(circuit.dcn_of_io, n["DCN"])[:2],
        gaps=tuple(np.ascontiguousarray(circuit.gaps.T)),
    )
    return wires, where


def spread_weights(weights: IntArray, circuit: Circuit, where: IntArray) -> IntArray:
    """Return weights (n PKJ, fan-in) in their flat places."""
    n_pf, n_pkj = circuit.sizes["PF"], circuit.sizes["PKJ"]
    dense = _is_dense(circuit.pf_of_pkj, n_pf)
    flat = np.full(n_pf * n_pkj if dense else where.size, NO_SYNAPSE, dtype=np.int32)
    flat[where] = weights
    return flat


def _is_dense(sources: IntArray, n_sources: int) -> bool:
    return sources.shape[1] >= DENSE_FROM * n_sources


def _rows(sources: IntArray, n_sources: int) -> npt.NDArray[np.uint8]:
    """Return the matrix (n sources, n targets) of 0 and 1."""
    rows = np.zeros((n_sources, len(sources)), dtype=np.uint8)
    rows[sources, np.arange(len(sources))[:, None]] = 1
    return rows


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
