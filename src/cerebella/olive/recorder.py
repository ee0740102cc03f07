"""Recorded values of a run, in append-only files of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.checkpoints import COLUMN
from cerebella.olive.engines.engine import Block, BlockSpikes, TimedSpikes
from cerebella.olive.engines.procedures import choose_spikes
from cerebella.olive.engines.weight_sample import WeightSample
from cerebella.olive.recording import OliveRecording, chosen_synapses, recorded_cells
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit
from cerebella.results.append_only_column import Column

Arrays = dict[str, npt.NDArray]


class Sample(NamedTuple):
    """What is recorded of the weights at one time.

    Attributes
    ----------
    weights : WeightSample
        Distribution of the weights of PF→PC, and those of chosen synapses.
    of_mfs : ndarray of int32, shape (n DCN,), or None
        Weights of MF→DCN in units of 2⁻²⁶, if they are plastic.
    by_synapse : ndarray of int32, shape (n PC, fan-in), or None
        All weights of PF→PC in units of 2⁻²⁶, if groups of PFs are recorded.
    """

    weights: WeightSample
    of_mfs: npt.NDArray[np.int32] | None = None
    by_synapse: npt.NDArray[np.int32] | None = None


class Recorder:
    """Appends blocks to columns; values up to the last checkpoint survive a crash."""

    def __init__(
        self,
        folder: Path,
        recording: OliveRecording,
        circuit: Circuit,
        seed: int,
        saved: Mapping[str, npt.NDArray] | None = None,
        *,
        mf_is_plastic: bool = False,
    ) -> None:
        """Start, or resume from the arrays returned by `saved_arrays`."""

        def column(name: str, dtype: npt.DTypeLike, row: tuple[int, ...] = ()) -> Column:
            written = saved[COLUMN + name] if saved else (0, 0, 0)
            return Column(folder / name, dtype, row, written)

        self.cells = recorded_cells(recording, circuit.sizes, seed)
        self.synapses = chosen_synapses(circuit.pf_of_purkinje.size, recording.weights, seed)
        self._n, self.n_bins = circuit.sizes, recording.histogram_bins
        self.spikes = {
            name: (column(f"{name}.steps", np.uint32), column(f"{name}.cells", np.uint32))
            for name in circuit.sizes
        }
        self.voltages = {
            name: column(f"{name}.v", np.float32, (len(cells),))
            for name, cells in recording.voltages.items()
            if cells
        }
        self.weights = {
            "steps": column("weights.steps", np.uint32),
            "mean": column("weights.mean", np.float64),
            "sd": column("weights.sd", np.float64),
            "by_zone": column("weights.by_zone", np.float32, (circuit.sizes["DCN"],)),
            "histogram": column("weights.histogram", np.int64, (self.n_bins,)),
            "synapses": column("weights.synapses", np.float32, (len(self.synapses),)),
        }
        self.has_plastic_mfs = mf_is_plastic
        if mf_is_plastic:
            self.weights["mf_dcn"] = column("weights.mf_dcn", np.float32, (circuit.sizes["DCN"],))
        self.has_groups = recording.pf_groups > 0
        if self.has_groups:
            shape = (circuit.sizes["DCN"], recording.pf_groups)
            self._groups = _groups_of_synapses(circuit, recording.pf_groups)
            self._per_group = np.bincount(self._groups, minlength=shape[0] * shape[1])
            self.weights["by_group"] = column("weights.by_group", np.float32, shape)
        self.mean_weight = float(saved["mean_weight"]) if saved else float("nan")

    def append(self, block: Block) -> None:
        """Record a block."""
        for name, spikes in block.spikes.items():
            if len(spikes.ids):
                steps, cells = self._chosen(name, block.first, spikes)
                self.spikes[name][0].append(steps)
                self.spikes[name][1].append(cells)
        for name, values in block.voltages.items():
            self.voltages[name].append(values)

    def _chosen(self, name: str, first: int, spikes: BlockSpikes | TimedSpikes) -> tuple[Any, Any]:
        """Return the steps and cells of the spikes to be recorded."""
        chosen = self.cells[name]
        if chosen is not None and not len(chosen):
            return spikes.ids[:0], spikes.ids[:0]
        if isinstance(spikes, TimedSpikes) and (chosen is None or spikes.are_chosen):
            return spikes.steps, spikes.ids
        keep = np.zeros(self._n[name], dtype=np.bool_)
        keep[slice(None) if chosen is None else chosen] = True
        if isinstance(spikes, TimedSpikes):
            kept = keep[spikes.ids]
            return spikes.steps[kept], spikes.ids[kept]
        steps, cells = np.empty((2, len(spikes.ids)), dtype=np.uint32)
        ids = spikes.ids.astype(np.int32, copy=False).view(np.uint32)
        n = choose_spikes(first, ids, spikes.offsets, keep, steps, cells)
        return steps[:n], cells[:n]

    def append_sample(self, step: int, sample: Sample) -> None:
        """Record weights."""
        self.append_weights(step, sample.weights)
        if sample.of_mfs is not None:
            weights = (sample.of_mfs / UNITS_PER_WEIGHT).astype(np.float32)
            self.weights["mf_dcn"].append(weights[np.newaxis])
        if sample.by_synapse is not None:
            self._append_groups(sample.by_synapse)

    def append_weights(self, step: int, sample: WeightSample) -> None:
        """Record the distribution of the weights of PF→PC."""
        values = {
            "steps": step,
            "mean": sample.mean,
            "sd": sample.sd,
            "by_zone": sample.by_zone,
            "histogram": sample.histogram,
            "synapses": sample.chosen,
        }
        for name, value in values.items():
            self.weights[name].append((value,))
        self.mean_weight = sample.mean

    def _append_groups(self, weights: npt.NDArray[np.int32]) -> None:
        """Record the mean weight of each zone and group of PFs; NaN without synapses."""
        column = self.weights["by_group"]
        n = self._per_group
        sums = np.bincount(self._groups, weights.ravel(), minlength=len(n)) / UNITS_PER_WEIGHT
        mean = np.divide(sums, n, out=np.full(len(n), np.nan), where=n > 0)
        column.append(mean.astype(np.float32).reshape(1, *column.row))

    def saved_arrays(self) -> Arrays:
        """Flush all files, and return their lengths and checksums for a checkpoint."""
        written = {COLUMN + column.path.name: column.flush() for column in self._columns()}
        return written | {"mean_weight": np.array(self.mean_weight)}

    def _columns(self) -> Iterator[Column]:
        for pair in self.spikes.values():
            yield from pair
        yield from self.voltages.values()
        yield from self.weights.values()


def _groups_of_synapses(circuit: Circuit, n_groups: int) -> npt.NDArray[np.int64]:
    """Return the group of each synapse PF→PC, numbered by zone and then by PF."""
    zone = np.arange(circuit.sizes["PC"]) * circuit.sizes["DCN"] // circuit.sizes["PC"]
    group = circuit.pf_of_purkinje.astype(np.int64) * n_groups // circuit.sizes["PF"]
    return (zone[:, None] * n_groups + group).ravel()
