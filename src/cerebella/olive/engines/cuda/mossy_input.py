"""Spike trains of the mossy fibers of all circuits on a device, drawn at once on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Model, TimedSpikes
from cerebella.olive.engines.procedures import draw_mf_of_circuits
from cerebella.olive.engines.spike_log import log_of_state
from cerebella.olive.state import MossyState, RecentSpikes, State
from cerebella.randomness import Purpose

_MARGIN = 100
"""Room for MF spikes of a circuit besides twice their mean number."""


class Trains(NamedTuple):
    """MF spikes of a block, after those that are under way at its begin.

    Attributes
    ----------
    first, stop : int
        Range of steps of the block.
    next_spike, n_draws : ndarray, shape (n, n_mf)
        As in `MossyState`, at the end of the block, by circuit.
    steps : ndarray of uint32, shape (n, room)
        Step of each spike.
    ids : ndarray of int32, shape (n, room)
        Fibers, by step and then by fiber.
    offsets : ndarray of int32, shape (n, held + n_steps + 1)
        Place of the first spike of each step, from `held` steps before the block on.
    """

    first: int
    stop: int
    next_spike: npt.NDArray[np.float64]
    n_draws: npt.NDArray[np.int64]
    steps: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int32]

    def spikes(self, c: int) -> TimedSpikes:
        """Return the spikes of a circuit in the block."""
        n_steps = self.stop - self.first
        own = slice(self.offsets[c, -1 - n_steps], self.offsets[c, -1])
        return TimedSpikes(self.first, n_steps, self.steps[c, own], self.ids[c, own])

    def recent(self, c: int, history: int) -> RecentSpikes:
        """Return the spikes of a circuit in the last steps of the block."""
        own = slice(self.offsets[c, -1 - history], self.offsets[c, -1])
        return RecentSpikes(self.steps[c, own].astype(np.int64), self.ids[c, own].copy())


class MossyInput:
    """The mossy fibers of all circuits.

    Attributes
    ----------
    held : int
        Number of steps for which spikes are kept after a block.
    block : Trains
        The current block.
    intervals : ndarray of float64, shape (n,)
        Mean interval of an MF of each circuit in steps.
    """

    def __init__(self, models: Sequence[Model], states: Sequence[State]) -> None:
        self._seeds = np.array([model.seed for model in models], np.uint64)
        self.held = max(model.coefficients.history["MF"] for model in models)
        self.intervals = np.full(len(models), np.inf)
        step, spikes = states[0].step, [state.recent["MF"] for state in states]
        ids = np.zeros((len(models), max([1, *(len(one.ids) for one in spikes)])), np.int32)
        steps, offsets = np.zeros(ids.shape, np.uint32), []
        for c, one in enumerate(spikes):
            ids[c, : len(one.ids)], steps[c, : len(one.ids)] = one.ids, one.steps
            offsets.append(log_of_state(one, step - self.held, step).offsets)
        fibers = [state.inputs.mf for state in states]
        self.block = Trains(
            step,
            step,
            np.array([one.next_spike for one in fibers]),
            np.array([one.n_draws for one in fibers]),
            steps,
            ids,
            np.array(offsets, np.int32),
        )

    def state(self, c: int) -> MossyState:
        """Return the fibers of a circuit at the end of the current block, which may be changed."""
        return MossyState(self.block.next_spike[c], self.block.n_draws[c])

    def drawn_to(self, stop: int) -> Trains:
        """Return the spikes from the end of the current block to a step.

        Their number is unbounded: the drawing is repeated with more room if necessary.
        """
        before = self.block
        n, first, n_steps = len(self._seeds), before.stop, stop - before.stop
        n_mf = before.next_spike.shape[1]
        offsets = np.empty((n, self.held + n_steps + 1), np.int32)
        kept = np.ascontiguousarray(before.offsets[:, -1 - self.held :])
        n_kept = int((kept[:, -1] - kept[:, 0]).max())
        room = n_kept + max(1, int(2 * n_mf * n_steps / self.intervals.min()) + _MARGIN)
        while True:
            after = np.empty((n, room), np.uint32), np.empty((n, room), np.int32), offsets
            fibers = before.next_spike.copy(), before.n_draws.copy()
            if draw_mf_of_circuits(
                first,
                int(Purpose.LOOP_MF_TRAIN),
                self._seeds,
                self.intervals,
                *fibers,
                (before.steps, before.ids, kept),
                after,
                np.empty((2, room), np.int32),
            ):
                return Trains(first, stop, *fibers, *after)
            room *= 2
