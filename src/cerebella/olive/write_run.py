"""Conversion of the files of a simulation to a run directory (see `cerebella.runs.directory`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Model
from cerebella.olive.recorder import Recorder
from cerebella.olive.wiring import UNITS_PER_WEIGHT
from cerebella.results.append_only_column import dataset_of
from cerebella.results.atomic import atomic_file
from cerebella.results.filled_hdf5 import Filling, dataset_to_fill, write_filled
from cerebella.results.sonata_traces import write_soma_columns
from cerebella.results.spike_columns import write_spike_columns
from cerebella.results.spikes import Population
from cerebella.results.time_grid import times_of_steps
from cerebella.runs.directory import MANIFEST_FILE, SPIKES_FILE, WEIGHTS_FILE
from cerebella.runs.manifest import MANIFEST_SCHEMA, dump_manifest

VOLTAGE = "voltage"


def write_olive_run(
    folder: Path,
    manifest: Mapping[str, Any],
    model: Model,
    recorder: Recorder,
    final_weights: npt.NDArray[np.int32],
) -> None:
    """Write spikes, potentials and weights, then run.json, into an empty folder."""
    populations = populations_of(model.circuit.sizes)
    dt_ms = model.parameters.time_step_ms
    write_spike_columns(
        folder / SPIKES_FILE,
        {population: recorder.spikes[population.name] for population in populations},
        recorder.cells,
        manifest["duration_ms"],
        dt_ms,
    )
    has_voltages = _write_voltages(folder / f"{VOLTAGE}.h5", model, recorder, populations)
    _write_weights(folder / WEIGHTS_FILE, model, recorder, final_weights)
    content = {"schema": MANIFEST_SCHEMA} | dict(manifest)
    content["traces"] = [VOLTAGE] if has_voltages else []
    content["recorded"] = {
        name: model.circuit.sizes[name] if cells is None else len(cells)
        for name, cells in recorder.cells.items()
    }
    with atomic_file(folder / MANIFEST_FILE) as temporary:
        temporary.write_text(dump_manifest(content, folder / MANIFEST_FILE), encoding="utf-8")


def populations_of(sizes: Mapping[str, int]) -> tuple[Population, ...]:
    """Return the populations of a circuit with gids from 0."""
    found, first = [], 0
    for name, n in sizes.items():
        found.append(Population(name, first, n))
        first += n
    return tuple(found)


def _write_voltages(
    path: Path, model: Model, recorder: Recorder, populations: tuple[Population, ...]
) -> bool:
    """Write the sampled potentials, if any; samples are taken at the ends of steps."""
    columns = {
        population: (recorder.voltages[population.name], model.voltages.cells[population.name])
        for population in populations
        if population.name in recorder.voltages
    }
    if not columns or next(iter(columns.values()))[0].length < 2:
        return False
    step_ms = float(times_of_steps(np.array(model.voltages.every), model.parameters.time_step_ms))
    write_soma_columns(path, columns, step_ms)
    return True


def _write_weights(
    path: Path, model: Model, recorder: Recorder, final_weights: npt.NDArray[np.int32]
) -> None:
    fan_in = model.circuit.pf_of_purkinje.shape[1]
    purkinje, place = np.divmod(recorder.synapses, fan_in)
    n_bins = recorder.weights["histogram"].row[0]
    arrays = {
        "histogram_edges": np.linspace(0, 1, n_bins + 1),
        "synapse_purkinje": purkinje.astype(np.int32),
        "synapse_pf": model.circuit.pf_of_purkinje[purkinje, place],
        "final": (final_weights / UNITS_PER_WEIGHT).astype(np.float32),
        "pf_of_purkinje": model.circuit.pf_of_purkinje,
    }
    in_ms = partial(times_of_steps, time_step_ms=model.parameters.time_step_ms)

    def lay_out(file: h5py.File) -> list[Filling]:
        columns = dict(recorder.weights)
        return [
            dataset_of(file, "times_ms", columns.pop("steps"), in_ms, np.float64),
            *(dataset_of(file, name, column) for name, column in columns.items()),
            *(dataset_to_fill(file, name, values) for name, values in arrays.items()),
        ]

    with atomic_file(path) as temporary:
        write_filled(temporary, lay_out)
