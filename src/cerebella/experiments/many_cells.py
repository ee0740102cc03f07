"""Sweeps over many Purkinje cells in one network: their inputs, and runs that consist of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_strength import ALL
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import INPUTS, NETWORK, SyncModel
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.identity import model_identity
from cerebella.files.names import checked_name
from cerebella.files.npz import read_npz
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.swc import load_morphology, save_morphology
from cerebella.network.generate import generate_network
from cerebella.network.load import save_network
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.results.atomic import atomic_directory, atomic_file
from cerebella.results.digest import digest
from cerebella.runs.directory import MANIFEST_FILE
from cerebella.runs.manifest import MANIFEST_SCHEMA, dump_manifest
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.folder import RUNS
from cerebella.sweeps.state import TaskResult
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

ENGINES = {"mli": Numba.name, "purkinje": Numba.name}
"""Name of the engine of each level."""

_CELLS, _ARRAYS = "cells", "arrays.npz"
_SWC, _SECTIONS = "morphology.swc", "sections.csv"


@dataclass(frozen=True, eq=False)
class CellsModel:
    """Network and cells of an experiment.

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
            save_input_cell(folder, cell)


def model_of(
    cells: Iterable[Morphology],
    network: Network | None,
    parameters: PurkinjeParameters | None,
    network_parameters: MLIParameters | None,
    *,
    duration_ms: Callable[[PurkinjeParameters], float],
    seed: int,
) -> CellsModel:
    """Return network and cells, with defaults for what is not given.

    Parameters
    ----------
    cells : iterable of Morphology
        The cells.
    network : Network, optional
        The network; by default that of `generate_network`.
    parameters, network_parameters : optional
        Parameters of the cells and of the network.
    duration_ms : callable
        Returns the simulated time for parameters of the cells.
    seed : int
        Seed of all random streams.

    Returns
    -------
    CellsModel
    """
    purkinje = parameters or PurkinjeParameters()
    layer = SyncModel(
        network or generate_network(seed=seed),
        mli=network_parameters or MLIParameters(),
        purkinje=purkinje,
        duration_ms=duration_ms(purkinje),
        seed=seed,
    )
    return CellsModel(layer, tuple(cells))


def run_cells(
    folder: Path | str,
    model: CellsModel,
    tasks: Sequence[Task],
    *,
    experiment: str,
    executor: ExecutorName | Executor,
    announce: Callable[[str], None],
    **options: Any,
) -> dict[str, TaskResult]:
    """Compile what the tasks need, and run them as a sweep; see `run_sweep` for the options."""
    compile_engines(ENGINES, task_paths(folder, tasks).values(), executor, announce)
    return run_sweep(
        folder,
        tasks,
        experiment=experiment,
        settings=model.settings,
        identity=model_identity(ENGINES),
        executor=executor,
        prepare=model.save,
        **options,
    )


def failures(results: Mapping[str, TaskResult]) -> dict[str, str]:
    """Return the errors of failed runs by name."""
    return {name: result.error for name, result in results.items() if result.error is not None}


def check_cells(cells: Sequence[Morphology]) -> None:
    """Raise InputError unless there are cells whose names are different and fit for files."""
    names = [checked_name(cell.name, "cell") for cell in cells]
    if not names:
        raise InputError("no cells", remedy="Give at least one cell")
    repeated = [name for name in names if names.count(name) > 1 or name == ALL]
    if repeated:
        raise InputError(
            f"a cell cannot be named {repeated[0]!r}, like another one or all of them",
            remedy="Give each its own name",
        )


def identity_of(cell: Morphology) -> dict[str, str]:
    """Return name and content of a cell, for the settings of a task."""
    return {"name": cell.name, "content": digest(cell)}


def save_input_cell(folder: Path, cell: Morphology) -> None:
    """Write a cell to the inputs of the sweep in `folder`."""
    path = folder / INPUTS / _CELLS / _folder_of(identity_of(cell))
    if not path.exists():
        with atomic_directory(path) as new:
            save_morphology(cell, new / _SWC, new / _SECTIONS)


def load_input_cell(path: Path, settings: Mapping[str, Any]) -> Morphology:
    """Load a cell of the sweep that contains a run at `path`, once in each process."""
    assert path.parent.name == RUNS
    of_cell = settings["cell"]
    folder = path.parents[1] / INPUTS / _CELLS / _folder_of(of_cell)
    return _load_morphology(folder, of_cell["name"])


@lru_cache(maxsize=4)
def _load_morphology(folder: Path, name: str) -> Morphology:
    return replace(load_morphology(folder / _SWC, folder / _SECTIONS), name=name)


def _folder_of(identity: Mapping[str, str]) -> str:
    return f"{identity['name']}-{identity['content'][:8]}"


def save_arrays(
    path: Path,
    kind: str,
    settings: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    about: Mapping[str, Any],
    *,
    duration_ms: float,
) -> None:
    """Write the folder of a run that consists of arrays.

    Parameters
    ----------
    path : Path
        The folder.
    kind : str
        Kind of the run.
    settings : mapping
        Settings of its task.
    arrays : mapping of str to ndarray
        Results.
    about : mapping
        Further entries of its manifest.
    duration_ms : float
        Simulated time.
    """
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "kind": kind,
        "cerebella": version("cerebella"),
        "duration_ms": duration_ms,
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


def load_arrays(path: Path, names: Sequence[str] | None = None) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of a run; all of them, or those with given names."""
    return read_npz(path / _ARRAYS, names)
