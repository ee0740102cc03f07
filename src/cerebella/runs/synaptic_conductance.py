"""Conductance of synapses from the events that reach them, for probes of all levels.

Engines deliver events at the beginning of a time step. An event adds the same to both states of a
synapse, of whose difference the conductance consists, which it therefore changes only later.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.parameters.mli_synapses import SynapseParameters


class Arrivals(NamedTuple):
    """Events that reach synapses of one kind.

    Attributes
    ----------
    step : ndarray of int64, shape (n,)
        Time step at whose beginning each acts.
    column : ndarray of int64, shape (n,)
        Column of the trace to which its synapse belongs.
    weight_uS : ndarray of float64, shape (n,)
        Peak conductance.
    """

    step: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    weight_uS: npt.NDArray[np.float64]


def conductance_of(
    arrivals: Arrivals,
    kinetics: SynapseParameters,
    step_ms: float,
    every: int,
    shape: tuple[int, int],
) -> npt.NDArray[np.float64]:
    """Return the total conductance of the synapses of each column.

    Parameters
    ----------
    arrivals : Arrivals
        Events.
    kinetics : SynapseParameters
        Time constants of the kind of synapse.
    step_ms : float
        Time step in ms.
    every : int
        Time steps between samples, the first of which is at time 0.
    shape : tuple of int
        Numbers of samples and of columns.

    Returns
    -------
    ndarray of float64
        Conductance in nS after the steps before each sample, with which the next step begins.

    Examples
    --------
    >>> from cerebella.runs.synaptic_conductance import Arrivals, conductance_of
    >>> one = Arrivals(np.array([0]), np.array([0]), np.array([1e-3]))
    >>> kinetics = cb.PurkinjeParameters().connections.pf
    >>> conductance_of(one, kinetics, 0.02, 25, (4, 1)).ravel().round(3)
    array([0.   , 0.943, 0.978, 0.861])
    """
    sample = -(-arrivals.step // every)  # the first at or after the event
    known = sample < shape[0]
    sample, step, column = sample[known], arrivals.step[known], arrivals.column[known]
    amount_nS = 1e3 * kinetics.normalization * arrivals.weight_uS[known]
    states = []
    for tau_ms in (kinetics.tau_rise_ms, kinetics.tau_decay_ms):
        state = np.zeros(shape)
        decayed = np.exp(-step_ms / tau_ms * (every * sample - step))
        np.add.at(state, (sample, column), amount_nS * decayed)
        decay = np.exp(-step_ms / tau_ms * every)
        for before, after in pairwise(state):
            after += decay * before
        states.append(state)
    return states[1] - states[0]
