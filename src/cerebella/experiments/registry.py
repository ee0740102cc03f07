"""The list of all experiments, by their folders.

Each folder has a record, ``EXPERIMENT`` in its ``__init__.py``, from which the command line creates
a command.
"""

from __future__ import annotations

from importlib import import_module

from cerebella.experiments.record import Experiment

FOLDERS = (
    "cf_synchrony",
    "cf_strength",
    "disinhibition",
    "cf_rate",
    "olive_to_purkinje",
    "eyelid",
    "eyelid_to_purkinje",
)


def load_experiments() -> list[Experiment]:
    """Return the records of all experiments.

    Returns
    -------
    list of Experiment
        In the order of `FOLDERS`.

    Examples
    --------
    >>> from cerebella.experiments.registry import load_experiments
    >>> [experiment.name for experiment in load_experiments()][-2:]
    ['eyelid', 'eyelid-to-purkinje']
    """
    modules = (import_module(f"cerebella.experiments.{folder}") for folder in FOLDERS)
    return [module.EXPERIMENT for module in modules]
