"""What leaves a device after each block: recorded spikes, sorted on the host, and potentials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.cuda.arrays import RINGS, Structure
from cerebella.olive.engines.cuda.mossy_input import Trains
from cerebella.olive.engines.engine import Block, Model, TimedSpikes
from cerebella.olive.engines.procedures import sort_spikes


class Output:
    """Sizes of the output of circuits of one batch.

    Attributes
    ----------
    every : int
        Sampling interval of potentials in steps.
    sizes : ndarray of int64, shape (populations,)
        Number of cells of each population in `RINGS`.
    columns : list of dict of str to slice
        Columns of the sampled potentials of each circuit, by population.
    """

    def __init__(self, models: Sequence[Model], shape: Structure, keep: npt.NDArray) -> None:
        self.every = models[0].voltages.every
        self.sizes = np.array([shape.sizes[name] for name in RINGS])
        self.columns = [_columns(model) for model in models]
        self._n_columns = max(sum(map(len, model.voltages.cells.values())) for model in models)
        ends = np.cumsum([0, *self.sizes])
        self._most = [
            (
                int(keep[:, start:end].sum(axis=1, dtype=np.int64).max()),
                min(_hold(model, name) for model in models),
            )
            for name, start, end in zip(RINGS, ends[:-1], ends[1:], strict=True)
        ]

    def room(self, n_steps: int) -> list[int]:
        """Return the most recorded spikes of each population of a circuit in some steps."""
        return [n_kept * (n_steps // (hold + 1) + 1) for n_kept, hold in self._most]

    def n_samples(self, first: int, stop: int) -> tuple[int, int]:
        """Return the rows and columns for the potentials sampled in a block, at least 1 each."""
        rows = -(-stop // self.every) - -(-first // self.every)
        return max(1, rows), max(1, self._n_columns)


def blocks_of(
    output: Output,
    first: int,
    stop: int,
    mf: Trains,
    out: npt.NDArray[np.int64],
    n_out: npt.NDArray[np.int32],
    samples: npt.NDArray[np.float32],
) -> list[Block]:
    """Return the block of each circuit, from its MF spikes and what has left the device.

    `out` has as many places for each population as any circuit has used.
    """
    n, n_rings, n_steps = len(n_out), len(RINGS), stop - first
    out_first = np.cumsum([0, *n_out.max(axis=0)])
    steps, cells = np.empty((2, int(n_out.sum())), np.uint32)
    bounds = np.empty(n * n_rings + 1, np.int64)
    keys = np.empty(len(out), np.int64)
    sort_spikes(first, out, n_out, out_first, output.sizes, steps, cells, bounds, keys)
    silent = TimedSpikes(first, n_steps, steps[:0], cells[:0])
    n_samples = -(-stop // output.every) - -(-first // output.every)
    at, blocks = bounds.tolist(), []
    for c in range(n):
        spikes = dict.fromkeys(("PF", "MF", *RINGS[1:]), silent)
        spikes["MF"] = mf.spikes(c)
        for k, name in enumerate(RINGS, c * n_rings):
            if at[k] < at[k + 1]:
                own = slice(at[k], at[k + 1])
                are_chosen = name != "IO"  # IO spikes leave the device in any case
                spikes[name] = TimedSpikes(first, n_steps, steps[own], cells[own], are_chosen)
        columns = output.columns[c].items()
        voltages = {name: samples[c, :n_samples, own] for name, own in columns}
        blocks.append(Block(first, stop, spikes, voltages))
    return blocks


def _columns(model: Model) -> dict[str, slice]:
    """Return the columns of the sampled potentials of each population."""
    found, total = {}, 0
    for name, cells in model.voltages.cells.items():
        found[name] = slice(total, total + len(cells))
        total += len(cells)
    return found


def _hold(model: Model, name: str) -> int:
    """Return the refractory steps of a population."""
    of = model.coefficients
    return of.pf_refractory if name == "PF" else of.cells[name].hold_steps
