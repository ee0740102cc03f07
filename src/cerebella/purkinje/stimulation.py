"""Stimuli of the Purkinje cell: their compartments and their currents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.places import compartments_at
from cerebella.purkinje.placement import Placement
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.synaptic_events import NO_SPIKES, Spikes
from cerebella.randomness import Purpose, generator
from cerebella.stimuli.injection import Injection, inject
from cerebella.stimuli.stimulus import PlacedStimulus
from cerebella.stimuli.synaptic import INPUTS, PFVolley, SynapticBlock
from cerebella.stimuli.voltage_clamp import Clamping, clamp_cells


def injection_of(request: PurkinjeRequest, morphology: Morphology) -> Injection:
    """Return the currents that the stimuli of a run inject, by compartment.

    Parameters
    ----------
    request : PurkinjeRequest
        The run.
    morphology : Morphology
        The cell.

    Returns
    -------
    Injection

    Raises
    ------
    InputError
        The cell has no such place.
    """
    for one in request.stimuli:
        if isinstance(one, SynapticBlock) and "gap" in one.inputs and one.inputs != INPUTS:
            raise one.refused("a Purkinje cell has no gap junctions", "Give pf, mli, cf or all")
    return inject(
        request.stimuli,
        lambda stimulus: places_of(stimulus, request, morphology),
        seed=request.seed,
        trial=request.trial,
        purpose=Purpose.PURKINJE_STIMULI,
        time_step_ms=request.parameters.time_step_ms,
    )


def clamping_of(request: PurkinjeRequest, morphology: Morphology) -> Clamping:
    """Return the voltage clamps of a run, by compartment; see `injection_of`."""
    return clamp_cells(
        request.stimuli,
        lambda stimulus: places_of(stimulus, request, morphology),
        request.parameters.time_step_ms,
    )


def places_of(
    stimulus: PlacedStimulus, request: PurkinjeRequest, morphology: Morphology
) -> npt.NDArray[np.int64]:
    """Return the compartments of a stimulus; see `cerebella.morphology.places`.

    Parameters
    ----------
    stimulus : Stimulus
        The stimulus.
    request : PurkinjeRequest
        The run.
    morphology : Morphology
        The cell.

    Returns
    -------
    ndarray of int64
        Indices in ascending order.

    Raises
    ------
    InputError
        The cell has no such place.
    """
    try:
        return compartments_at(stimulus.place, morphology, seed=request.seed)
    except InputError as error:
        raise stimulus.refused(error.problem, error.remedy) from None


def volleys_of(request: PurkinjeRequest, morphology: Morphology, placement: Placement) -> Spikes:
    """Return the spikes of PF volleys at the contacts that are drawn for them.

    Parameters
    ----------
    request : PurkinjeRequest
        The run.
    morphology : Morphology
        The cell.
    placement : Placement
        Its synapses.

    Returns
    -------
    Spikes

    Raises
    ------
    InputError
        A place has fewer contacts than a volley.
    """
    compartments, times = [NO_SPIKES.compartment], [NO_SPIKES.times_ms]
    for one in request.stimuli:
        if not isinstance(one, PFVolley):
            continue
        where = places_of(one, request, morphology)
        contacts = placement.pf_compartment[np.isin(placement.pf_compartment, where)]
        if one.n_contacts > len(contacts):
            raise one.refused(
                f"{one.n_contacts} PF contacts cannot be drawn from {len(contacts)}",
                f"Give 1 to {len(contacts)}" if len(contacts) else "Give a spiny place",
            )
        draw = generator(request.seed, Purpose.PURKINJE_PF_VOLLEYS)
        drawn = draw.permutation(contacts)[: one.n_contacts]
        compartments.append(np.tile(drawn, len(one.times_ms)))
        times.append(np.repeat(one.times_ms, one.n_contacts))
    return Spikes(np.concatenate(compartments), np.concatenate(times))
