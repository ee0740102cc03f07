"""Start of NEURON: with the mechanisms, and never on one rank if several were requested."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend.launcher import rank_of_launcher, ranks_of_launcher
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.session import start_neuron


def test_the_current_folder_stays(tmp_path, monkeypatch, neuron_session):
    monkeypatch.chdir(tmp_path)
    again = start_neuron(ensure_mechanisms(molecular_layer_mechanisms()))
    assert again.h is neuron_session.h
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109


def test_ranks_that_do_not_find_each_other_are_an_error():
    """Otherwise each would silently run the whole network alone."""
    code = """
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.session import start_neuron
start_neuron(ensure_mechanisms(molecular_layer_mechanisms()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OMPI_COMM_WORLD_SIZE": "2"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "MPI started 2 ranks, but NEURON found 1" in done.stderr


@pytest.mark.parametrize(
    ("variables", "n_ranks", "rank"),
    [
        ({}, 1, 0),
        ({"PMI_SIZE": "3", "PMI_RANK": "2"}, 3, 2),
        ({"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"}, 4, 1),
    ],
)
def test_launchers_are_recognized(monkeypatch, variables, n_ranks, rank):
    for name in list(os.environ):
        if name.startswith(("PMI", "OMPI_", "MPI_")):
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ranks_of_launcher() == n_ranks
    assert rank_of_launcher() == rank
