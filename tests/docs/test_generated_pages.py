"""Pages of the documentation that follow from the code hold all of it."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import cerebella as cb
from cerebella.parameters.models import MODELS

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_ext"


@pytest.fixture
def extension(monkeypatch):
    """Return a module of docs/_ext by name."""
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    before = set(sys.modules)
    yield import_module
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(EXTENSIONS)):
            del sys.modules[name]


def test_the_reference_has_each_public_name_once(extension):
    page = extension("api").pages()["reference.rst"]
    listed = re.findall(r"^   (\w+)$", page, re.M)
    assert sorted(listed) == sorted(set(vars(cb)["__all__"]) - {"__version__"})


def test_each_parameter_is_in_a_table_with_its_source(extension):
    pages = extension("parameter_tables").pages()
    for level in MODELS:
        table = cb.list_parameters(level)
        page = pages[f"parameters_{level}.md"] + pages["densities.md"]
        names = {name.rpartition(".")[2] for name in table["name"]}
        assert {name for name in names if f"| `{name}` |" not in page} == set()


def test_keys_of_papers_are_links_to_their_references(extension):
    pages = extension("parameter_tables").pages()
    linked = set(re.findall(r"\(#(ref-\w+)\)", "".join(pages.values())))
    assert "ref-zang2018" in linked
    assert linked <= set(re.findall(r"^\((ref-\w+)\)=$", pages["references.md"], re.M))


def test_each_command_has_its_help(extension):
    page = extension("commands").pages()["commands.md"]
    for command in ("demo", "mli run", "experiment cf-synchrony", "protocol fi"):
        assert f"# cerebella {command}\n" in page
    assert "--cf-sync" in page
    assert "Usage: cerebella demo" in page


def test_diagrams_name_their_populations_and_are_the_same_each_time(extension):
    circuits = extension("circuits")
    diagrams = circuits.pages()
    assert circuits.pages() == diagrams
    for name in ("MLI1", "MLI2", "PF", "CF"):
        assert f">{name}<" in diagrams["molecular_layer.svg"]


def test_links_of_pages_in_the_root_lead_to_their_place_in_the_site(extension):
    page = extension("root_pages").pages()["contributing.md"]
    assert "](../architecture.md)" in page
    assert "](changelog.md)" in page


def test_output_of_commands_is_joined_where_it_was_cut(extension):
    pytest.importorskip("myst_nb")
    pieces = [("stdout", "MLI1 27"), ("stderr", "Saved\n"), ("stdout", ".7 Hz\n")]
    streams = [{"output_type": "stream", "name": name, "text": text} for name, text in pieces]
    outputs = [*streams[:1], {"output_type": "display_data", "data": {}}, *streams[1:]]
    joined = extension("streams").joined(outputs)
    assert [output.get("text") for output in joined] == ["MLI1 27.7 Hz\n", "Saved\n", None]
