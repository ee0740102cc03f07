"""The runs of the synchrony experiment: networks, and Purkinje cells driven by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cerebella.analysis.reduced_calcium import with_reduced_calcium
from cerebella.compiled.engine import Numba
from cerebella.experiments.cf_synchrony.conditions import CONTROL, Condition
from cerebella.experiments.engines import DEFAULT_ENGINES, engine_of_task
from cerebella.molecular_layer.common_beginning import begin_levels
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology, save_morphology
from cerebella.network.load import load_network, save_network
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.own_mechanisms import uses_mechanisms, without_unused
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import apply_settings
from cerebella.purkinje.common_beginning import begin_cells
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.atomic import atomic_directory
from cerebella.results.digest import digest
from cerebella.runs.engines import AUTO
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.task import Batch, BatchRun, Job, Task

INPUTS = "inputs"
NETWORK, _SWC, _SECTIONS = "network", "morphology.swc", "sections.csv"

NETWORK_WEIGHT, CELL_WEIGHT = 1.0, 3.0
"""Relative durations of runs (docs/performance.md)."""

_NETWORK_S_PER_MS, _CELL_S_PER_MS = 0.04, 0.15
"""Upper estimates of the duration of a run in s for each simulated ms (docs/performance.md)."""

_CELLS_OF_ESTIMATE = 270
"""Cells of the network of `_NETWORK_S_PER_MS`."""


@dataclass(frozen=True, eq=False)
class SyncModel:
    """Circuit, parameters, duration and seed shared by all runs of an experiment.

    Attributes
    ----------
    network : Network
        The molecular layer.
    morphology : Morphology
        The Purkinje cell, by default `load_default_morphology()`.
    mli : MLIParameters
        Parameters of the molecular layer.
    purkinje : PurkinjeParameters
        Parameters of the Purkinje cell.
    duration_ms : float
        Simulated time of every run in ms.
    seed : int
        Seed of all random streams.
    mechanisms : mapping of str to str
        NMODL of the user by name of the file, which runs get if their parameters use it.

    Examples
    --------
    >>> model = cb.SyncModel(cb.generate_network(seed=1, scale=0.1), duration_ms=180.0)
    >>> model.settings["network"]["name"]
    'seed_1_scale_0.1'
    """

    network: Network
    morphology: Morphology = field(default_factory=load_default_morphology)
    mli: MLIParameters = field(default_factory=MLIParameters)
    purkinje: PurkinjeParameters = field(default_factory=PurkinjeParameters)
    duration_ms: float = 300.0
    seed: int = 0
    mechanisms: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings that identify this model in messages and keys; the circuit by its content."""
        return {
            "network": {"name": self.network.name, "content": digest(self.network)},
            "morphology": {"name": self.morphology.name, "content": digest(self.morphology)},
            "mli": self.mli.model_dump(mode="json"),
            "purkinje": self.purkinje.model_dump(mode="json"),
            "duration_ms": self.duration_ms,
            "seed": self.seed,
        }

    def save(self, folder: Path) -> None:
        """Write the circuit to the inputs of the sweep in `folder`."""
        if (folder / INPUTS).exists():
            return
        with atomic_directory(folder / INPUTS) as inputs:
            save_network(self.network, inputs / NETWORK)
            save_morphology(self.morphology, inputs / _SWC, inputs / _SECTIONS)


def network_task(
    model: SyncModel,
    level: int,
    trial: int,
    condition: Condition = CONTROL,
    *,
    engine: str = AUTO,
    ranks: int = 1,
) -> Task:
    """Return the task of the network at one level, in one trial, under one condition."""
    return driving_network_task(
        f"mli_{_tag(condition.key if condition.network else CONTROL.key, level, trial)}",
        model,
        apply_settings(model.mli, condition.network),
        {
            "cf_sync": level,
            "trial": trial,
            "duration_ms": model.duration_ms,
            "seed": model.seed,
        },
        engine=engine,
        ranks=ranks,
    )


