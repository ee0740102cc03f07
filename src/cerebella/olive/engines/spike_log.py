"""Spikes by step: results of a block, and delay lines and memory of the next block."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import BlockSpikes
from cerebella.olive.state import RecentSpikes


class SpikeLog(NamedTuple):
    """Spikes of steps first <= s < first + len(offsets) − 1.

    Attributes
    ----------
    first : int
        First step.
    ids : ndarray of int32
        Cells by step and then cell; may be longer than the number of spikes.
    offsets : ndarray of int64
        Step s has ids[offsets[s − first]:offsets[s − first + 1]].
    """

    first: int
    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    def tail(self, n_steps: int) -> SpikeLog:
        """Return a copy of the last steps."""
        offsets = self.offsets[-1 - n_steps :]
        start, stop = offsets[0], offsets[-1]
        first = self.first + len(self.offsets) - 1 - n_steps
        return SpikeLog(first, self.ids[start:stop].copy(), offsets - start)

    def extended(self, n_steps: int, n_spikes: int) -> SpikeLog:
        """Return a copy with capacity for more steps and spikes, to be filled in."""
        ids = np.empty(len(self.ids) + n_spikes, dtype=np.int32)
        ids[: len(self.ids)] = self.ids
        offsets = np.empty(len(self.offsets) + n_steps, dtype=np.int64)
        offsets[: len(self.offsets)] = self.offsets
        return SpikeLog(self.first, ids, offsets)

    def joined(self, spikes: BlockSpikes) -> SpikeLog:
        """Return this log extended by the following block."""
        return SpikeLog(
            self.first,
            np.concatenate([self.ids, spikes.ids]).astype(np.int32, copy=False),
            np.concatenate([self.offsets, self.offsets[-1] + spikes.offsets[1:]]),
        )

    def since(self, step: int) -> BlockSpikes:
        """Return the spikes from a step on."""
        offsets = self.offsets[step - self.first :]
        return BlockSpikes(self.ids[offsets[0] : offsets[-1]], offsets - offsets[0])

    def as_recent(self) -> RecentSpikes:
        """Return the step and the cell of each spike."""
        n_steps = len(self.offsets) - 1
        steps = np.repeat(self.first + np.arange(n_steps, dtype=np.int64), np.diff(self.offsets))
        return RecentSpikes(steps, self.ids[: self.offsets[-1]])


def log_of_state(spikes: RecentSpikes, first: int, stop: int) -> SpikeLog:
    """Return the log of steps first <= s < stop from recent spikes."""
    inside = spikes.steps >= first
    counts = np.bincount(spikes.steps[inside] - first, minlength=stop - first)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return SpikeLog(first, spikes.ids[inside], offsets)
