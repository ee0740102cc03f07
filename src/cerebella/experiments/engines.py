"""The engines of an experiment, one for each level and the same for all its runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cerebella.runs.engines import AUTO, Engine, engine_of, requested_engine
from cerebella.runs.level import level_of, resolve
from cerebella.sweeps.folder import finished_model

FAMILIES = {
    "neuron": "neuron",
    "coreneuron": "neuron",
    "numba": "cerebella",
    "numpy": "cerebella",
    "cuda": "cerebella",
}
"""Family of each engine. Engines of one family give the same numbers for any duration."""

DEFAULT_ENGINES = {"mli": AUTO, "purkinje": AUTO}
"""Engines of single tasks, chosen by the machine that runs them."""


def choose_engines(
    asked: str,
    ranks: Mapping[str, int],
    folder: Path | str,
    announce: Callable[[str], None] = lambda message: None,
) -> dict[str, str]:
    """Return the name of the engine of each level, which may not be installed.

    By default (``"auto"``), an experiment is continued with engines of the family that made the
    finished runs in its folder, since results of different families agree for about 350 ms only.

    Parameters
    ----------
    asked : str
        Name of an engine that all levels have, or ``"auto"``.
    ranks : mapping of str to int
        MPI ranks of a run of each level.
    folder : Path or str
        Directory of the sweep, which need not exist.
    announce : callable
        Called with a line if finished runs determine the engine.

    Returns
    -------
    dict of str to str
        Names of engines by level.

    Raises
    ------
    InputError
        A level has no such engine, or it does not take ranks.

    Examples
    --------
    >>> from cerebella.experiments.engines import choose_engines
    >>> choose_engines("auto", {"mli": 1}, "new_folder")
    {'mli': 'numba'}
    >>> choose_engines("auto", {"mli": 2}, "new_folder")
    {'mli': 'coreneuron'}
    """
    made_with = (finished_model(Path(folder)) or {}) if asked == AUTO else {}
    chosen = {}
    for level, n_ranks in ranks.items():
        engines = resolve(level_of(level).engines)
        family = made_with.get(level, {}).get("engines")
        of_family = [kind for kind in engines if FAMILIES[kind.name] == family]
        given = None if n_ranks == 1 else n_ranks
        name = requested_engine(asked, of_family or engines, ranks=given).name
        if of_family and name != requested_engine(AUTO, engines, ranks=given).name:
            announce(f"Continuing with engine {name}, which made the finished runs ({level})")
        chosen[level] = name
    return chosen


def engine_of_task(level: str, settings: Mapping[str, Any]) -> Engine:
    """Return the engine of a task, from its labels ``engine`` and, for several, ``ranks``."""
    ranks = settings.get("ranks", 1)
    engines = resolve(level_of(level).engines)
    return engine_of(settings["engine"], engines, ranks=None if ranks == 1 else ranks)
