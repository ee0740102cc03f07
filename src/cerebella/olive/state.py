"""State of a run between time steps, common to all engines."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.step_coefficients import NEURONS, StepCoefficients
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES
from cerebella.randomness import Purpose, generator

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

LONG_AGO = np.int64(-(1 << 62))


class CellState(NamedTuple):
    """Potential and threshold of each neuron of a population.

    Attributes
    ----------
    v, theta : ndarray, shape (n,)
        Both in mV.
    """

    v: Floats
    theta: Floats

    def copy(self) -> CellState:
        """Return a state that shares nothing with this one."""
        return CellState(self.v.copy(), self.theta.copy())


class RecentSpikes(NamedTuple):
    """Recent spikes of a population that affect later steps.

    They are under way, within a window of plasticity, or of cells that are refractory.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_spikes,)
        Sorted.
    ids : ndarray of int32, shape (n_spikes,)
        Cells; those of one step are sorted.
    """

    steps: Steps
    ids: npt.NDArray[np.int32]


class FiberState(NamedTuple):
    """Parallel fibers.

    Attributes
    ----------
    refractory_until : ndarray of int64, shape (n PF,)
        First step of coin flips.
    next_spike : ndarray of int64, shape (n PF,)
        Step of the next spike.
    n_draws : ndarray of int64, shape (n PF,)
        Random words used.
    """

    refractory_until: Steps
    next_spike: Steps
    n_draws: Steps

    def copy(self) -> FiberState:
        """Return a state that shares nothing with this one."""
        return FiberState(self.refractory_until.copy(), self.next_spike.copy(), self.n_draws.copy())


class MossyState(NamedTuple):
    """Mossy fibers.

    Attributes
    ----------
    next_spike : ndarray of float64, shape (n MF,)
        Time of the next spike in steps.
    n_draws : ndarray of int64, shape (n MF,)
        Random words used.
    """

    next_spike: Floats
    n_draws: Steps

    def copy(self) -> MossyState:
        """Return a state that shares nothing with this one."""
        return MossyState(self.next_spike.copy(), self.n_draws.copy())


@dataclass(eq=False)
class InputState:
    """Parallel and mossy fibers.

    Attributes
    ----------
    pf : FiberState
    mf : MossyState
    pf_rate_Hz, mf_rate_Hz : float
        Rates for which the next spikes were drawn; NaN before the first.
    pf_episode : int
        First step of the `PFEpisode` for which the next spikes were drawn; -1 for none.
    """

    pf: FiberState
    mf: MossyState
    pf_rate_Hz: float = float("nan")
    mf_rate_Hz: float = float("nan")
    pf_episode: int = -1

    def copy(self) -> InputState:
        """Return a state that shares nothing with this one."""
        return replace(self, pf=self.pf.copy(), mf=self.mf.copy())


@dataclass(eq=False)
class State:
    """State of a run between two steps.

    Attributes
    ----------
    step : int
        The next step.
    cells : dict of str to CellState
        By population, of BC, PC, DCN and IO.
    conductances : dict of str to ndarray, shape (n target,)
        Conductance in 1/ms, by class of synapses.
    recent : dict of str to RecentSpikes
        By population.
    inputs : InputState
        Parallel and mossy fibers.
    last_cf : ndarray of int64, shape (n IO,)
        Step of the last arrival of each climbing fiber.
    last_pf : ndarray of int64, shape (n PF,)
        Step of the last arrival of each PF at PCs, if the rule of plasticity needs it.
    last_pc : ndarray of int64, shape (n PC,)
        Step of the last spike of each PC, if the rule of plasticity needs it.
    weights : ndarray of int32, shape (n PC, fan-in)
        PF→PC weights in units of 2⁻²⁶.
    mf_weights : ndarray of int32, shape (n DCN,)
        MF→DCN weights in units of 2⁻²⁶.
    pc_rate_Hz : ndarray of float64, shape (n DCN,)
        Averaged rate of the PCs of each DCN, if the plasticity of MF→DCN needs it.
    """

    step: int
    cells: dict[str, CellState]
    conductances: dict[str, Floats]
    recent: dict[str, RecentSpikes]
    inputs: InputState
    last_cf: Steps
    last_pf: Steps
    last_pc: Steps
    weights: npt.NDArray[np.int32]
    mf_weights: npt.NDArray[np.int32]
    pc_rate_Hz: Floats

    def copy(self) -> State:
        """Return a deep copy."""
        return deepcopy(self)

    def to_arrays(self) -> dict[str, npt.NDArray]:
        """Return the state as named arrays, for a checkpoint."""
        arrays = {"step": np.array(self.step), "weights": self.weights}
        arrays |= {"last_cf": self.last_cf, "last_pf": self.last_pf, "last_pc": self.last_pc}
        arrays |= {"mf_weights": self.mf_weights, "pc_rate_Hz": self.pc_rate_Hz}
        arrays["rates_Hz"] = np.array([self.inputs.pf_rate_Hz, self.inputs.mf_rate_Hz])
        arrays["pf_episode"] = np.array(self.inputs.pf_episode)
        arrays |= {f"g.{name}": g for name, g in self.conductances.items()}
        groups = {"pf": self.inputs.pf, "mf": self.inputs.mf} | self.cells
        groups |= {f"{name}.recent": spikes for name, spikes in self.recent.items()}
        for name, group in groups.items():
            arrays |= {f"{name}.{field}": x for field, x in group._asdict().items()}
        return arrays


def state_from_arrays(arrays: Mapping[str, npt.NDArray]) -> State:
    """Return a state from the arrays of `State.to_arrays`.

    Raises
    ------
    KeyError
        An array is missing.
    """

    def group(kind: Any, name: str) -> Any:
        return kind(*(arrays[f"{name}.{field}"] for field in kind._fields))

    pf_rate_Hz, mf_rate_Hz = (float(rate) for rate in arrays["rates_Hz"])
    inputs = InputState(
        group(FiberState, "pf"),
        group(MossyState, "mf"),
        pf_rate_Hz,
        mf_rate_Hz,
        int(arrays.get("pf_episode", -1)),  # absent before there were stimuli
    )
    n_dcn = len(arrays["DCN.v"])  # what follows is absent before MF→DCN was plastic
    return State(
        step=int(arrays["step"]),
        cells={name: group(CellState, name) for name in NEURONS},
        conductances={name: arrays[f"g.{name}"] for name in SYNAPSE_CLASSES},
        recent={name: group(RecentSpikes, f"{name}.recent") for name in POPULATIONS},
        inputs=inputs,
        last_cf=arrays["last_cf"],
        last_pf=arrays["last_pf"],
        last_pc=arrays["last_pc"],
        weights=arrays["weights"],
        mf_weights=arrays.get("mf_weights", _initial_mf_weights(n_dcn)),
        pc_rate_Hz=arrays.get("pc_rate_Hz", np.zeros(n_dcn)),
    )


def initial_state(
    parameters: OliveParameters, circuit: Circuit, coefficients: StepCoefficients, seed: int
) -> State:
    """Return the state before the first step.

    Conductances are zero; potentials lie anywhere between reset and resting threshold, so
    that cells of a population do not start in step.
    """
    rng = generator(seed, Purpose.LOOP_INITIAL_V)
    n = circuit.sizes
    cells = {}
    for name in NEURONS:
        cell = coefficients.cells[name]
        v = rng.uniform(cell.reset, cell.threshold, n[name])
        cells[name] = CellState(v, np.full(n[name], cell.threshold))
    no_spikes = np.zeros(0, dtype=np.int64)
    start = round(parameters.plasticity.initial_weight * UNITS_PER_WEIGHT)
    return State(
        step=0,
        cells=cells,
        conductances={x: np.zeros(n[target]) for x, (_, target) in SYNAPSE_CLASSES.items()},
        recent={name: RecentSpikes(no_spikes, no_spikes.astype(np.int32)) for name in POPULATIONS},
        inputs=InputState(
            FiberState(*np.zeros((3, n["PF"]), dtype=np.int64)),
            MossyState(np.zeros(n["MF"]), np.zeros(n["MF"], dtype=np.int64)),
        ),
        last_cf=np.full(n["IO"], LONG_AGO),
        last_pf=np.full(n["PF"], LONG_AGO),
        last_pc=np.full(n["PC"], LONG_AGO),
        weights=np.full(circuit.pf_of_purkinje.shape, start, dtype=np.int32),
        mf_weights=_initial_mf_weights(n["DCN"]),
        pc_rate_Hz=np.zeros(n["DCN"]),
    )


def _initial_mf_weights(n_dcn: int) -> npt.NDArray[np.int32]:
    return np.full(n_dcn, UNITS_PER_WEIGHT, dtype=np.int32)


def shuffle_weights(state: State, seed: int) -> State:
    """Return a state with the weights of PF→PC permuted within each PC."""
    rng = generator(seed, Purpose.LOOP_SHUFFLES)
    return replace(state, weights=rng.permuted(state.weights, axis=1))
