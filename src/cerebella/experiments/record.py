"""The record of an experiment."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Experiment(NamedTuple):
    """A record of an experiment.

    Attributes
    ----------
    name : str
        Name of its command, also stored in sweep.json.
    question : str
        Question it answers, in one line.
    function : str
        ``"module:name"`` of the function that runs it from Python.
    command : str
        ``"module:name"`` of its command. Given as text, since imports run downward and commands are
        above experiments.
    """

    name: str
    question: str
    function: str
    command: str


def load_object(place: str) -> Any:
    """Return the object given by ``"module:name"``.

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
