"""The runs of the experiment: networks, thresholds of cells, and responses to climbing fibers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_threshold import CFThreshold, analyze_recruitment, cf_scale_of_strength
from cerebella.analysis.dendritic_calcium import CALCIUM_WINDOW_MS, NM_PER_MM
from cerebella.analysis.dendritic_territories import RECRUITED_MV, Responses
from cerebella.analysis.soma_spikes import COMPLEX_SPIKE_WINDOW_MS, complex_spike_window
from cerebella.analysis.strength_responses import StoredResponses
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import (
    CELL_WEIGHT,
    SyncModel,
    load_input_network,
    network_task,
)
from cerebella.experiments.cf_threshold import WINDOW_MS, find_recruitment
from cerebella.experiments.many_cells import (
    CellsModel,
    identity_of,
    load_arrays,
    load_input_cell,
    save_arrays,
)
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import Morphology
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.cf_responses import CFResponse, ResponseWindow, prepare_cf_responses
from cerebella.runs.load import load_run
from cerebella.sweeps.task import Task

THRESHOLD_TRIALS = (1, 2, 3, 4, 5)
SCALE_RANGES = ((10.0, 60.0), (5.0, 60.0), (30.0, 120.0))
"""Ranges of the search for thresholds; the first one that contains them is used."""

_TOLERANCE = 0.4
_N_SEARCH = 25  # scales of a search for thresholds
_S_PER_MS = 0.1  # upper estimate of the duration of a run of the cell in s for each simulated ms

_TOLERANCE_MS = 1e-6  # exceeds the rounding of sample times

_WINDOW = ResponseWindow(-CALCIUM_WINDOW_MS[0], WINDOW_MS, COMPLEX_SPIKE_WINDOW_MS[1])


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
    model: CellsModel,
    levels: Sequence[int],
    trials: Sequence[int],
    strengths: Sequence[float],
    engines: Mapping[str, str],
) -> list[Task]:
    """Return all tasks, by cell, so that early cells are complete.

    Parameters
    ----------
    model : CellsModel
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
            "cell": identity_of(cell),
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
            "cell": identity_of(cell),
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
    cell = load_input_cell(path, settings)
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
    duration_ms = run_duration_ms(parameters)
    save_arrays(path, "cf-threshold", settings, arrays, about, duration_ms=duration_ms)


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
    arrays = load_arrays(path)
    responses = {
        trial: Responses(arrays[f"scales_{trial}"], arrays[f"recruited_{trial}"])
        for trial in THRESHOLD_TRIALS
    }
    return analyze_recruitment(cell, responses, cf_scale=cf_scale)


def run_responses(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the responses of a cell in one trial, at all levels and strengths; see `RunTask`."""
    cell = load_input_cell(path, settings)
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
    about = {"main_threshold": threshold, "scales": scales}
    duration_ms = run_duration_ms(parameters)
    save_arrays(path, "cf-responses", settings, arrays, about, duration_ms=duration_ms)


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
    return StoredResponses(**load_arrays(path, StoredResponses._fields))
