"""Stimuli of the Purkinje cell: their compartments and their currents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.places import compartments_at
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.randomness import Purpose
from cerebella.stimuli.injection import Injection, inject
from cerebella.stimuli.stimulus import Stimulus


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
    return inject(
        request.stimuli,
        lambda stimulus: places_of(stimulus, request, morphology),
        seed=request.seed,
        trial=request.trial,
        purpose=Purpose.PURKINJE_STIMULI,
        time_step_ms=request.parameters.time_step_ms,
    )


def places_of(
    stimulus: Stimulus, request: PurkinjeRequest, morphology: Morphology
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
