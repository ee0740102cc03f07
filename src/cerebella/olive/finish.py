"""From the files of a run under way to a run directory (see `cerebella.results.olive_run`)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Model
from cerebella.olive.recorder import Recorder
from cerebella.olive.wiring import UNITS_PER_WEIGHT
from cerebella.results.atomic import atomic_file
from cerebella.results.hdf5 import new_hdf5
from cerebella.results.manifest import MANIFEST_SCHEMA, dump_manifest
from cerebella.results.olive_run import VOLTAGE, WEIGHTS_FILE
from cerebella.results.run_directory import MANIFEST_FILE, SPIKES_FILE
from cerebella.results.sonata_traces import write_traces
from cerebella.results.spike_columns import times_of_steps, write_spike_columns
from cerebella.results.spikes import Population
from cerebella.results.traces import Traces


def finish_run(
    folder: Path,
    partial: Path,
    manifest: Mapping[str, Any],
    model: Model,
    recorder: Recorder,
    final_weights: npt.NDArray[np.int32],
) -> None:
    """Write spikes, potentials and weights, then run.json, and remove the partial files."""
    populations = populations_of(model.circuit.sizes)
    dt_ms = model.parameters.time_step_ms
    write_spike_columns(
        folder / SPIKES_FILE,
        {population: recorder.spikes[population.name] for population in populations},
        recorder.cells,
        manifest["duration_ms"],
        dt_ms,
    )
    traces = _traces(model, recorder, populations)
    if traces is not None:
        write_traces(traces, folder / f"{VOLTAGE}.h5", populations)
    _write_weights(folder / WEIGHTS_FILE, model, recorder, final_weights)
    content = {"schema": MANIFEST_SCHEMA} | dict(manifest)
    content["traces"] = [] if traces is None else [VOLTAGE]
    content["recorded"] = {
        name: model.circuit.sizes[name] if cells is None else len(cells)
        for name, cells in recorder.cells.items()
    }
    with atomic_file(folder / MANIFEST_FILE) as temporary:
        temporary.write_text(dump_manifest(content, folder / MANIFEST_FILE), encoding="utf-8")
    shutil.rmtree(partial)


def populations_of(sizes: Mapping[str, int]) -> tuple[Population, ...]:
    """Return the populations of a circuit with their global ids, from 0."""
    found, first = [], 0
    for name, n in sizes.items():
        found.append(Population(name, first, n))
        first += n
    return tuple(found)


def _traces(model: Model, recorder: Recorder, populations: tuple[Population, ...]) -> Traces | None:
    """Return the sampled potentials, if there are any; a sample is that at the end of its step."""
    columns, gids = [], []
    for population in populations:
        column = recorder.voltages.get(population.name)
        if column is not None and column.length:
            cells = model.voltages.cells[population.name]
            values = np.concatenate(list(column.pieces())).reshape(-1, len(cells))
            columns.append(values)
            gids.append(population.first_gid + cells)
    if not columns or len(columns[0]) < 2:
        return None
    values = np.concatenate(columns, axis=1)
    n_cells = values.shape[1]
    steps = np.arange(len(values)) * model.voltages.every
    return Traces(
        times_of_steps(steps, model.parameters.time_step_ms),
        values,
        np.concatenate(gids).astype(np.int64),
        np.full(n_cells, "soma"),
        np.full(n_cells, 0.5),
    )


def _write_weights(
    path: Path, model: Model, recorder: Recorder, final_weights: npt.NDArray[np.int32]
) -> None:
    samples = recorder.weight_samples()
    fan_in = model.circuit.pf_of_pkj.shape[1]
    pkj, place = np.divmod(recorder.synapses, fan_in)
    n_bins = samples["counts"].shape[1]
    arrays = {
        "times_ms": times_of_steps(samples["steps"], model.parameters.time_step_ms),
        "mean": samples["mean"],
        "sd": samples["sd"],
        "by_zone": samples["by_zone"],
        "histogram": samples["counts"],
        "histogram_edges": np.linspace(0, 1, n_bins + 1),
        "synapses": samples["synapses"],
        "synapse_pkj": pkj.astype(np.int32),
        "synapse_pf": model.circuit.pf_of_pkj[pkj, place],
        "final": (final_weights / UNITS_PER_WEIGHT).astype(np.float32),
        "pf_of_pkj": model.circuit.pf_of_pkj,
    }
    with atomic_file(path) as temporary, new_hdf5(temporary) as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, track_times=False)
