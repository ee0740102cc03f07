"""Arguments of the compiled code of a Purkinje cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Constants(NamedTuple):
    """Numbers of the model.

    Attributes
    ----------
    step_ms : float
        Time step.
    na_mV, k_mV, h_mV, leak_mV : float
        Reversal potentials.
    ghk_per_mV : float
        zF/(RT).
    """

    step_ms: float
    na_mV: float
    k_mV: float
    h_mV: float
    leak_mV: float
    ghk_per_mV: float


class Cable(NamedTuple):
    """Potentials, and what enters the cable equation.

    Lengths: s slots, n places of compartments in blocks, the last of which stand for none.

    Attributes
    ----------
    v_mV : ndarray of float64, shape (s,)
        Potential of each slot.
    lane : ndarray of int64, shape (s,)
        Place of the compartment of each slot.
    constant_uS : ndarray of float64, shape (s,)
        Capacitance divided by the time step, and axial conductances.
    slot : ndarray of int64, shape (n,)
        Slot of each place.
    g_uS, i_nA : ndarray of float64, shape (n,)
        Conductance and current of the membrane at each place.
    """

    v_mV: Floats
    lane: Ints
    constant_uS: Floats
    slot: Ints
    g_uS: Floats
    i_nA: Floats


class Synapses(NamedTuple):
    """Synapses by kind and place.

    Attributes
    ----------
    states : ndarray of float64, shape (3, 2, n)
        States A and B in µS.
    first_block : ndarray of int64, shape (4,)
        First of the blocks of each kind in `block`.
    block : ndarray of int64, shape (m,)
        First place of each block of eight that has a synapse of the kind.
    reversal_mV, decay_A, decay_B : ndarray of float64, shape (3,)
        Reversal potential, and decay of both states in a step.
    """

    states: Floats
    first_block: Ints
    block: Ints
    reversal_mV: Floats
    decay_A: Floats
    decay_B: Floats


class Electrodes(NamedTuple):
    """Currents and voltage clamps of stimuli.

    Attributes
    ----------
    place : ndarray of int64, shape (k,)
        Places that receive a current.
    current_nA : ndarray of float64, shape (n_steps, k)
        Current in each step.
    clamped : ndarray of int64, shape (m,)
        Places with a voltage clamp.
    conductance_uS, command_mV : ndarray of float64, shape (n_steps, m)
        Conductance of each clamp, 0 without it, and commanded potential, in each step.
    """

    place: Ints
    current_nA: Floats
    clamped: Ints
    conductance_uS: Floats
    command_mV: Floats


SCRATCH_ROWS = 40
"""Rows of scratch memory for each shell of soma and axon."""


class Scratch(NamedTuple):
    """Memory for intermediate results.

    Attributes
    ----------
    of_tree : ndarray of float64, shape (5, s)
        Zeros at the beginning.
    of_soma : ndarray of float64
        For each number of a block, `SCRATCH_ROWS` for each shell.
    """

    of_tree: Floats
    of_soma: Floats
