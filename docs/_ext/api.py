"""The reference of all public names, grouped by room: the list is `cerebella/__init__.pyi`."""

from __future__ import annotations

import ast
from pathlib import Path

import cerebella

TITLES = {
    "network": "Networks",
    "morphology": "Morphologies",
    "parameters": "Parameters",
    "molecular_layer": "Simulation: molecular layer",
    "purkinje": "Simulation: Purkinje cell",
    "olive": "Simulation: olivocerebellar loop",
    "stimuli": "Stimuli",
    "runs": "Runs",
    "results": "Spikes and traces",
    "analysis": "Analysis",
    "plots": "Figures",
    "views": "Pages and movies",
    "experiments": "Experiments, sweeps of parameters and protocols",
    "sweeps": "Sweeps of tasks",
    "compiled": "Engine: numba",
    "neuron_backend": "Engines: NEURON and CoreNEURON",
    "citations": "Citations",
    "errors": "Errors",
}
"""Title of each room, in the order of the page."""

TYPES = {
    "Path": "pathlib.Path",
    "Executor": "concurrent.futures.Executor",
    "ndarray": "numpy.ndarray",
    "ndarrays": "numpy.ndarray",
    "int64": "numpy.int64",
    "int32": "numpy.int32",
    "float32": "numpy.float32",
    "float64": "numpy.float64",
    "Generator": "numpy.random.Generator",
    "DataFrame": "pandas.DataFrame",
    "Figure": "matplotlib.figure.Figure",
    "Axes": "matplotlib.axes.Axes",
    "mapping": "collections.abc.Mapping",
    "sequence": "collections.abc.Sequence",
    "iterable": "collections.abc.Iterable",
    "iterator": "collections.abc.Iterator",
    "callable": "collections.abc.Callable",
    "function": "collections.abc.Callable",
    "bool": "bool",
    "array_like": "numpy.ndarray",
    "array-like": "numpy.ndarray",
}
"""Words of docstrings that are types of other projects."""


def names_by_room() -> dict[str, list[str]]:
    """Return the public names of each room, in alphabetical order.

    Returns
    -------
    dict of str to list of str
        Names by the folder or module of their line.
    """
    stub = Path(cerebella.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    rooms: dict[str, list[str]] = {}
    for line in ast.parse(stub).body:
        if isinstance(line, ast.ImportFrom) and line.module:
            room = rooms.setdefault(line.module.partition(".")[0], [])
            room.extend(alias.name for alias in line.names)
    return {room: sorted(names, key=str.lower) for room, names in rooms.items()}


def types() -> dict[str, str]:
    """Return the page that a type of a docstring refers to, by its word."""
    own = (name for names in names_by_room().values() for name in names)
    return TYPES | {name: f"cerebella.{name}" for name in own if name[0].isupper()}


def pages() -> dict[str, str]:
    """Return the text of the page by its name."""
    rooms = names_by_room()
    if missing := rooms.keys() - TITLES.keys():
        raise KeyError(f"TITLES in docs/_ext/api.py lacks {', '.join(missing)}")
    lines = ["Python reference", "================", ""]
    lines += ["All public names, as in ``import cerebella as cb``.", ""]
    lines += [".. currentmodule:: cerebella", ""]
    for room, title in TITLES.items():
        lines += [title, "-" * len(title), "", ".. autosummary::", "   :toctree: api", ""]
        lines += [f"   {name}" for name in rooms[room]] + [""]
    return {"reference.rst": "\n".join(lines)}
