"""The runs of the experiment: networks, thresholds of cells, and responses to climbing fibers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_strength import StoredResponses
from cerebella.analysis.cf_threshold import CFThreshold, analyze_recruitment, cf_scale_of_strength
from cerebella.analysis.dendritic_calcium import CALCIUM_WINDOW_MS, NM_PER_MM
from cerebella.analysis.dendritic_territories import RECRUITED_MV, Responses
from cerebella.analysis.soma_spikes import COMPLEX_SPIKE_WINDOW_MS, complex_spike_window
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import (
    CELL_WEIGHT,
    INPUTS,
    NETWORK,
    SyncModel,
    load_input_network,
    network_task,
)
from cerebella.experiments.cf_threshold import WINDOW_MS, find_recruitment
from cerebella.files.npz import read_npz
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology, save_morphology
from cerebella.network.load import save_network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.cf_responses import CFResponse, ResponseWindow, prepare_cf_responses
from cerebella.results.atomic import atomic_directory, atomic_file
from cerebella.results.digest import digest
from cerebella.runs.directory import MANIFEST_FILE
from cerebella.runs.load import load_run
from cerebella.runs.manifest import MANIFEST_SCHEMA, dump_manifest
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.task import Task

THRESHOLD_TRIALS = (1, 2, 3, 4, 5)
SCALE_RANGES = ((10.0, 60.0), (5.0, 60.0), (30.0, 120.0))
"""Ranges of the search for thresholds; the first one that contains them is used."""

_TOLERANCE = 0.4
_CELLS, _ARRAYS = "cells", "arrays.npz"
_SWC, _SECTIONS = "morphology.swc", "sections.csv"
_N_SEARCH = 25  # scales of a search for thresholds
_S_PER_MS = 0.1  # upper estimate of the duration of a run of the cell in s for each simulated ms

_TOLERANCE_MS = 1e-6  # exceeds the rounding of sample times

_WINDOW = ResponseWindow(-CALCIUM_WINDOW_MS[0], WINDOW_MS, COMPLEX_SPIKE_WINDOW_MS[1])


@dataclass(frozen=True, eq=False)
class StrengthModel:
    """Circuit and cells of the experiment.

    Attributes
    ----------
    layer : SyncModel
        Network, parameters and seed; its morphology is not used.
    cells : tuple of Morphology
        The Purkinje cells, each with its own name.
    """

    layer: SyncModel
    cells: tuple[Morphology, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that identify this model; cells may be added to a folder."""
        return {name: of for name, of in self.layer.settings.items() if name != "morphology"}

    def save(self, folder: Path) -> None:
        """Write the circuit to the inputs of the sweep in `folder`."""
        if not (folder / INPUTS).exists():
            with atomic_directory(folder / INPUTS) as inputs:
                save_network(self.layer.network, inputs / NETWORK)
        for cell in self.cells:
            path = folder / INPUTS / _CELLS / _name_of(cell)
            if not path.exists():
                with atomic_directory(path) as new:
                    save_morphology(cell, new / _SWC, new / _SECTIONS)


def run_duration_ms(parameters: PurkinjeParameters) -> float:
    """Return when the response to the CF has been measured, in ms.

    Raises
    ------
    InputError
        The CF does not fire.
    """
    cf_time_ms = parameters.connections.cf_time_ms
    if cf_time_ms is None:
        raise InputError(
            "the climbing fiber of the cell does not fire: connections.cf_time_ms is null",
            remedy="Give a time",
        )
    return complex_spike_window(cf_time_ms)[1]


