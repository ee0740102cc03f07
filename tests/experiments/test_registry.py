"""Each folder of experiments is registered, and its record leads to a function and a command."""

from __future__ import annotations

from pathlib import Path

import pytest

import cerebella.experiments.registry as registry
from cerebella.experiments.record import load_object


def test_every_folder_with_a_record_is_listed():
    files = Path(registry.__file__).parent.glob("*/__init__.py")
    folders = {file.parent.name for file in files if "EXPERIMENT" in file.read_text()}
    assert folders == set(registry.FOLDERS)


@pytest.mark.parametrize("experiment", registry.load_experiments(), ids=lambda one: one.name)
def test_a_record_leads_to_its_function_and_its_command(experiment):
    assert callable(load_object(experiment.function))
    assert (
        "Example: cerebella experiment " + experiment.name
        in load_object(experiment.command).__doc__
    )
