"""Keeps what a run records in a folder of growing files, and says what it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Block, BlockSpikes
from cerebella.olive.recording import OliveRecording, chosen_synapses, recorded_cells
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit
from cerebella.results.spike_columns import Column

Arrays = dict[str, npt.NDArray]


class Recorder:
    """Appends blocks to columns; what a checkpoint says is there survives a kill."""

    def __init__(
        self,
        folder: Path,
        recording: OliveRecording,
        circuit: Circuit,
        seed: int,
        saved: Mapping[str, npt.NDArray] | None = None,
    ) -> None:
        """Start, or go on from the arrays that `saved_arrays` returned."""
        saved = saved or {}
        self.cells = recorded_cells(recording, circuit.sizes, seed)
        self._n = circuit.sizes
        self.spikes = {
            name: (
                Column(folder / f"{name}.steps", np.uint32, int(saved.get(f"length.{name}", 0))),
                Column(folder / f"{name}.cells", np.uint32, int(saved.get(f"length.{name}", 0))),
            )
            for name in circuit.sizes
        }
        self.voltages = {
            name: Column(folder / f"{name}.v", np.float32, int(saved.get(f"length.{name}.v", 0)))
            for name, cells in recording.voltages.items()
            if cells
        }
        self.synapses = chosen_synapses(circuit.pf_of_pkj.size, recording.weights, seed)
        self._n_bins, self._n_zones = recording.histogram_bins, circuit.sizes["DCN"]
        self._samples: dict[str, list[npt.NDArray]] = {
            name: list(saved.get(f"samples.{name}", ()))
            for name in ("steps", "mean", "sd", "by_zone", "counts", "synapses")
        }

    def append(self, block: Block) -> None:
        """Record a block."""
        for name, spikes in block.spikes.items():
            steps, cells = self._chosen(name, block.first, spikes)
            self.spikes[name][0].append(steps)
            self.spikes[name][1].append(cells)
        for name, values in block.voltages.items():
            self.voltages[name].append(values.ravel())

    def _chosen(self, name: str, first: int, spikes: BlockSpikes) -> tuple[Any, Any]:
        """Return the steps and cells of the spikes to be recorded."""
        chosen = self.cells[name]
        if chosen is not None and not len(chosen):
            return spikes.ids[:0], spikes.ids[:0]
        counts = np.diff(spikes.offsets)
        steps = np.repeat(np.arange(first, first + len(counts), dtype=np.uint32), counts)
        if chosen is None:
            return steps, spikes.ids
        keep = np.zeros(self._n[name], dtype=bool)
        keep[chosen] = True
        kept = keep[spikes.ids]
        return steps[kept], spikes.ids[kept]

    def sample_weights(self, step: int, weights: npt.NDArray[np.int32]) -> float:
        """Record the distribution of weights and those of the chosen synapses; return the mean."""
        scaled = weights.ravel() / UNITS_PER_WEIGHT
        by_zone = scaled.reshape(self._n_zones, -1).mean(axis=1)
        last = self._n_bins - 1
        bins = np.minimum((scaled * self._n_bins).astype(np.int32), last)
        values = {
            "steps": np.int64(step),
            "mean": scaled.mean(),
            "sd": scaled.std(),
            "by_zone": by_zone.astype(np.float32),
            "counts": np.bincount(bins, minlength=self._n_bins).astype(np.int64),
            "synapses": scaled[self.synapses].astype(np.float32),
        }
        for name, value in values.items():
            self._samples[name].append(np.asarray(value))
        return float(values["mean"])

    def weight_samples(self) -> Arrays:
        """Return all samples of weights, the first axis being time."""
        return {name: np.array(rows) for name, rows in self._samples.items()}

    def saved_arrays(self) -> Arrays:
        """Return what a checkpoint must hold to go on from here."""
        lengths = {f"length.{name}": np.array(c[0].length) for name, c in self.spikes.items()}
        lengths |= {f"length.{name}.v": np.array(c.length) for name, c in self.voltages.items()}
        return lengths | {f"samples.{name}": x for name, x in self.weight_samples().items()}

    def close(self) -> None:
        """Close all files."""
        for column in [
            *self.voltages.values(),
            *(c for pair in self.spikes.values() for c in pair),
        ]:
            column.close()


def write_checkpoint(path: Path, arrays: Mapping[str, npt.NDArray]) -> None:
    """Replace the checkpoint at `path`, so that a kill leaves the old one or the new one."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_checkpoint(path: Path) -> Arrays:
    """Return the arrays of a checkpoint."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
