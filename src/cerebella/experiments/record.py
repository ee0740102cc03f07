"""How an experiment describes itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Experiment(NamedTuple):
    """A record of an experiment.

    Attributes
    ----------
    name : str
        Name of its command, which its folders of runs keep.
    question : str
        What it answers, in one line.
    function : str
        ``"module:name"`` of the function that runs it from Python.
    command : str
        ``"module:name"`` of its command. A text, because imports run downwards, and commands are
        above experiments.
    """

    name: str
    question: str
    function: str
    command: str


def load_object(place: str) -> Any:
    """Return what ``"module:name"`` names.

    Parameters
    ----------
    place : str
        Module and name, with a colon between them.

    Returns
    -------
    object
    """
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
