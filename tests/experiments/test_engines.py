"""Engines of experiments: a folder is continued by the family that made its finished runs."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError, MachineError, SimulationError
from cerebella.experiments.cf_synchrony.in_memory import run_cf_synchrony
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.engines import FAMILIES, choose_engines
from cerebella.experiments.identity import model_identity
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.runs.level import LEVELS, level_of, resolve
from cerebella.sweeps.folder import Identity, load_sweep, open_sweep_folder

RANKS = {"mli": 1, "purkinje": 1}


def folder_made_with(folder, engines, *, finished=True):
    """Make the folder of a sweep, with a finished run."""
    identity = Identity("cf-synchrony", {}, model_identity(engines))
    with open_sweep_folder(folder, identity):
        pass
    if finished:
        run = folder / "runs" / "mli_control_sync8_trial1-01234567"
        run.mkdir()
        (run / "run.json").write_text("{}")
    return folder


def test_every_engine_has_a_family():
    engines = {engine.name for kind in LEVELS for engine in resolve(level_of(kind).engines)}
    assert engines == set(FAMILIES)


def test_networks_of_a_new_folder_use_the_own_engine_and_several_ranks_coreneuron(tmp_path):
    assert choose_engines("auto", RANKS, tmp_path)["mli"] == "numba"
    assert choose_engines("auto", {"mli": 2}, tmp_path) == {"mli": "coreneuron"}
    assert choose_engines("neuron", RANKS, tmp_path) == {"mli": "neuron", "purkinje": "neuron"}
    with pytest.raises(InputError, match=r"does not take `ranks`.*coreneuron or neuron"):
        choose_engines("numba", {"mli": 2}, tmp_path)


def test_finished_runs_of_coreneuron_are_continued_with_coreneuron(tmp_path):
    older = {"mli": "coreneuron", "purkinje": "coreneuron"}
    folder, said = folder_made_with(tmp_path / "older", older), []
    assert choose_engines("auto", RANKS, folder, said.append) == older
    assert any("engine coreneuron, which made the finished runs (mli)" in line for line in said)
    # The identity is that of versions without own engine, to the letter.
    assert load_sweep(folder)["model"]["mli"].keys() == {"version", "engines", "mechanisms"}
    assert load_sweep(folder)["model"]["mli"]["engines"] == "neuron"


def test_equations_that_are_written_differently_have_the_identity_of_earlier_versions():
    """That of the mechanisms written by hand, with which finished runs were made."""
    identity = model_identity({"mli": "coreneuron", "purkinje": "coreneuron"})
    assert identity["mli"]["mechanisms"] == "72a808ce4f8c0475"
    assert identity["purkinje"]["mechanisms"] == "363494c7369618b9"


def test_a_folder_without_finished_runs_does_not_determine_the_engine(tmp_path):
    folder = folder_made_with(tmp_path / "empty", {"mli": "coreneuron"}, finished=False)
    assert choose_engines("auto", {"mli": 1}, folder) == {"mli": "numba"}


def test_another_engine_in_a_folder_with_finished_runs_is_a_mixture(tmp_path):
    model = SyncModel(generate_network(seed=3, scale=0.1), duration_ms=5.0)
    run_cf_synchrony(model, (8,), folder=tmp_path / "out")
    with pytest.raises(InputError, match=r"another, model: mli.engines was 'cerebella', now"):
        run_cf_synchrony(model, (0, 8), engine="coreneuron", folder=tmp_path / "out")
    runs = run_cf_synchrony(model, (0, 8), folder=tmp_path / "out")
    assert {run.manifest["engine"] for of in runs.networks.values() for run in of} == {"numba"}


def test_the_engine_of_an_experiment_can_be_chosen():
    model = SyncModel(generate_network(seed=3, scale=0.1), duration_ms=5.0)
    runs = run_cf_synchrony(model, (8,), engine="coreneuron").networks[8]
    assert [run.manifest["engine"] for run in runs] == ["coreneuron"]


def test_an_engine_without_its_libraries_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(CoreNeuron, "is_available", lambda self: False)
    install = r"coreneuron is not installed. Install it: `pip install 'cerebella\[neuron\]'`"
    model = SyncModel(generate_network(seed=3, scale=0.1), duration_ms=5.0)
    with pytest.raises(MachineError, match=install):
        simulate_mli(model.network, duration_ms=1.0, engine="coreneuron")
    with pytest.raises(MachineError, match=install):
        compile_engines({"mli": "coreneuron"}, [tmp_path / "to_make"], "processes", print)
    with pytest.raises(SimulationError, match=install):
        run_cf_synchrony(model, (8,), engine="coreneuron", folder=tmp_path)
    (tmp_path / "run.json").write_text("{}")
    compile_engines({"mli": "coreneuron"}, [tmp_path], "processes", print)  # nothing to make
