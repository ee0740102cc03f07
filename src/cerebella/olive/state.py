"""Everything that a run must remember from one step to the next, as named arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cerebella.olive.step_coefficients import NEURONS, StepCoefficients
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES
from cerebella.randomness import Purpose, generator

State = dict[str, npt.NDArray]
"""Arrays by name, the same for all engines; what a checkpoint holds.

step                      () int64, the next step
<POP>.v, .theta           (n,) mV, of BC, PC, DCN and IO
g.<class>                 (n target,) conductance 1/ms, of each class of synapses
<POP>.spike_steps, .spike_ids   recent spikes of each population, by step; cells that fired
                          less than their refractory period ago are held
pf.ready, pf.next, pf.draw      (n,) int64: first step of coin flips, step of the next spike,
                          number of words used
mf.next, mf.draw          (n,) float64 time of the next spike in steps; int64 draws used
rates_Hz                  (2,) the rates of PF and MF for which the next spikes were drawn
last_cf                   (n IO,) int64, step of the last arrival of each climbing fiber
last_pf                   (n PF,) int64, step of the last arrival of each PF at PCs
weights                   (n PC, fan-in) int32, in units of 2⁻²⁶
"""

LONG_AGO = np.int64(-(1 << 62))


def initial_state(
    parameters: OliveParameters, circuit: Circuit, coefficients: StepCoefficients, seed: int
) -> State:
    """Return the state before the first step.

    Conductances are zero; potentials lie anywhere between reset and resting threshold, so
    that cells of a population do not start in step.
    """
    rng = generator(seed, Purpose.LOOP_INITIAL_V)
    state: State = {"step": np.array(0, dtype=np.int64)}
    for name in NEURONS:
        cell, n = coefficients.cells[name], circuit.sizes[name]
        state[f"{name}.v"] = rng.uniform(cell.reset, cell.threshold, n)
        state[f"{name}.theta"] = np.full(n, cell.threshold)
    for name, (_, target) in SYNAPSE_CLASSES.items():
        state[f"g.{name}"] = np.zeros(circuit.sizes[target])
    for name in POPULATIONS:
        state[f"{name}.spike_steps"] = np.zeros(0, dtype=np.int64)
        state[f"{name}.spike_ids"] = np.zeros(0, dtype=np.int32)
    n_pf, n_mf = circuit.sizes["PF"], circuit.sizes["MF"]
    state["pf.ready"] = np.zeros(n_pf, dtype=np.int64)
    state["pf.next"] = np.zeros(n_pf, dtype=np.int64)
    state["pf.draw"] = np.zeros(n_pf, dtype=np.int64)
    state["mf.next"] = np.zeros(n_mf)
    state["mf.draw"] = np.zeros(n_mf, dtype=np.int64)
    state["rates_Hz"] = np.full(2, np.nan)
    state["last_cf"] = np.full(circuit.sizes["IO"], LONG_AGO)
    state["last_pf"] = np.full(n_pf, LONG_AGO)
    start = round(parameters.plasticity.initial_weight * UNITS_PER_WEIGHT)
    state["weights"] = np.full(circuit.pf_of_purkinje.shape, start, dtype=np.int32)
    return state


def copy_state(state: Mapping[str, npt.NDArray]) -> State:
    """Return a state that shares nothing with `state`."""
    return {name: np.array(value) for name, value in state.items()}
