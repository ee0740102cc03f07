"""Arguments of compiled code, by name.

Compiled code distinguishes None from arrays when it is compiled; everything else, the rule of
plasticity included, is a value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.spike_log import SpikeLog
from cerebella.olive.rules.rule import Change
from cerebella.olive.step_coefficients import CellStep, SynapseStep

IntArray = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class LoopSettings(NamedTuple):
    """Settings of a block: connected classes, and how weights change.

    Attributes
    ----------
    pf_purkinje, bc_purkinje, cf_purkinje, purkinje_dcn, mf_dcn, dcn_io : bool
        Whether spikes of a class arrive.
    gap : float
        Conductance of a gap junction in 1/ms.
    learns : bool
        Whether weights change.
    cells_per_io : int
        PCs of a climbing fiber.
    on_pf, on_cf, on_pc : int, Change, Change
        See `cerebella.olive.rules.rule.Changes`.
    """

    pf_purkinje: bool
    bc_purkinje: bool
    cf_purkinje: bool
    purkinje_dcn: bool
    mf_dcn: bool
    dcn_io: bool
    gap: float
    learns: bool
    cells_per_io: int
    on_pf: int
    on_cf: Change
    on_pc: Change


class LoopLogs(NamedTuple):
    """Spikes by population; PC, DCN and IO are filled from the first step of a block on."""

    pf: SpikeLog
    mf: SpikeLog
    bc: SpikeLog
    purkinje: SpikeLog
    dcn: SpikeLog
    io: SpikeLog


class Lists(NamedTuple):
    """Connections as lists: source i contacts targets[starts[i]:starts[i + 1]]."""

    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]


class BasketToPurkinje(NamedTuple):
    """Connections BC→PC.

    Attributes
    ----------
    rows : ndarray of int32, shape (n BC, n PC)
        Efficacies, with room for whole tiles; empty where synapses are few.
    starts, targets : ndarray
        As in `Lists`.
    efficacies : ndarray of float64
        Of the listed synapses.
    """

    rows: IntArray
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]
    efficacies: Floats


class BasketWires(NamedTuple):
    """Connections PF→BC.

    Attributes
    ----------
    rows : ndarray of uint64
        Two bits for each target; empty where synapses are few or have efficacies.
    starts, targets : ndarray
        As in `Lists`.
    """

    rows: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]


class GapJunctions(NamedTuple):
    """Both sides of each gap junction, as cell and partner."""

    cells: npt.NDArray[np.uint32]
    partners: npt.NDArray[np.uint32]


class LoopWires(NamedTuple):
    """Connections of the loop besides PF→PC."""

    bc_purkinje: BasketToPurkinje
    purkinje_dcn: Lists
    mf_dcn: Lists
    dcn_io: Lists
    gaps: GapJunctions


class FiberWeights(NamedTuple):
    """Weights of PF→PC by PF and climbing fiber.

    Attributes
    ----------
    rows : ndarray of int32, shape (n PF · n fibers,)
        Weight of a PF at the cells of a climbing fiber; the number of fibers is rounded up to a
        multiple of eight.
    contacts : ndarray of uint16, of the same shape
        Eight times the bits of the cells that the PF contacts.
    masks : ndarray of int32, shape (256, 8)
        For each number of eight bits eight numbers that have all bits set, or none.
    """

    rows: IntArray
    contacts: npt.NDArray[np.uint16]
    masks: IntArray


class ListedWeights(NamedTuple):
    """Weights of PF→PC as a list in the order of PFs.

    Attributes
    ----------
    flat : ndarray of int32, shape (n synapses,)
        The weights.
    starts, targets : ndarray
        As in `Lists`.
    where, sources : ndarray of int32, shape (n PC, fan-in)
        Place of each synapse in the list, and its PF.
    """

    flat: IntArray
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]
    where: IntArray
    sources: IntArray


class Memory(NamedTuple):
    """Memory of plasticity.

    Attributes
    ----------
    in_window : ndarray of int32, shape (n PF,)
        Arrivals of each PF in the window of CF spikes, up to the last step in which they were
        counted.
    counts : ndarray of int32, shape (n PF,)
        Room for other counts.
    last_cf, last_pf : ndarray of int64
        As in `cerebella.olive.state.State`.
    """

    in_window: IntArray
    counts: IntArray
    last_cf: npt.NDArray[np.int64]
    last_pf: npt.NDArray[np.int64]


class Cells(NamedTuple):
    """Neurons of a population, with room for whole tiles.

    Attributes
    ----------
    step : CellStep
        Coefficients of a time step.
    v, theta : ndarray of float64
        Potential and threshold in mV.
    refractory_until : ndarray of int64
        Last step in which a cell is held after a spike.
    g : tuple of ndarray of float64
        Conductances of each class of synapses in 1/ms.
    """

    step: CellStep
    v: Floats
    theta: Floats
    refractory_until: npt.NDArray[np.int64]
    g: tuple[Floats, ...]


class LoopCells(NamedTuple):
    """Neurons of the loop."""

    purkinje: Cells
    dcn: Cells
    io: Cells


class BasketCells(NamedTuple):
    """Basket cells, with room for what arrives.

    Attributes
    ----------
    v, theta, g : ndarray of float64
        Potential and threshold in mV, conductance in 1/ms.
    scale : ndarray of float64
        Jump of the conductance by one unit of what arrives.
    refractory_until : ndarray of int64
        Last step in which a cell is held after a spike.
    n_steps : int
        Steps whose arrivals are gathered at once.
    words, counts, total : ndarray
        Room for sums in bytes, in int32 and in float64.
    """

    v: Floats
    theta: Floats
    g: Floats
    scale: Floats
    refractory_until: npt.NDArray[np.int64]
    n_steps: int
    words: npt.NDArray[np.uint64]
    counts: IntArray
    total: Floats


class LoopSynapses(NamedTuple):
    """Coefficients of each class; those with efficacies have the jump for one unit of 2⁻²⁶."""

    pf_purkinje: SynapseStep
    bc_purkinje: SynapseStep
    cf_purkinje: SynapseStep
    purkinje_dcn: SynapseStep
    mf_dcn: SynapseStep
    dcn_io: SynapseStep


class LoopPulls(NamedTuple):
    """Half a time step times the reversal potential of each class, in mV ms; None for 0."""

    pf_purkinje: float | None
    bc_purkinje: float | None
    cf_purkinje: float | None
    purkinje_dcn: float | None
    mf_dcn: float | None
    dcn_io: float | None


class LoopCurrents(NamedTuple):
    """Currents in mV/ms: bias of each IO cell, and noise (n_steps, n), or None, by population."""

    bias: Floats
    purkinje: Floats | None
    dcn: Floats | None
    io: Floats | None


class Sampled(NamedTuple):
    """Potentials that are sampled in a population.

    Attributes
    ----------
    cells : ndarray of int32, shape (n,)
        The cells.
    trace : ndarray of float64, or None
        Room for the potentials of all cells in some steps; None if no cell is sampled.
    values : ndarray of float32, shape (n_samples, n)
        Samples of the block, to be filled.
    """

    cells: IntArray
    trace: Floats | None
    values: npt.NDArray[np.float32]


class LoopSamples(NamedTuple):
    """Potentials that are sampled, and the number of steps between samples."""

    every: int
    purkinje: Sampled
    dcn: Sampled
    io: Sampled
