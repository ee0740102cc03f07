"""Folders of experiments that the version before tasks had kinds made (sweeps of schema 1).

tests/data/sweeps/schema_1.tar.xz holds one of each experiment, with small circuits and short runs.
"""

from __future__ import annotations

import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerebella.errors import InputError
from cerebella.experiments.cf_rate.cases import CfRateCase, run_cf_rate
from cerebella.experiments.cf_synchrony.sweep import sweep_cf_synchrony
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.experiments.olive_to_purkinje.events import default_loop
from cerebella.experiments.olive_to_purkinje.sweep import sweep_olive_to_purkinje
from cerebella.experiments.olive_to_purkinje.tasks import JoinedModel
from cerebella.morphology.swc import load_morphology
from cerebella.network.load import load_network
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import apply_settings
from cerebella.runs.load import load_run

ANY_SIZE = {"cf_membrane_um2": None, "mli_dendrite_um": None}
"""That version had the same climbing fiber and the same contacts of MLIs in cells of any size."""

ARCHIVE = Path(__file__).parents[1] / "data" / "sweeps" / "schema_1.tar.xz"


@pytest.fixture
def older(tmp_path):
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def model_of(folder):
    """Return the model that made the folder, from its inputs."""
    inputs = folder / "inputs"
    cell = load_morphology(inputs / "morphology.swc", inputs / "sections.csv")
    network = load_network(inputs / "network")
    return SyncModel(
        replace(network, name="seed_3_scale_0.1"),
        replace(cell, name="spiny_cell"),
        purkinje=PurkinjeParameters(connections=ANY_SIZE),
        duration_ms=190.0,
    )


def run(experiment, *arguments, **options):
    with ThreadPoolExecutor(1) as executor:
        return experiment(*arguments, executor=executor, **options)


def modified(folder):
    return {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/run.json")}


def test_a_model_that_was_not_recorded_is_a_mixture(older):
    folder = older / "cf_synchrony"
    asked = {"levels": (0, 8), "trials": (1,)}
    with pytest.raises(InputError, match=r"model was not recorded.*`accept_mixture`"):
        run(sweep_cf_synchrony, folder, model_of(folder), **asked)
    assert json.loads((folder / "sweep.json").read_text())["schema"] == "cerebella-sweep/1"


def test_parameters_that_it_did_not_have_must_reproduce_it(older):
    folder = older / "cf_synchrony"
    model = replace(model_of(folder), purkinje=PurkinjeParameters())
    with pytest.raises(InputError, match=r"cf_membrane_um2 was None, now 181148\.0"):
        run(sweep_cf_synchrony, folder, model, levels=(0, 8), trials=(1,))


def test_synchrony_runs_are_kept_and_give_the_same_table(older):
    folder = older / "cf_synchrony"
    before, made = pd.read_csv(folder / "runs.csv").iloc[[0, 2]], modified(folder)
    result = run(
        sweep_cf_synchrony,
        folder,
        model_of(folder),
        levels=(0, 8),
        trials=(1,),
        accept_mixture=True,
    )
    assert modified(folder) == made
    assert not result.missing
    found = pd.read_csv(folder / "runs.csv")
    pd.testing.assert_frame_equal(found, before.reset_index(drop=True))
    content = json.loads((folder / "sweep.json").read_text())
    assert content["schema"] == "cerebella-sweep/2"
    assert content["accepted_mixtures"][0]["made_with"] is None


def test_runs_of_the_joined_levels_are_kept(older):
    folder = older / "olive_to_purkinje"
    layer, made = model_of(folder), modified(folder)
    settings = ["time_step_ms=1", "plasticity.rule=off", "plasticity.initial_weight=0.37"]
    loop = apply_settings(default_loop(layer.network.population("CF").n_cells), settings)
    model = JoinedModel(layer, loop, 6000.0, 1000.0)
    before = pd.read_csv(folder / "events.csv")
    result = run(
        sweep_olive_to_purkinje,
        folder,
        model,
        couplings_per_ms=(0.05,),
        events=2,
        accept_mixture=True,
    )
    assert modified(folder) == made
    assert len(made) == 5
    pd.testing.assert_frame_equal(pd.read_csv(folder / "events.csv"), before)
    (loop_run,) = set(result.events["loop_run"])
    assert np.isfinite(load_run(folder / "runs" / loop_run).weights.mean).all()


def test_runs_of_the_rate_experiment_are_kept(older):
    folder = older / "cf_rate"
    made = modified(folder)
    case = CfRateCase("1_Hz", duration_ms=2000.0)
    (result,) = run(run_cf_rate, folder, [case], [0], accept_mixture=True)
    assert modified(folder) == made
    assert np.isfinite(result.mean_Hz)