def strength_tasks(
    model: StrengthModel,
    levels: Sequence[int],
    trials: Sequence[int],
    strengths: Sequence[float],
    engines: Mapping[str, str],
) -> list[Task]:
    """Return all tasks, by cell, so that early cells are complete.

    Parameters
    ----------
    model : StrengthModel
        Circuit and cells.
    levels, trials : sequence of int
        Levels of synchrony and trials.
    strengths : sequence of float
        CF strengths.
    engines : mapping of str to str
        Name of the engine of each level.

    Returns
    -------
    list of Task
        Networks, thresholds and responses, each after those that it needs.
    """
    layer = model.layer
    tasks: dict[str, Task] = {}
    for cell in model.cells:
        threshold = _threshold_task(layer, cell)
        tasks[threshold.name] = threshold
        for trial in trials:
            networks = [
                network_task(layer, level, trial, engine=engines["mli"]) for level in levels
            ]
            responses = _response_task(layer, cell, trial, strengths, [threshold, *networks])
            tasks |= {task.name: task for task in (*networks, responses)}
    return list(tasks.values())


def _threshold_task(layer: SyncModel, cell: Morphology) -> Task:
    n_ms = len(THRESHOLD_TRIALS) * (layer.duration_ms + _N_SEARCH * WINDOW_MS)
    return Task(
        f"threshold_{cell.name}",
        "cf-threshold",
        run_threshold,
        {
            "cell": {"name": cell.name, "content": digest(cell)},
            "network": layer.settings["network"],
            "mli": layer.settings["mli"],
            "parameters": layer.settings["purkinje"],
            "seed": layer.seed,
            "trials": list(THRESHOLD_TRIALS),
            "scale_ranges": [list(one) for one in SCALE_RANGES],
            "tolerance": _TOLERANCE,
        },
        weight=CELL_WEIGHT * n_ms / layer.duration_ms,
        seconds=_S_PER_MS * n_ms,
    )


def _response_task(
    layer: SyncModel,
    cell: Morphology,
    trial: int,
    strengths: Sequence[float],
    after: Sequence[Task],
) -> Task:
    n_ms = layer.duration_ms + (len(after) - 1) * len(strengths) * _WINDOW.soma_ms
    return Task(
        f"responses_{cell.name}_trial{trial}",
        "cf-responses",
        run_responses,
        {
            "cell": {"name": cell.name, "content": digest(cell)},
            "parameters": layer.settings["purkinje"],
            "seed": layer.seed,
            "strengths": list(strengths),
        },
        after=tuple(task.name for task in after),
        weight=CELL_WEIGHT * n_ms / layer.duration_ms,
        labels={"trial": trial},
        seconds=_S_PER_MS * n_ms,
    )


