"""Interface of all engines: from a plan of blocks to blocks of spikes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.weight_sample import WeightSample
from cerebella.olive.perturbations import Drive
from cerebella.olive.state import State
from cerebella.olive.step_coefficients import StepCoefficients
from cerebella.olive.wiring import Circuit
from cerebella.parameters.olive_simulation import OliveParameters


class Plan(NamedTuple):
    """Steps up to `stop` with constant settings."""

    stop: int
    drive: Drive


class BlockSpikes(NamedTuple):
    """Spikes of one population in one block.

    Attributes
    ----------
    ids : ndarray of int, shape (n_spikes,)
        Cells, ordered by step and then by cell.
    offsets : ndarray of int64, shape (n_steps + 1,)
        Step i of the block has ids[offsets[i]:offsets[i + 1]].
    """

    ids: npt.NDArray[np.integer]
    offsets: npt.NDArray[np.int64]


class TimedSpikes(NamedTuple):
    """Spikes of one population in one block, with the step of each.

    Attributes
    ----------
    first, n_steps : int
        First step, and number of steps of the block.
    steps : ndarray of uint32, shape (n_spikes,)
        Step of each spike.
    ids : ndarray of int, shape (n_spikes,)
        Cells, ordered by step and then by cell.
    are_chosen : bool
        Whether these are the spikes of recorded cells only.
    """

    first: int
    n_steps: int
    steps: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.integer]
    are_chosen: bool = False

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Offsets as in `BlockSpikes`."""
        return np.searchsorted(self.steps, self.first + np.arange(self.n_steps + 1))


@dataclass(frozen=True, eq=False)
class Block:
    """Results of steps first <= s < stop.

    Attributes
    ----------
    first, stop : int
        Range of steps.
    spikes : mapping of str to BlockSpikes or TimedSpikes
        Spikes by population.
    voltages : mapping of str to ndarray of float32, shape (n_samples, n_recorded)
        Potentials in mV at the end of each sampled step, by population.
    """

    first: int
    stop: int
    spikes: Mapping[str, BlockSpikes | TimedSpikes]
    voltages: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)


class VoltageRequest(NamedTuple):
    """Cells whose potential is sampled, and sampling interval.

    Attributes
    ----------
    every : int
        Sampling interval in steps; steps 0, every, 2 every, … are sampled.
    cells : mapping of str to ndarray of int32, shape (n,)
        Sampled cells by population.
    """

    every: int
    cells: Mapping[str, npt.NDArray[np.int32]]


class Model(NamedTuple):
    """Everything an engine requires besides the state.

    Attributes
    ----------
    seed : int
        Seed of the random drive, which differs between trials; see `seed_of_trial`.
    recorded : mapping of str to ndarray of int32, or None
        Cells whose spikes are recorded, by population; all of those that are missing or None.
        Engines may leave out spikes of other cells, but not of IO.
    """

    parameters: OliveParameters
    circuit: Circuit
    coefficients: StepCoefficients
    seed: int
    voltages: VoltageRequest
    recorded: Mapping[str, npt.NDArray[np.int32] | None] = {}


class Integrator(Protocol):
    """Integrates one run. After each block, `state` and `weights` refer to its end."""

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        ...

    def state(self) -> State:
        """Return a copy of the whole state."""
        ...

    def weights(self) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights (n PC, fan-in), in units of 2⁻²⁶; read-only."""
        ...

    def mf_weights(self) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights (n DCN,), in units of 2⁻²⁶; read-only."""
        ...

    def weight_sample(self, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights, and those of chosen synapses.

        Synapses are indices into the flattened `weights`.
        """
        ...
