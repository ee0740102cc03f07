"""Arguments of compiled code, by name; connections and weights are in `wire_types`.

None and arrays are distinguished at compile time; everything else, including the plasticity
rule, is a run-time value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.spike_log import SpikeLog
from cerebella.olive.step_coefficients import CellStep, MossyStep, SynapseStep

IntArray = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

TILE = 16
"""Cells advanced together, enough to hide the latency of divisions."""

MOST_STEPS = 64
"""Maximum number of steps through which a tile advances at once."""


class RuleEvent(NamedTuple):
    """A compiled function of a rule of plasticity.

    Attributes
    ----------
    acts : bool
        Whether it is part of the rule.
    varies : bool
        Whether changes depend on times since CF or PC spikes.
    by_cell : bool
        Whether changes depend on times since PC spikes.
    paired : int
        A value of `cerebella.olive.rules.events.Paired`.
    number : int
        Its place among the events, from 1.
    values : ndarray of float64
        Parameters of the function.
    address : int
        The function; see `cerebella.olive.engines.compiled_rules.compiled_change`.
    """

    acts: bool
    varies: bool
    by_cell: bool
    paired: int
    number: int
    values: Floats
    address: int


class LoopSettings(NamedTuple):
    """Settings of a block: connected classes and the rule of plasticity.

    Attributes
    ----------
    pf_purkinje, bc_purkinje, cf_purkinje, purkinje_dcn, mf_dcn, dcn_io : bool
        Whether spikes of a class arrive.
    gap : float
        Conductance of a gap junction in 1/ms.
    spike_height : float
        As in `cerebella.olive.step_coefficients.StepCoefficients`.
    learns, learns_at_dcn : bool
        Whether weights of PF→PC and of MF→DCN change.
    cells_per_io : int
        Number of PCs per climbing fiber.
    step_ms : float
        Time step in ms.
    memory : int
        Steps for which PF spikes are remembered by the rule.
    marks_pfs, marks_pcs : bool
        Whether the last spikes of PFs and PCs must be stored.
    on_pf, on_cf, on_pc : RuleEvent
        The events of the rule.
    """

    pf_purkinje: bool
    bc_purkinje: bool
    cf_purkinje: bool
    purkinje_dcn: bool
    mf_dcn: bool
    dcn_io: bool
    gap: float
    spike_height: float
    learns: bool
    learns_at_dcn: bool
    cells_per_io: int
    step_ms: float
    memory: int
    marks_pfs: bool
    marks_pcs: bool
    on_pf: RuleEvent
    on_cf: RuleEvent
    on_pc: RuleEvent


class LoopLogs(NamedTuple):
    """Spikes by population; PC, DCN and IO are filled from the first step of a block on."""

    pf: SpikeLog
    mf: SpikeLog
    bc: SpikeLog
    purkinje: SpikeLog
    dcn: SpikeLog
    io: SpikeLog


class Memory(NamedTuple):
    """Memory of plasticity.

    Attributes
    ----------
    last_cf, last_pf, last_pc : ndarray of int64
        As in `cerebella.olive.state.State`.
    counting : ndarray of int32
        0, 1, 2, …, as many as there are PFs, or steps of the rule's memory.
    ages : ndarray of int32, shape (n PF,)
        Buffer for ages of last arrivals, by PF or by synapse.
    changes : ndarray of int32, as long as `counting`
        Buffer for changes, by PF, by synapse or by age.
    sums : ndarray of int64, shape (n PF,)
        Buffer for sums of changes, by PF.
    in_window, counted : ndarray of int32, shape (n PF,), and of int64, shape (1,)
        Arrivals of each PF within the rule's memory, and the step at which they were counted.
    on_pf : ndarray of int32, shape (n fibers or n PC,)
        Change by each PF spike that arrives now, in units of 2⁻²⁶.
    refused : ndarray of int64, shape (1,)
        Number of an event whose change was no number in the range of changes, or 0.
    """

    last_cf: npt.NDArray[np.int64]
    last_pf: npt.NDArray[np.int64]
    last_pc: npt.NDArray[np.int64]
    counting: IntArray
    ages: IntArray
    changes: IntArray
    sums: npt.NDArray[np.int64]
    in_window: IntArray
    counted: npt.NDArray[np.int64]
    on_pf: IntArray
    refused: npt.NDArray[np.int64]


class MossyMemory(NamedTuple):
    """Plasticity of MF→DCN.

    Attributes
    ----------
    is_plastic : bool
        Whether weights are used.
    step : MossyStep
        Coefficients of a time step.
    jump : float
        Jump of the conductance per unit of weight, in 1/ms.
    weights, pc_rate_Hz : ndarray
        As in `cerebella.olive.state.State`.
    """

    is_plastic: bool
    step: MossyStep
    jump: float
    weights: IntArray
    pc_rate_Hz: Floats


class Cells(NamedTuple):
    """Neurons of a population, padded to whole tiles.

    Attributes
    ----------
    step : CellStep
        Coefficients of a time step.
    v, theta : ndarray of float64
        Potential and threshold in mV.
    refractory_until : ndarray of int64
        Last refractory step of each cell.
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
    """Basket cells, with buffers for arrivals.

    Attributes
    ----------
    v, theta, g : ndarray of float64
        Potential and threshold in mV, conductance in 1/ms.
    scale : ndarray of float64
        Jump of the conductance in 1/ms per unit of arrivals.
    refractory_until : ndarray of int64
        Last refractory step of each cell.
    n_steps : int
        Number of steps with arrivals gathered at once.
    words, counts, total : ndarray
        Buffers for sums in bytes, int32 and float64.
    found : ndarray of int32, shape (2, capacity)
        Buffer for step and cell of spikes.
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
    found: IntArray


class WeightSums(NamedTuple):
    """Memory for sums of weights.

    Attributes
    ----------
    narrow : ndarray of int32, shape (8 · n fibers,)
        Sums of weights by fiber.
    whole : ndarray of int64, shape (n PC,)
        Sums of listed weights.
    """

    narrow: IntArray
    whole: npt.NDArray[np.int64]


class LoopScratch(NamedTuple):
    """Memory of `run_loop`. Lengths are padded to whole tiles.

    Attributes
    ----------
    from_pf, from_bc : ndarray of float64, shape (n_steps, n PC)
        Arrivals at Purkinje cells, for the number of steps through which a population is advanced
        at once.
    from_cf : ndarray of uint8, shape (n_steps, n PC)
        CF spikes at Purkinje cells.
    from_purkinje, from_mf : ndarray of float64, shape (n_steps, n DCN)
        Arrivals at DCN cells.
    from_none : ndarray of uint8, shape (n_steps, n DCN)
        Zeros.
    from_dcn, through_gaps, io_jump : ndarray of float64, shape (n IO,)
        Arrivals at IO cells, currents through gap junctions, and the jump of the conductance for an
        arrival.
    io_current : ndarray of float64, shape (1, n IO)
        Currents of IO cells.
    found : ndarray of int32, shape (2, capacity)
        Step and cell of spikes.
    sums : WeightSums
        Sums of weights.
    """

    from_pf: Floats
    from_bc: Floats
    from_cf: npt.NDArray[np.uint8]
    from_purkinje: Floats
    from_mf: Floats
    from_none: npt.NDArray[np.uint8]
    from_dcn: Floats
    through_gaps: Floats
    io_jump: Floats
    io_current: Floats
    found: IntArray
    sums: WeightSums


class LoopSynapses(NamedTuple):
    """Coefficients of each class; in classes with efficacies, the jump is per unit of 2⁻²⁶."""

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
    """Sampled potentials of a population.

    Attributes
    ----------
    cells : ndarray of int32, shape (n,)
        The cells.
    trace : ndarray of float64, or None
        Buffer for the potentials of all cells in several steps; None if no cell is sampled.
    values : ndarray of float32, shape (n_samples, n)
        Output for the samples of the block.
    """

    cells: IntArray
    trace: Floats | None
    values: npt.NDArray[np.float32]


class LoopSamples(NamedTuple):
    """Sampled potentials, and the sampling interval in steps."""

    every: int
    purkinje: Sampled
    dcn: Sampled
    io: Sampled
