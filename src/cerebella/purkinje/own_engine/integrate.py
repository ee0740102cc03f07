"""A Purkinje cell on the engine of this package: its setup, and the steps of its integration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.memory import aligned, block_size
from cerebella.compiled.synaptic_events import Events
from cerebella.morphology.compartments import Compartments, compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.own_mechanisms import refuse_mechanisms
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.channels import ghk_per_mV
from cerebella.purkinje.own_channels import channels_of
from cerebella.purkinje.own_engine.arrays import (
    SCRATCH_ROWS,
    Cable,
    Constants,
    Electrodes,
    Scratch,
    Synapses,
)
from cerebella.purkinje.own_engine.layout import N_SHELLS, Part, lay_out
from cerebella.purkinje.own_engine.procedures import advance_procedure
from cerebella.purkinje.own_engine.rows import Rows, rows_of
from cerebella.purkinje.own_engine.sampling import Plan, plan_recorder, values_from, with_memory
from cerebella.purkinje.own_engine.tree import LANES, Tree, build_tree
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


NO_ELECTRODES = Electrodes(
    *(np.empty(0, np.int64), np.empty((0, 0))),
    *(np.empty(0, np.int64), np.empty((0, 0)), np.empty((0, 0))),
)
"""For cells without stimuli."""


class Cell(NamedTuple):
    """A cell as arrays; `place` is the place of each compartment, `rows` those of its states."""

    tree: Tree
    dendrite: Part
    soma: Part
    cable: Cable
    place: Ints
    rows: Rows


class Simulation(NamedTuple):
    """A cell with its synapses and their events."""

    cell: Cell
    synapses: Synapses
    due: Events
    constants: Constants
    scratch: Scratch


def set_up(
    parameters: PurkinjeParameters,
    morphology: Morphology,
    events: SynapticEvents,
    *,
    in_doubles: bool,
) -> Simulation:
    """Return a cell at rest, with its synapses."""
    refuse_mechanisms(parameters)
    dtype = np.float64 if in_doubles else np.float32
    cell = lay_out_cell(morphology, compute_compartments(morphology), parameters, dtype)
    synapses, due = place_synapses(events, cell, parameters)
    constants, scratch = constants_of(parameters), new_scratch(cell)
    start_cell(cell, synapses, constants, scratch)
    return Simulation(cell, synapses, due, constants, scratch)


def advance_to(
    stop: int,
    simulation: Simulation,
    first: int,
    plan: Plan,
    electrodes: Electrodes = NO_ELECTRODES,
) -> list[npt.NDArray[np.floating]]:
    """Advance a cell from step `first` to `stop`, in place.

    Parameters
    ----------
    stop, first : int
        Steps.
    simulation : Simulation
        The cell at step `first`.
    plan : Plan
        What is recorded.
    electrodes : Electrodes
        Stimuli in each step.

    Returns
    -------
    list of ndarray, shape (n_samples, n_columns)
        Values of each recording after steps that are multiples of its interval.
    """
    cell, due = simulation.cell, simulation.due
    recorder = with_memory(plan, first, stop)
    own = slice(*np.searchsorted(due.step, [first, stop]))
    advance_procedure(cell.rows)(
        first,
        stop,
        cell.tree,
        cell.dendrite,
        cell.soma,
        cell.cable,
        simulation.synapses,
        Events(due.step[own], due.synapse[own], due.amount_uS[own]),
        electrodes,
        simulation.constants,
        recorder,
        simulation.scratch,
    )
    return values_from(recorder, plan)


def start_cell(cell: Cell, synapses: Synapses, constants: Constants, scratch: Scratch) -> None:
    """Evaluate the currents of the initial states."""
    dendrite, soma = (
        part._replace(step=np.zeros_like(part.step), covered=np.zeros_like(part.covered))
        for part in (cell.dendrite, cell.soma)
    )
    none = np.empty(0, np.int64)
    no_events, nothing = Events(none, none, np.empty(0)), plan_recorder(cell, ()).recorder
    advance_procedure(cell.rows)(
        *(-1, 0, cell.tree, dendrite, soma, cell.cable, synapses, no_events),
        *(NO_ELECTRODES, constants, nothing, scratch),
    )


def new_scratch(cell: Cell) -> Scratch:
    """Return memory for intermediate results."""
    sizes = ((5, len(cell.tree.parent)), (N_SHELLS, SCRATCH_ROWS, block_size()))
    return Scratch(*(aligned(np.zeros(size)) for size in sizes))


def lay_out_cell(
    morphology: Morphology,
    compartments: Compartments,
    parameters: PurkinjeParameters,
    dtype: type[np.floating],
) -> Cell:
    """Return a cell as arrays, at rest, with dendrites in the precision of `dtype`."""
    cell, step_ms = parameters.cell, parameters.time_step_ms
    rows = rows_of(channels_of(cell))
    tree = build_tree(morphology, compartments, cell.membrane.axial_resistivity_ohm_cm)
    given = (compartments, tree.slot, cell, rows, step_ms)
    dendrite, in_dendrite = lay_out(("smooth", "spiny"), dtype, *given)
    soma, in_soma = lay_out(("soma", "ais"), np.float64, *given)
    compartment = np.concatenate([in_dendrite, in_soma])
    place = np.empty(len(compartments), dtype=np.int64)
    place[compartment[::-1]] = np.arange(len(compartment))[::-1]  # the first of equal ones
    n_slots, n_places = len(tree.parent), len(compartment)
    lane = np.full(n_slots, n_places)  # which has no conductance
    lane[tree.slot] = place
    cable = Cable(
        v_mV=aligned(np.full(n_slots, cell.initial_v_mV)),
        lane=lane,
        constant_uS=_constant_uS(tree, compartments, parameters),
        slot=tree.slot[compartment],
        g_uS=aligned(np.zeros(n_places + 1)),
        i_nA=aligned(np.zeros(n_places + 1)),
    )
    return Cell(tree, dendrite, soma, cable, place, rows)


def _constant_uS(tree: Tree, compartments: Compartments, parameters: PurkinjeParameters) -> Floats:
    """Return capacitance over the time step plus axial conductances; 1 without a node."""
    membrane = parameters.cell.membrane
    spines = np.array([membrane.spine_factor(name) for name in REGIONS])[compartments.region]
    capacitance_nF = 1e-5 * membrane.capacitance_uF_per_cm2 * spines * compartments.area_um2
    constant = tree.axial_uS.copy()
    np.add.at(constant, tree.parent, tree.axial_uS)
    constant[tree.slot] += capacitance_nF / parameters.time_step_ms
    constant[constant == 0] = 1.0
    return aligned(constant)


def place_synapses(
    events: SynapticEvents, cell: Cell, parameters: PurkinjeParameters
) -> tuple[Synapses, Events]:
    """Return the synapses and their events."""
    step_ms = parameters.time_step_ms
    kinetics = [getattr(parameters.connections, kind) for kind in KINDS]
    rise, decay, reversal = (
        np.array([getattr(one, name) for one in kinetics])
        for name in ("tau_rise_ms", "tau_decay_ms", "reversal_mV")
    )
    n_places = len(cell.cable.slot)
    place = cell.place[events.synapse_compartment]
    blocks = [
        np.unique(place[events.synapse_kind == kind] // LANES) * LANES for kind in range(len(KINDS))
    ]
    normalization = np.array([one.normalization for one in kinetics])
    amount_uS = events.weight_uS * normalization[events.synapse_kind]
    return Synapses(
        states=aligned(np.zeros((len(KINDS), 2, n_places))),
        first_block=np.cumsum([0, *(len(own) for own in blocks)]),
        block=np.concatenate(blocks),
        reversal_mV=reversal,
        decay_A=np.exp(-step_ms / rise),
        decay_B=np.exp(-step_ms / decay),
    ), Events(
        np.round(events.event_time_ms / step_ms).astype(np.int64),
        (2 * events.synapse_kind * n_places + place)[events.event_synapse],
        amount_uS[events.event_synapse],
    )


def constants_of(parameters: PurkinjeParameters) -> Constants:
    """Return the numbers of the model."""
    cell = parameters.cell
    return Constants(
        step_ms=parameters.time_step_ms,
        na_mV=cell.na_reversal_mV,
        k_mV=cell.k_reversal_mV,
        h_mV=cell.h_reversal_mV,
        leak_mV=cell.leak_reversal_mV,
        ghk_per_mV=ghk_per_mV(cell.temperature_C),
    )
