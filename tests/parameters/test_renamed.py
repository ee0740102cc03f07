"""Older names of parameters are read as today's, wherever parameters come from."""

from __future__ import annotations

import pytest

from cerebella.parameters.configure import apply_file
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.renamed import (
    ADDED_PARAMETERS,
    RENAMED_PARAMETERS,
    downgrade,
    upgrade,
    without_added,
)
from cerebella.parameters.settings import apply_settings


def test_older_names_are_read_from_a_file(tmp_path):
    file = tmp_path / "older.yaml"
    file.write_text("circuit: {bc_per_pkj: 64}\npkj: {reset_mV: -70}\n")
    parameters = apply_file(OliveParameters(), file)
    assert parameters.circuit.bc_per_purkinje == 64
    assert parameters.purkinje.reset_mV == -70


def test_older_names_are_read_from_settings():
    parameters = apply_settings(OliveParameters(), ["synapses.pf_pkj.tau_ms=5"])
    assert parameters.synapses.pf_purkinje.tau_ms == 5


def test_today_s_parameters_survive_the_way_back_and_forth():
    today = OliveParameters().model_dump(mode="json")
    older = downgrade(today)
    assert older != today
    assert "pf_per_pkj" in older["circuit"]
    assert older["plasticity"]["rule"] == "judged"
    assert upgrade(older) == today


def test_each_name_has_one_successor():
    assert len(set(RENAMED_PARAMETERS.values())) == len(RENAMED_PARAMETERS)
    assert not set(RENAMED_PARAMETERS) & set(RENAMED_PARAMETERS.values())


@pytest.mark.parametrize("path", ADDED_PARAMETERS)
def test_added_parameters_are_left_out_where_they_reproduce_older_versions(path):
    part, _, name = path.rpartition(".")
    older = {"parameters": {part: {"cf_scale": 29.0}, name: 3}}
    same = {"parameters": {part: {"cf_scale": 29.0, name: ADDED_PARAMETERS[path]}, name: 3}}
    other = {"parameters": {part: {"cf_scale": 29.0, name: 1.0}, name: 3}}
    assert without_added(same) == older
    assert without_added(other) == other