def run_threshold(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Find what CFs of several scales recruit in a cell; see `RunTask`."""
    *ranges, last = settings["scale_ranges"]
    for scale_range in ranges:
        try:
            return _run_threshold(path, settings, scale_range)
        except InputError:  # the thresholds are not in this range
            continue
    return _run_threshold(path, settings, last)


def _run_threshold(path: Path, settings: Mapping[str, Any], scale_range: Sequence[float]) -> None:
    cell = _load_cell(path, settings)
    parameters = PurkinjeParameters.model_validate(settings["parameters"])
    low, high = scale_range
    responses = find_recruitment(
        cell,
        load_input_network(path, settings),
        settings["trials"],
        (low, high),
        tolerance=settings["tolerance"],
        seed=settings["seed"],
        parameters=parameters,
        network_parameters=MLIParameters.model_validate(settings["mli"]),
        progress=False,
    )
    found = analyze_recruitment(cell, responses, cf_scale=parameters.connections.cf_scale)
    arrays = {f"scales_{trial}": one.scales for trial, one in responses.items()}
    arrays |= {f"recruited_{trial}": one.recruited for trial, one in responses.items()}
    about = {"main_threshold": found.main_threshold, "scale_range": [low, high]}
    _save(path, "cf-threshold", settings, arrays, about)


def load_threshold(path: Path, cell: Morphology, *, cf_scale: float) -> CFThreshold:
    """Return the thresholds of a cell from their run.

    Parameters
    ----------
    path : Path
        Folder of the run.
    cell : Morphology
        The cell.
    cf_scale : float
        CF scale of the parameters.
    """
    arrays = read_npz(path / _ARRAYS)
    responses = {
        trial: Responses(arrays[f"scales_{trial}"], arrays[f"recruited_{trial}"])
        for trial in THRESHOLD_TRIALS
    }
    return analyze_recruitment(cell, responses, cf_scale=cf_scale)


def run_responses(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the responses of a cell in one trial, at all levels and strengths; see `RunTask`."""
    cell = _load_cell(path, settings)
    parameters = PurkinjeParameters.model_validate(settings["parameters"])
    connections = parameters.connections
    cf_time_ms = connections.cf_time_ms
    assert cf_time_ms is not None
    threshold = load_threshold(needed[0], cell, cf_scale=connections.cf_scale).main_threshold
    scales = [cf_scale_of_strength(strength, threshold) for strength in settings["strengths"]]
    responds = prepare_cf_responses(
        [load_run(network) for network in needed[1:]],
        cell,
        seed=settings["seed"],
        parameters=parameters,
        window=_WINDOW,
    )
    kept = [[_kept(respond(scale), cell, cf_time_ms) for scale in scales] for respond in responds]
    arrays = {name: np.array([[one[name] for one in row] for row in kept]) for name in kept[0][0]}
    arrays["times_ms"] = arrays["times_ms"][0, 0]
    arrays["before_mV"] = arrays["before_mV"][:, 0]
    _save(path, "cf-responses", settings, arrays, {"main_threshold": threshold, "scales": scales})


def _kept(
    response: CFResponse, cell: Morphology, cf_time_ms: float
) -> dict[str, npt.NDArray[np.generic]]:
    """Return what is kept of a response, see `StoredResponses`."""
    times_ms, soma_mV = response.soma_v.times_ms, response.soma_v.values[:, 0].astype(np.float32)
    n_before = np.searchsorted(times_ms, complex_spike_window(cf_time_ms)[0] - _TOLERANCE_MS)
    inside = response.calcium.times_ms < cf_time_ms + CALCIUM_WINDOW_MS[1] - _TOLERANCE_MS
    spiny = compute_compartments(cell).of("spiny")
    calcium_mM = response.calcium.values[np.ix_(inside, spiny)].mean(axis=0, dtype=np.float64)
    return {
        "times_ms": times_ms,
        "before_mV": soma_mV[:n_before],
        "soma_mV": soma_mV[n_before:],
        "recruited": response.peak_mV >= RECRUITED_MV,
        "calcium_nM": (calcium_mM * NM_PER_MM).astype(np.float32),
    }


def load_responses(path: Path) -> StoredResponses:
    """Return the responses of a cell in one trial from their run."""
    return StoredResponses(**read_npz(path / _ARRAYS, StoredResponses._fields))


def _save(
    path: Path,
    kind: str,
    settings: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    about: Mapping[str, Any],
) -> None:
    """Write the folder of a run that consists of arrays."""
    parameters = settings["parameters"]
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "kind": kind,
        "cerebella": version("cerebella"),
        "duration_ms": parameters["connections"]["cf_time_ms"] + _WINDOW.soma_ms,
        "traces": [],
        "engine": Numba.name,
        **settings,
        **about,
    }
    text = dump_manifest(manifest, path / MANIFEST_FILE)
    with atomic_directory(path) as folder:
        np.savez_compressed(folder / _ARRAYS, **arrays)  # type: ignore[arg-type]
        with atomic_file(folder / MANIFEST_FILE) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _load_cell(path: Path, settings: Mapping[str, Any]) -> Morphology:
    """Load a cell of the sweep that contains a run at `path`, once in each process."""
    assert path.parent.name == RUNS
    of_cell = settings["cell"]
    name = f"{of_cell['name']}-{of_cell['content'][:8]}"
    return _load_morphology(path.parents[1] / INPUTS / _CELLS / name, of_cell["name"])


@lru_cache(maxsize=4)
def _load_morphology(folder: Path, name: str) -> Morphology:
    return replace(load_morphology(folder / _SWC, folder / _SECTIONS), name=name)


def _name_of(cell: Morphology) -> str:
    return f"{cell.name}-{digest(cell)[:8]}"
