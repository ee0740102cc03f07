"""Arguments of the compiled code of the network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.molecular_layer.channels import CHANNELS, Channel

N_PACKAGE_GATES = sum(len(channel.gates) for channel in CHANNELS)
"""Gates of the package: m and h of Na, n of KV, a and b of KA, m and h of CaLVA."""


class Constants(NamedTuple):
    """Numbers of the model.

    Attributes
    ----------
    leak_mV, na_mV, k_mV, calva_mV : float
        Reversal potentials.
    na_uS, kv_uS, ka_uS, calva_uS : float
        Maximum conductances of the soma.
    na_step, kv_step, ka_step, calva_m_step, calva_h_step : float
        Time step times temperature factor in ms.
    hcn_mV : float
        Reversal potential of hyperpolarization-activated channels of the user.
    own_uS : ndarray of float64, shape (n_own, 2)
        Maximum conductances of channels of the user, by type of cell.
    own_step : ndarray of float64, shape (n_own,)
        Time step times their temperature factor in ms.
    gap_uS : float
        Conductance of a gap junction.
    threshold_mV : float
        Threshold of spikes.
    reversal_mV, decay_A, decay_B : ndarray of float64, shape (3,)
        Reversal potential and decay of both states in a step, by kind of synapse.
    """

    leak_mV: float
    na_mV: float
    k_mV: float
    calva_mV: float
    na_uS: float
    kv_uS: float
    ka_uS: float
    calva_uS: float
    na_step: float
    kv_step: float
    ka_step: float
    calva_m_step: float
    calva_h_step: float
    hcn_mV: float
    own_uS: npt.NDArray[np.float64]
    own_step: npt.NDArray[np.float64]
    gap_uS: float
    threshold_mV: float
    reversal_mV: npt.NDArray[np.float64]
    decay_A: npt.NDArray[np.float64]
    decay_B: npt.NDArray[np.float64]


class Connections(NamedTuple):
    """Connections between MLIs, sorted by source and delay.

    Attributes
    ----------
    first : ndarray of int64, shape (n_mli + 1,)
        Connections first[gid] to first[gid + 1] belong to a source.
    delay : ndarray of int64, shape (m,)
        Steps from a spike to the event.
    synapse, amount_uS
        As in `Events`, shape (m,).
    """

    first: npt.NDArray[np.int64]
    delay: npt.NDArray[np.int64]
    synapse: npt.NDArray[np.int64]
    amount_uS: npt.NDArray[np.float64]


class Electrodes(NamedTuple):
    """Currents and voltage clamps of stimuli.

    Attributes
    ----------
    first, first_clamped : ndarray of int64, shape (n_groups + 1,)
        First of those of each group in `lane` and `clamped`.
    lane : ndarray of int64, shape (n,)
        Lanes of the nodes that receive a current, sorted.
    current_nA : ndarray of float64, shape (n_steps, n)
        Current in each step.
    clamped : ndarray of int64, shape (m,)
        Lanes of the nodes with a voltage clamp, sorted.
    constant_uS : ndarray of float64, shape (m,)
        Constant part of their diagonal without clamp.
    conductance_uS, command_mV : ndarray of float64, shape (n_steps, m)
        Conductance of each clamp, 0 without it, and commanded potential, in each step.
    """

    first: npt.NDArray[np.int64]
    first_clamped: npt.NDArray[np.int64]
    lane: npt.NDArray[np.int64]
    current_nA: npt.NDArray[np.float64]
    clamped: npt.NDArray[np.int64]
    constant_uS: npt.NDArray[np.float64]
    conductance_uS: npt.NDArray[np.float64]
    command_mV: npt.NDArray[np.float64]


class NetworkState(NamedTuple):
    """Everything that changes.

    Attributes
    ----------
    v_mV : ndarray of float64, shape (N,)
        Potential of each lane of each node.
    gap_nA : ndarray of float64, shape (n_half_junctions,)
        Current through each half junction in a step.
    gates : ndarray of float64, shape (n_groups, n_gates, LANES)
        Gates of the somata.
    synapses : ndarray of float64, shape (S,)
        States A and B of each site, in µS.
    above : ndarray of int64, shape (n_groups, LANES)
        -1 where the soma was above threshold at the beginning of the last step, 0 elsewhere.
    travelling : ndarray of int64, shape (3, capacity)
        Source, step and next connection of spikes that have not reached all their targets.
    counts : ndarray of int64, shape (2,)
        Number of travelling spikes, and of spikes in the steps of a call.
    current_nA, diagonal, right : ndarray of float64, shape (LANES * n_nodes,)
        Memory of the solution of a tree, such as the current through gap junctions and electrodes;
        zeros before and after. Memory of all trees would not fit into the cache.
    factor : ndarray of float64, shape (2 * LANES * n_nodes,)
        The same, of any content.
    """

    v_mV: npt.NDArray[np.float64]
    gap_nA: npt.NDArray[np.float64]
    gates: npt.NDArray[np.float64]
    synapses: npt.NDArray[np.float64]
    above: npt.NDArray[np.int64]
    travelling: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    current_nA: npt.NDArray[np.float64]
    diagonal: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]
    factor: npt.NDArray[np.float64]


def n_gates_of(own: tuple[Channel, ...]) -> int:
    """Return the number of gates of a soma; one is unused without channels of the user."""
    return max(8, N_PACKAGE_GATES + sum(len(channel.gates) for channel in own))
