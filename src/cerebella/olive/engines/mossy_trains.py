"""Spike trains of mossy fibers, drawn on the processor for all compiled engines."""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.engine import BlockSpikes, Model
from cerebella.olive.engines.procedures import draw_mf_trains
from cerebella.olive.state import MossyState
from cerebella.randomness import Purpose


def draw_mf(
    model: Model, fibers: MossyState, interval: float, first: int, stop: int
) -> tuple[MossyState, BlockSpikes]:
    """Draw the spikes of steps first <= s < stop; return the state after them, and the spikes.

    Their number is unbounded: the drawing is repeated with a longer buffer if necessary.
    """
    n_mf, offsets = model.circuit.sizes["MF"], np.zeros(stop - first + 1, dtype=np.int64)
    words = np.empty((4, 1), dtype=np.uint64)
    room = int(2 * n_mf * (stop - first) / interval) + 100
    while True:
        advanced = fibers.copy()
        ids = np.empty(room, dtype=np.int32)
        n = draw_mf_trains(
            first,
            stop,
            advanced.next_spike,
            advanced.n_draws,
            int(Purpose.LOOP_MF_TRAIN),
            np.uint64(model.seed),
            interval,
            words,
            ids,
            offsets,
        )
        if n >= 0:
            return advanced, BlockSpikes(ids[:n].copy(), offsets)
        room *= 2
