"""Stimuli of the Purkinje cell: their compartments and their currents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.morphology.morphology import Morphology
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.randomness import Purpose
from cerebella.stimuli.currents import CurrentClamp
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
        [
            (one, compartment_at(one, morphology))
            for one in request.stimuli
            if isinstance(one, CurrentClamp)
        ],
        seed=request.seed,
        trial=request.trial,
        purpose=Purpose.PURKINJE_STIMULI,
        time_step_ms=request.parameters.time_step_ms,
    )


def compartment_at(stimulus: Stimulus, morphology: Morphology) -> npt.NDArray[np.int64]:
    """Return the compartment of a stimulus, shape (1,).

    Parameters
    ----------
    stimulus : Stimulus
        The stimulus.
    morphology : Morphology
        The cell.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    InputError
        The cell has no such place.
    """
    if stimulus.place != "soma":
        raise stimulus.refused("a Purkinje cell has no such place", "Give soma")
    return np.array([int(morphology.n_compartments[0]) // 2])