def driving_network_task(
    name: str,
    model: SyncModel,
    parameters: MLIParameters,
    arguments: Mapping[str, Any],
    *,
    engine: str = AUTO,
    ranks: int = 1,
) -> Task:
    """Return the task of the network with given parameters.

    `arguments` are ``cf_sync``, ``trial``, ``duration_ms`` and ``seed`` of `simulate_mli`.
    """
    return Task(
        name,
        "molecular-layer-network",
        run_network,
        {
            "network": model.settings["network"],
            **_parameters_and_mechanisms(parameters, model),
            **arguments,
        },
        weight=NETWORK_WEIGHT * arguments["duration_ms"] / model.duration_ms,
        labels={"ranks": ranks, "engine": engine},
        cores=ranks,
        seconds=estimate_network_s(model.network, arguments["duration_ms"]),
    )


def cell_task(
    model: SyncModel,
    network: Task,
    condition: Condition = CONTROL,
    *,
    engine: str = AUTO,
    keep_calcium: bool = False,
) -> Task:
    """Return the task of the Purkinje cell driven by a run of the network."""
    level, trial = network.settings["cf_sync"], network.settings["trial"]
    parameters = apply_settings(model.purkinje, condition.cell)
    task = driven_cell_task(
        f"pc_{_tag(condition.key, level, trial)}",
        model,
        network,
        parameters,
        engine=engine,
        keep_calcium=keep_calcium,
    )
    return task._replace(labels={**task.labels, "condition": condition.key})


def driven_cell_task(
    name: str,
    model: SyncModel,
    network: Task,
    parameters: PurkinjeParameters,
    *,
    engine: str = AUTO,
    keep_calcium: bool = False,
    probes: Sequence[str] = (),
    stimuli: Sequence[Mapping[str, Any]] = (),
) -> Task:
    """Return the task of a Purkinje cell with given parameters, driven by a run of a network.

    Duration and seed are those of the network; `probes` are recorded beside voltage and calcium.
    """
    duration_ms = network.settings["duration_ms"]
    return Task(
        name,
        "purkinje-cell",
        run_cell,
        {
            "morphology": model.settings["morphology"],
            **_parameters_and_mechanisms(parameters, model),
            "seed": network.settings["seed"],
            "keep_calcium": keep_calcium,
            **({"probes": list(probes)} if probes else {}),
            **({"stimuli": list(stimuli)} if stimuli else {}),
        },
        after=(network.name,),
        weight=CELL_WEIGHT * duration_ms / model.duration_ms,
        labels={"engine": engine},
        seconds=_CELL_S_PER_MS * duration_ms,
    )


def _parameters_and_mechanisms(
    parameters: MLIParameters | PurkinjeParameters, model: SyncModel
) -> dict[str, Any]:
    """Return the settings of a task that hold parameters, and NMODL of the user if it is used."""
    used = {"mechanisms": dict(model.mechanisms)} if uses_mechanisms(parameters) else {}
    return {"parameters": without_unused(parameters).model_dump(mode="json"), **used}


def estimate_network_s(network: Network, duration_ms: float) -> float:
    """Return about how long a run of the network takes on one core, in s."""
    scale = max(1.0, network.n_cells / _CELLS_OF_ESTIMATE)
    return _NETWORK_S_PER_MS * duration_ms * scale


def sync_tasks(
    model: SyncModel,
    levels: Iterable[int],
    trials: Iterable[int],
    conditions: Sequence[Condition] = (CONTROL,),
    *,
    engines: Mapping[str, str] = DEFAULT_ENGINES,
    ranks: int = 1,
    keep_calcium: bool = False,
) -> list[Task]:
    """Return all tasks, each network once, by trial, so that early trials are complete.

    `engines` has the name of the engine of each level.
    """
    tasks: dict[str, Task] = {}
    levels = list(levels)
    for trial in trials:
        for condition in conditions:
            group = f"{condition.key} {trial}"
            networks = _batch_of(run_networks, engines["mli"], group, len(levels))
            cells = _batch_of(run_cells, engines["purkinje"], group, len(levels))
            for level in levels:
                network = network_task(
                    model, level, trial, condition, engine=engines["mli"], ranks=ranks
                )
                network = tasks.setdefault(network.name, network._replace(batch=networks))
                cell = cell_task(
                    model,
                    network,
                    condition,
                    engine=engines["purkinje"],
                    keep_calcium=keep_calcium,
                )
                tasks[cell.name] = cell._replace(batch=cells)
    return list(tasks.values())


