"""Conductance of the synapses of a Purkinje cell, for probes: from their events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents
from cerebella.runs.synaptic_conductance import Arrivals, conductance_of


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
    every, n_samples : int
        Time steps between samples, and number of samples.
    parameters : PurkinjeParameters
        Time step and kinetics.

    Returns
    -------
    ndarray of float64, shape (n_samples, n)
        Conductance in nS; see `conductance_of`.
    """
    kinetics, step_ms = getattr(parameters.connections, kind), parameters.time_step_ms
    own = np.isin(events.synapse_compartment, compartments)
    own &= events.synapse_kind == KINDS.index(kind)
    arrived = own[events.event_synapse]
    synapse = events.event_synapse[arrived]
    arrivals = Arrivals(
        np.round(events.event_time_ms[arrived] / step_ms).astype(np.int64),
        np.searchsorted(compartments, events.synapse_compartment[synapse]),
        events.weight_uS[synapse],
    )
    return conductance_of(arrivals, kinetics, step_ms, every, (n_samples, len(compartments)))
