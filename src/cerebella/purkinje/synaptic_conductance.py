"""Conductances of the synapses of a Purkinje cell, for probes: from their events, for all engines.

Engines deliver events at the beginning of a time step. An event adds the same to both states of a
synapse, of whose difference the conductance consists, which it therefore changes only later.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents


def conductance_nS(
    events: SynapticEvents,
    kind: str,
    compartments: npt.NDArray[np.int64],
    every: int,
    n_samples: int,
    parameters: PurkinjeParameters,
) -> npt.NDArray[np.float64]:
    """Return the total conductance of the synapses of one kind on each of some compartments.

    Parameters
    ----------
    events : SynapticEvents
        Synapses and their events.
    kind : str
        One of `KINDS`.
    compartments : ndarray of int64, shape (n,)
        Compartments in ascending order.
    every : int
        Time steps between samples, the first of which is at time 0.
    n_samples : int
        Number of samples.
    parameters : PurkinjeParameters
        Time step and kinetics.

    Returns
    -------
    ndarray of float64, shape (n_samples, n)
        Conductance in nS after the steps before each sample, with which the next step begins.
    """
    kinetics, step_ms = getattr(parameters.connections, kind), parameters.time_step_ms
    own = np.isin(events.synapse_compartment, compartments)
    own &= events.synapse_kind == KINDS.index(kind)
    arrived = own[events.event_synapse]
    synapse = events.event_synapse[arrived]
    column = np.searchsorted(compartments, events.synapse_compartment[synapse])
    step = np.round(events.event_time_ms[arrived] / step_ms).astype(np.int64)
    sample = -(-step // every)  # the first at or after the event
    known = sample < n_samples
    synapse, column, step, sample = (of[known] for of in (synapse, column, step, sample))
    amount_nS = 1e3 * kinetics.normalization * events.weight_uS[synapse]
    states = []
    for tau_ms in (kinetics.tau_rise_ms, kinetics.tau_decay_ms):
        state = np.zeros((n_samples, len(compartments)))
        decayed = np.exp(-step_ms / tau_ms * (every * sample - step))
        np.add.at(state, (sample, column), amount_nS * decayed)
        decay = np.exp(-step_ms / tau_ms * every)
        for before, after in pairwise(state):
            after += decay * before
        states.append(state)
    return states[1] - states[0]
