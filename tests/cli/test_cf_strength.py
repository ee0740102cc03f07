"""`cerebella experiment cf-strength` as a user meets it."""

from __future__ import annotations

import pytest

from cerebella.cli.cf_strength import load_cells
from cerebella.errors import InputError
from cerebella.morphology.swc import save_morphology

COMMAND = ("experiment", "cf-strength")
RAW = ["1 1 0 0 0 8 -1", "2 3 0 8 0 2 1", "3 3 0 60 0 2 2"]


@pytest.fixture
def raw(tmp_path):
    """A tracing without an axon, in a folder of its own."""
    swc = tmp_path / "tracings" / "raw.swc"
    swc.parent.mkdir()
    swc.write_text("".join(f"{row}\n" for row in RAW))
    return swc


def test_cells_are_the_default_one_seeds_files_and_folders(raw, small_cell, tmp_path):
    save_morphology(small_cell, tmp_path / "own.swc", tmp_path / "own_sections.csv")
    cells = load_cells(f"default, {tmp_path / 'own.swc'},{raw.parent}")
    assert [cell.name for cell in cells] == ["default", "own", "raw"]
    assert cells[1].section_names == small_cell.section_names  # of its table
    assert len(cells[2].sections_of("ais")) == 1  # prepared


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("defualt", "there is no file or folder 'defualt'. Give default, seeds such as 1-10"),
        ("5-1", "--cells: the range 5-1 is reversed. Give 1-5"),
        ("empty", "has no SWC files"),
    ],
)
def test_other_cells_are_refused(cells, message, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        load_cells(cells)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cells", ","), "no cells"),
        (("--levels", "8"), "one level of synchrony cannot be compared"),
        (("--strengths", "1,0.9"), "strengths 1, 0.9 are not"),
        (("--strengths", "1x"), "--strengths: '1x' is not a nonnegative number"),
        (("--set", "purkinje.connections.cf_time_ms=null"), "the climbing fiber of the cell does"),
    ],
)
def test_wrong_input_is_answered_in_one_line(cerebella, small_network_path, arguments, message):
    given = ("--cells", "default", "--network", small_network_path, *arguments)
    done = cerebella(*COMMAND, "out", *given)
    assert done.returncode == 2
    assert message in done.stderr
