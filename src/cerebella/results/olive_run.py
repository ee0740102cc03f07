"""A finished run of the olivocerebellar loop.

run.json     the manifest, kind "olive"
spikes.h5    SONATA spikes; a population of which only some cells were recorded lists them in
             the dataset recorded_ids
voltage.h5   a SONATA report of potentials, if there are any
weights.h5   PF→PC weights: times_ms (n,), mean (n,), sd (n,), by_zone (n, zones), histogram
             (n, bins), histogram_edges, the weights of some synapses (n, synapses) with
             synapse_pf and synapse_purkinje, and all at the end: final (PC, fan-in), pf_of_purkinje
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.condition import Condition
from cerebella.results.manifest import load_manifest
from cerebella.results.run_directory import MANIFEST_FILE, SPIKES_FILE, TraceFiles, is_run
from cerebella.results.sonata import dataset_in, group_in, opened_sonata, populations_in
from cerebella.results.sonata_spikes import read_spikes
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.results.traces import Traces

VOLTAGE = "voltage"
WEIGHTS_FILE = "weights.h5"

Floats = npt.NDArray[np.floating]

_OLDER_NAMES = {"synapse_purkinje": "synapse_pkj", "pf_of_purkinje": "pf_of_pkj"}
"""Datasets of weights that runs of versions before 0.1 call otherwise."""


class CellSpikes(NamedTuple):
    """Spikes of the recorded cells of one population.

    Attributes
    ----------
    times_ms : (n_spikes,) sorted.
    cells : (n_spikes,) counted from 0 within the population.
    recorded : (n_recorded,) the cells that were recorded.
    """

    times_ms: npt.NDArray[np.float64]
    cells: npt.NDArray[np.integer]
    recorded: npt.NDArray[np.integer]


class WeightSamples(NamedTuple):
    """PF→PC weights over time; see the head of this module for shapes."""

    times_ms: Floats
    mean: Floats
    sd: Floats
    by_zone: Floats
    histogram: npt.NDArray[np.integer]
    histogram_edges: Floats
    synapses: Floats
    synapse_pf: npt.NDArray[np.integer]
    synapse_purkinje: npt.NDArray[np.integer]
    final: Floats
    pf_of_purkinje: npt.NDArray[np.integer]


class OliveRun:
    """A run of the loop; spikes and weights are read when they are asked for.

    Attributes
    ----------
    path : its directory.
    manifest : the content of run.json.
    traces : ``{"voltage": Traces}`` if potentials were recorded.
    """

    kind = "olive"

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path, self.manifest = path, manifest
        self.traces: Mapping[str, Traces] = TraceFiles(
            {name: path / f"{name}.h5" for name in manifest["traces"]}
        )
        self._spikes: dict[str, CellSpikes] = {}

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.absolute().name

    @property
    def condition(self) -> Condition:
        """Unknown: what tells runs of the loop apart is in the manifest."""
        return Condition()

    @property
    def duration_ms(self) -> float:
        """Simulated time."""
        return float(self.manifest["duration_ms"])

    @cached_property
    def populations(self) -> dict[str, Population]:
        """All populations by name."""
        return {name: population for name, (population, _) in self._groups.items()}

    @cached_property
    def _groups(self) -> dict[str, tuple[Population, str]]:
        """Each population by name, with the path of its group in the file of spikes."""
        with opened_sonata(self.path / SPIKES_FILE, "spikes") as spikes:
            found = populations_in(spikes, self.path / SPIKES_FILE, None)
            return {population.name: (population, str(group.name)) for population, group in found}

    def of(self, name: str) -> CellSpikes:
        """Return the spikes of a population, read once; KeyError lists the names there are."""
        if name not in self.populations:
            raise KeyError(f"{name}: populations are {list(self.populations)}")
        if name not in self._spikes:
            self._spikes[name] = self._read(name)
        return self._spikes[name]

    @cached_property
    def spikes(self) -> SpikeTrains:
        """All recorded spikes as one value; large for long runs, for which `of` is better."""
        return read_spikes(self.path / SPIKES_FILE)

    @cached_property
    def weights(self) -> WeightSamples:
        """PF→PC weights over time."""
        path = self.path / WEIGHTS_FILE
        try:
            with h5py.File(path, "r") as file:
                renamed = {new: old for new, old in _OLDER_NAMES.items() if new not in file}
                return WeightSamples(
                    **{
                        name: np.asarray(file[renamed.get(name, name)])
                        for name in WeightSamples._fields
                    }
                )
        except (OSError, KeyError) as error:
            raise InputError(
                f"cannot be read as weights of a run ({error})",
                file=path,
                remedy="Copy or repeat the run",
            ) from error

    def _read(self, name: str) -> CellSpikes:
        path = self.path / SPIKES_FILE
        with opened_sonata(path, "spikes") as spikes:
            group = group_in(spikes.file, self._groups[name][1], path)
            recorded = np.arange(self.populations[name].n_cells)
            if "recorded_ids" in group:
                recorded = np.asarray(dataset_in(group, "recorded_ids", path)[()])
            return CellSpikes(
                np.asarray(dataset_in(group, "timestamps", path)[()]),
                np.asarray(dataset_in(group, "node_ids", path)[()]),
                recorded,
            )

    def __repr__(self) -> str:
        cells = ", ".join(f"{p.n_cells:,} {p.name}" for p in self.populations.values())
        return f"<OliveRun {str(self.path)!r}: {self.duration_ms / 1000:g} s of {cells}>"


def load_olive_run(path: Path | str) -> OliveRun:
    """Load a finished run of the loop.

    Raises
    ------
    InputError : it is not there, not finished, or a run of something else.
    """
    path = Path(path)
    if not is_run(path):
        raise InputError(
            f"is not a complete run (it has no {MANIFEST_FILE})",
            file=path,
            remedy="Go on with a run that was cut short by cerebella olive run … --resume",
        )
    manifest = load_manifest(path / MANIFEST_FILE)
    if manifest["kind"] != OliveRun.kind:
        raise InputError(f"is a run of kind {manifest['kind']!r}, not of the loop", file=path)
    return OliveRun(path, manifest)
