"""A sweep's directory holds runs of one model, unless a mixture is accepted."""

from __future__ import annotations

import json

import pytest

from cerebella.errors import InputError
from cerebella.sweeps.folder import Identity, load_sweep, open_sweep_folder

SETTINGS = {"seed": 0}


def made_with(version):
    return Identity("numbers", SETTINGS, {"purkinje": {"version": version, "engines": "neuron"}})


@pytest.fixture
def folder(tmp_path):
    """A sweep of model version 1 with a finished run."""
    path = tmp_path / "sweep"
    with open_sweep_folder(path, made_with(1)):
        (path / "runs" / "one").mkdir()
        (path / "runs" / "one" / "run.json").touch()
    return path


def test_the_same_model_is_opened_again(folder):
    with open_sweep_folder(folder, made_with(1)):
        pass
    assert load_sweep(folder)["model"] == {"purkinje": {"version": 1, "engines": "neuron"}}
    assert load_sweep(folder)["accepted_mixtures"] == []


def test_another_model_is_refused_with_the_difference(folder):
    with (
        pytest.raises(InputError, match=r"purkinje\.version was 1, now 2.*`accept_mixture`"),
        open_sweep_folder(folder, made_with(2)),
    ):
        pass
    assert load_sweep(folder)["model"]["purkinje"]["version"] == 1


def test_an_accepted_mixture_is_recorded_and_stays_accepted(folder):
    for _ in range(2):
        with open_sweep_folder(folder, made_with(2), accept_mixture=True):
            pass
    with open_sweep_folder(folder, made_with(2)):
        pass
    (mixture,) = load_sweep(folder)["accepted_mixtures"]
    assert mixture["made_with"]["purkinje"]["version"] == 1
    assert mixture["difference"] == "purkinje.version was 1, now 2"


def test_a_folder_without_finished_runs_takes_any_model(folder):
    (folder / "runs" / "one" / "run.json").unlink()
    with open_sweep_folder(folder, made_with(2)):
        pass
    assert load_sweep(folder)["model"]["purkinje"]["version"] == 2


def test_a_folder_from_before_a_parameter_was_added_is_continued(tmp_path):
    def with_parameters(**connections):
        return Identity("numbers", {"purkinje": {"connections": {"cf_scale": 29.0} | connections}})

    with open_sweep_folder(tmp_path, with_parameters()):
        pass
    with (
        pytest.raises(InputError, match="cf_placement was None, now 'proximal'"),
        open_sweep_folder(tmp_path, with_parameters(cf_placement="proximal")),
    ):
        pass
    with open_sweep_folder(tmp_path, with_parameters(cf_placement="uniform", mli1_rate_Hz=None)):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "not valid JSON"), ('{"schema": "else"}', "'else'"), ("[]", "not a JSON object")],
)
def test_a_file_of_another_kind_is_refused(folder, text, message):
    (folder / "sweep.json").write_text(text)
    with pytest.raises(InputError, match=message):
        load_sweep(folder)


def test_older_names_of_parameters_are_no_other_settings(folder):
    content = json.loads((folder / "sweep.json").read_text())
    content["settings"] = {"circuit": {"pf_per_pkj": 3}}
    (folder / "sweep.json").write_text(json.dumps(content))
    identity = made_with(1)._replace(settings={"circuit": {"pf_per_purkinje": 3}})
    with open_sweep_folder(folder, identity):
        pass
