"""Every parameter has a source in the bibliography."""

from __future__ import annotations

import re

import pytest

import cerebella as cb
from cerebella.citations import load_references
from cerebella.errors import InputError
from cerebella.parameters.models import MODELS, default_parameters
from cerebella.parameters.provenance import format_value, parameter_rows
from cerebella.parameters.source import STATEMENTS

KEY = re.compile(r"\b[a-z]+(?:19|20)\d\d\b")


@pytest.mark.parametrize("level", MODELS)
def test_every_source_is_a_key_of_the_bibliography_or_a_statement(level):
    known = load_references().entries
    rows = parameter_rows(default_parameters(level))
    assert rows
    for row in rows:
        assert row.source, row.name
        for key in row.source.split("; "):
            assert key in STATEMENTS or key in known, (row.name, key)
        for key in KEY.findall(row.remark):
            assert key in known, (row.name, key)


@pytest.mark.parametrize("level", MODELS)
def test_overridden_sources_belong_to_parameters_that_exist(level):
    names = [row.name for row in parameter_rows(default_parameters(level))]
    for parent, paths in _overrides(default_parameters(level)):
        for path in paths:
            full = f"{parent}{path}"
            assert any(name == full or name.startswith(f"{full}.") for name in names), full


def _overrides(parameters, prefix=""):
    yield prefix, type(parameters).part_sources
    for name in type(parameters).model_fields:
        part = getattr(parameters, name)
        if hasattr(part, "part_sources"):
            yield from _overrides(part, f"{prefix}{name}.")


@pytest.mark.parametrize(
    ("level", "name", "source", "remark"),
    [
        ("olive", "synapses.dcn_io.tau_ms", "kakumanu_code; best2009", "not a decay time"),
        ("olive", "synapses.mf_dcn.tau_ms", "kakumanu_code", "does not use it"),
        ("olive", "drive.gap_per_ms", "cbmsim", "coupleRiRjRatioIO"),
        ("olive", "io.noise_mV", "this package", "uniform"),
        ("olive", "bc.leak_per_ms", "cbmsim", ""),
        ("mli", "connections.pf.tau_decay_ms", "hausserroth1997", "another cell type"),
        ("mli", "connections.inhibition.tau_decay_ms", "chosen by park2026", "ma2020"),
        ("purkinje", "connections.pf.tau_decay_ms", "chosen by park2026", "the same as CF"),
        ("purkinje", "connections.cf_scale", "chosen by park2026", "4.2 times weaker"),
        ("purkinje", "connections.mli2_contacts", "chosen by park2026", "twelve times"),
        ("purkinje", "cell.ais.mslo_S_per_cm2", "zang2018; cox1997; womack2002", "mSlo"),
    ],
)
def test_a_value_has_the_source_of_its_place(level, name, source, remark):
    row = {row.name: row for row in parameter_rows(default_parameters(level))}[name]
    assert row.source == source
    assert remark in row.remark


def test_changed_values_are_marked_with_their_default():
    parameters = cb.MLIParameters(connections={"pf_rate_Hz": 6})
    lines = repr(parameters).splitlines()
    assert lines[0] == "MLIParameters: 50 parameters, 1 changed (*)"
    marked = [line for line in lines if line.startswith("*")]
    assert len(marked) == 1
    assert marked[0].split()[1:3] == ["connections.pf_rate_Hz", "6"]
    assert marked[0].endswith("changed; default 4")
    html = parameters._repr_html_()
    assert "<b>6</b>" in html
    assert html.count("<tr>") == 51


def test_the_table_of_all_models_names_the_level():
    table = cb.list_parameters()
    assert list(table.level.unique()) == list(MODELS)
    assert len(cb.list_parameters(cb.OliveParameters())) == (table.level == "olive").sum()


def test_an_unknown_level_is_refused():
    with pytest.raises(InputError, match=r"'frog' is unknown.*Choose from mli, purkinje"):
        cb.list_parameters("frog")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.30000000000000004, "0.3"), (None, "none"), (True, "true"), ((0.5, 1), "[0.5, 1]")],
)
def test_values_as_text(value, text):
    assert format_value(value) == text
