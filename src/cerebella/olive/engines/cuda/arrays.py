"""Arrays of circuits on a device, by name.

The first axis of most arrays is the circuit, or the wiring, which circuits may share. The neurons
of a circuit are numbered through all populations, in the order of `NEURONS`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

CLASSES: tuple[str, ...] = tuple(SYNAPSE_CLASSES)
"""Classes of synapses, in the order of their settings."""

RINGS: tuple[str, ...] = ("PF", *NEURONS)
"""Populations whose spikes are kept in rings, one slot for each step."""

SLOTS: dict[str, int] = {
    name: sum(other[1] == target for other in list(SYNAPSE_CLASSES.values())[:k])
    for k, (name, (_, target)) in enumerate(SYNAPSE_CLASSES.items())
}
"""Place of each class among those of its target, in which engines add their conductances."""

N_SLOTS = max(SLOTS.values()) + 1

FLOATS = ("gap", "step_ms", "spike_height", "pc_jump", "pc_decay", "pause", "mf_jump")
"""Settings of a circuit that are not whole numbers."""

WHOLES = (
    "seed",
    "learns",
    "learns_at_dcn",
    "mf_is_plastic",
    "mf_ltp",
    "mf_ltd",
    "memory",
    "pf_refractory",
    "table",
    "wiring",
    *(f"hold_{name}" for name in NEURONS),
    *(f"delay_{name}" for name in CLASSES),
    *(f"connected_{name}" for name in CLASSES),
)
"""Settings of a circuit that are whole numbers."""

CELL = (
    "half_load", "quarter_step", "half", "pull", "theta_decay", "theta_pull", "reset", "theta_max",
    "noise",
)  # fmt: skip
"""Coefficients of a population in a step; see `CellStep`."""


class Structure(NamedTuple):
    """What circuits must have in common to be simulated together.

    Attributes
    ----------
    n_pf, n_mf, n_bc, n_pc, n_dcn, n_io : int
        Sizes of populations.
    fan_in : int
        PFs of each Purkinje cell.
    weighted_pf_bc : bool
        Whether the weights of PF→BC differ between synapses.
    first : tuple of int
        For each class, the index of its first synapse among all listed ones; PF→PC are apart.
    first_start : tuple of int
        The same for the list of starts.
    ring : tuple of int
        Slots of the ring of each population in `RINGS`.
    ring_first : tuple of int
        Index of the first place of each ring.
    recent : int
        Number of recent spikes kept for each PF.
    rule : tuple
        See `RuleShape`.
    """

    n_pf: int
    n_mf: int
    n_bc: int
    n_pc: int
    n_dcn: int
    n_io: int
    fan_in: int
    weighted_pf_bc: bool
    first: tuple[int, ...]
    first_start: tuple[int, ...]
    ring: tuple[int, ...]
    ring_first: tuple[int, ...]
    recent: int
    rule: RuleShape

    @property
    def sizes(self) -> dict[str, int]:
        """Number of cells by population."""
        names = ("PF", "MF", "BC", "PC", "DCN", "IO")
        return dict(zip(names, self[:6], strict=True))

    @property
    def n_cells(self) -> int:
        """Number of neurons."""
        return self.n_bc + self.n_pc + self.n_dcn + self.n_io

    @property
    def first_cell(self) -> dict[str, int]:
        """Index of the first neuron of each population."""
        sizes, found, total = self.sizes, {}, 0
        for name in NEURONS:
            found[name] = total
            total += sizes[name]
        return found


class RuleShape(NamedTuple):
    """The rule of plasticity as far as code depends on it.

    Attributes
    ----------
    acts : tuple of bool
        Whether there is a function at PF, CF and PC spikes.
    varies : bool
        Whether the change at PF spikes depends on times since other spikes.
    paired : tuple of int
        With which PF spikes each function is paired.
    marks_pfs, marks_pcs : bool
        Whether the last spikes of PFs and PCs must be stored.
    key : str
        Distinguishes the functions from those of other rules.
    """

    acts: tuple[bool, bool, bool]
    varies: bool
    paired: tuple[int, int, int]
    marks_pfs: bool
    marks_pcs: bool
    key: str


class Circuits(NamedTuple):
    """Arguments of kernels: state, coefficients, wiring and output of all circuits.

    Attributes
    ----------
    v, theta : ndarray of float64, shape (n, n_cells)
        Potential and threshold in mV.
    free : ndarray of int64, shape (n, n_cells)
        Last refractory step.
    g : ndarray of float64, shape (n, N_SLOTS, n_cells)
        Conductances in 1/ms.
    arrived : ndarray of int64, shape (n, N_SLOTS, n_cells)
        Sums of arrivals of a step, in units of each class; 0 between steps.
    through_gaps : ndarray of float64, shape (n, n_io)
        Sums of differences of potential across gap junctions in mV.
    weights : ndarray of int32, shape (n, n_synapses)
        Weights of PF→PC in the order of PFs.
    mf_weights, pc_rate_Hz, last_cf, last_pf, last_pc : ndarray
        As in `State`.
    fibers : ndarray of int64, shape (n, 3, n_pf)
        As in `FiberState`.
    recent, n_recent : ndarray of int64, shape (n, recent, n_pf), and of int32, shape (n, n_pf)
        Steps of the last spikes of each PF, as a ring, and their number.
    ring, counts : ndarray of int32, shape (n, places), and shape (n, 5, slots)
        Spikes of each step, by population and slot, and their number.
    cells : ndarray of float64, shape (n, 4, 9)
        `CELL`, by population.
    scale : ndarray of float64, shape (n, N_SLOTS, n_cells)
        Jump of the conductance per unit of arrivals.
    decay, pull : ndarray of float64, shape (n, 4, N_SLOTS)
        Decay of the conductance in a step, and h times the reversal potential.
    bias : ndarray of float64, shape (n, n_io)
        Current of each IO cell in mV/ms.
    floats, wholes : ndarray of float64 and int64
        `FLOATS` and `WHOLES` of each circuit.
    values : ndarray of float64, shape (n, 3, …)
        Parameters of the functions of the rule.
    starts, targets, efficacies : ndarray of int64, int32 and int32, by wiring
        Listed synapses of all classes but PF→PC; targets are neurons.
    pf_starts, pf_targets : ndarray of int64 and int32, by wiring
        Synapses of PF→PC in the order of PFs.
    where, sources : ndarray of int32, by wiring
        Place of each synapse of PF→PC, in the order of cells, and its PF.
    gap_starts, gap_partners : ndarray of int64 and int32, by wiring
        Coupled cells of each IO cell.
    thresholds, guide : ndarray of int64, shape (tables, …), and of int32
        Tables of coin flips, without the first threshold.
    base, slope : ndarray of float64
        Table of normal numbers.
    mf_ids, mf_starts : ndarray of int32, by circuit
        MF spikes by step, from `block[2]` steps before the block on.
    keep : ndarray of uint8, shape (n, cells of `RINGS`)
        Whether the spikes of a cell leave the device.
    out, n_out : ndarray of int64, shape (room, n), and of int32, shape (n, 5)
        Spikes of a block, as step times population size plus cell, and their number. The circuit
        is the last axis, so that the places in use leave the device without the others.
    out_first : ndarray of int64, shape (6,)
        Index of the first place of each population in `out`.
    place : ndarray of int32, shape (n, n_cells)
        Column of sampled cells, -1 for others.
    samples : ndarray of float32, shape (n, samples, columns)
        Sampled potentials.
    block : ndarray of int64, shape (3,)
        First step of the block, sampling interval in steps, and steps before it in `mf_starts`.
    refused : ndarray of int32, shape (n,)
        Number of an event whose change was out of range, or 0.
    """

    v: Any
    theta: Any
    free: Any
    g: Any
    arrived: Any
    through_gaps: Any
    weights: Any
    mf_weights: Any
    pc_rate_Hz: Any
    last_cf: Any
    last_pf: Any
    last_pc: Any
    fibers: Any
    recent: Any
    n_recent: Any
    ring: Any
    counts: Any
    cells: Any
    scale: Any
    decay: Any
    pull: Any
    bias: Any
    floats: Any
    wholes: Any
    values: Any
    starts: Any
    targets: Any
    efficacies: Any
    pf_starts: Any
    pf_targets: Any
    where: Any
    sources: Any
    gap_starts: Any
    gap_partners: Any
    thresholds: Any
    guide: Any
    base: Any
    slope: Any
    mf_ids: Any
    mf_starts: Any
    keep: Any
    out: Any
    n_out: Any
    out_first: Any
    place: Any
    samples: Any
    block: Any
    refused: Any


TYPES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("v", "theta", "bias", "floats"), ("float64", 2)),
    **dict.fromkeys(("g", "cells", "scale", "decay", "pull", "values"), ("float64", 3)),
    **dict.fromkeys(("through_gaps", "pc_rate_Hz"), ("float64", 2)),
    **dict.fromkeys(("base", "slope"), ("float64", 1)),
    **dict.fromkeys(("samples",), ("float32", 3)),
    **dict.fromkeys(("arrived", "fibers", "recent"), ("int64", 3)),
    **dict.fromkeys(("out_first", "block"), ("int64", 1)),
    **dict.fromkeys(
        (
            "free", "last_cf", "last_pf", "last_pc", "wholes", "starts", "pf_starts", "gap_starts",
            "out",
        ),
        ("int64", 2),
    ),
    **dict.fromkeys(("counts",), ("int32", 3)),
    **dict.fromkeys(
        (
            "weights", "mf_weights", "n_recent", "ring", "targets", "efficacies", "pf_targets",
            "where", "sources", "gap_partners", "guide", "mf_ids", "mf_starts", "n_out", "place",
        ),
        ("int32", 2),
    ),
    **dict.fromkeys(("refused",), ("int32", 1)),
    **dict.fromkeys(("thresholds",), ("uint32", 2)),
    **dict.fromkeys(("keep",), ("uint8", 2)),
}  # fmt: skip
"""Type and number of axes of each array of `Circuits`."""