def _batch_of(run: BatchRun, engine: str, group: str, n_levels: int) -> Batch | None:
    """Return how all levels of a trial are simulated; None with engines other than ours.

    They share their beginning, until they differ.
    """
    return Batch(run, n_levels, group, in_turn=True) if engine == Numba.name else None


def run_network(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the network of a sweep; see `RunTask`."""
    network, arguments = load_input_network(path, settings), _arguments_of_network(settings)
    simulate_mli(network, cf_sync=settings["cf_sync"], progress=False, out=path, **arguments)


def run_networks(jobs: Sequence[Job]) -> None:
    """Simulate levels of a network in a trial, which share their beginning; see `Batch`."""
    path, settings, _ = jobs[0]
    network, arguments = load_input_network(path, settings), _arguments_of_network(settings)
    rests = begin_levels(network, [settings["cf_sync"] for _, settings, _ in jobs], **arguments)
    for (path, *_), simulate_rest in zip(jobs, rests, strict=True):
        simulate_rest().save(path)


def _arguments_of_network(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `simulate_mli` for a task, apart from its level."""
    return {
        **{name: settings[name] for name in ("trial", "duration_ms", "seed")},
        "engine": engine_of_task("mli", settings),
        "parameters": MLIParameters.model_validate(settings["parameters"]),
        "mechanisms": settings.get("mechanisms"),
    }


def load_input_network(path: Path, settings: Mapping[str, Any]) -> Network:
    """Load the network of the sweep that contains a run at `path`, once in each process."""
    return _load_network(_inputs_of(path) / NETWORK, settings["network"]["content"])


@lru_cache(maxsize=1)
def _load_network(folder: Path, content: str) -> Network:
    """Load a network; `content` identifies it, should another one be put in the same folder."""
    return load_network(folder)


@lru_cache(maxsize=1)
def _load_morphology(inputs: Path, name: str, content: str) -> Morphology:
    """Load a morphology, as `_load_network`; its compartments are then computed once, too."""
    return replace(load_morphology(inputs / _SWC, inputs / _SECTIONS), name=name)


def run_cell(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the Purkinje cell of a sweep; see `RunTask`.

    Calcium of all compartments, 30 MB per run, is kept only on request; by default it is reduced
    to the data that the measures require, see `with_reduced_calcium`.
    """
    arguments = _arguments_of_cell(path, settings)
    simulation = simulate_purkinje(load_run(needed[0]), progress=False, **arguments)
    _save_cell(simulation, path, settings)


def run_cells(jobs: Sequence[Job]) -> None:
    """Simulate Purkinje cells with the same settings, which share their beginning; see `Batch`."""
    path, settings, _ = jobs[0]
    networks = [load_run(needed[0]) for *_, needed in jobs]
    rests = begin_cells(networks, **_arguments_of_cell(path, settings))
    for (path, settings, _), simulate_rest in zip(jobs, rests, strict=True):
        _save_cell(simulate_rest(), path, settings)


def _arguments_of_cell(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `simulate_purkinje` for a task."""
    return {
        "morphology": _load_morphology(_inputs_of(path), **settings["morphology"]),
        "seed": settings["seed"],
        "stimuli": settings.get("stimuli", ()),
        "record": ("soma_v", "calcium", *settings.get("probes", ())),
        "engine": engine_of_task("purkinje", settings),
        "parameters": PurkinjeParameters.model_validate(settings["parameters"]),
        "mechanisms": settings.get("mechanisms"),
    }


def _save_cell(simulation: Run, path: Path, settings: Mapping[str, Any]) -> None:
    if not settings["keep_calcium"]:
        simulation = with_reduced_calcium(simulation, simulation.manifest["cf_time_ms"])
    simulation.save(path)


def _inputs_of(path: Path) -> Path:
    """Return the inputs folder of the sweep that contains a run at `path`."""
    assert path.parent.name == RUNS
    return path.parents[1] / INPUTS


def _tag(condition: str, level: int, trial: int) -> str:
    return f"{condition}_sync{level}_trial{trial}"
