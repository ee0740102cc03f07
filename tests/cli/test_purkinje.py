"""`cerebella purkinje` as a user meets it."""

from __future__ import annotations

import json

import pytest

CELL = """\
1 1 0 -10 0 5 -1
2 1 0 10 0 5 1
3 2 0 -10 0 0.5 1
4 2 0 -28 0 0.4 3
5 5 0 10 0 1.5 2
6 5 0 60 0 1.5 5
7 3 0 60 0 0.4 6
8 3 20 90 0 0.3 7
9 3 0 60 0 0.4 6
10 3 -20 90 0 0.3 9
"""


@pytest.fixture
def cell(tmp_path):
    (tmp_path / "cell.swc").write_text(CELL)
    return tmp_path / "cell.swc"


def test_describe_shows_a_cell_beside_the_traced_one_and_warns(cerebella, cell):
    done = cerebella("purkinje", "describe", "cell.swc")
    assert done.returncode == 0, done.stderr
    assert "5 sections (1 soma, 1 ais, 1 smooth, 2 spiny)" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "Spiny dendrite: length " in line)
    assert "72.11" in row
    assert "9,474" in row
    assert "warning: Spiny dendrite: length 72.11 µm is outside the range" in done.stderr


def test_describe_prints_json_alone_on_stdout(cerebella_process, cell):
    done = cerebella_process("purkinje", "describe", "cell.swc", "--json")
    values = json.loads(done.stdout)
    assert values["statistics"]["tips"] == 2
    assert values["traced"]["tips"] == 568
    assert "tips" in values["deviating"]


def test_other_type_codes_can_be_given(cerebella, cell):
    cell.write_text(CELL.replace(" 5 ", " 4 "))
    assert "unknown type 4" in cerebella("purkinje", "describe", "cell.swc").stderr
    done = cerebella("purkinje", "describe", "cell.swc", "--type-code", "4=smooth")
    assert done.returncode == 0, done.stderr
    assert "1 smooth" in done.stdout


def test_the_default_cell_is_written_and_can_be_described(cerebella, cerebella_process, tmp_path):
    done = cerebella_process("purkinje", "morphology", "out.swc", "--figure", "out.png")
    assert done.returncode == 0, done.stderr
    assert "1105 spiny" in done.stdout
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["out.png", "out.swc", "out_sections.csv"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    shown = cerebella("purkinje", "describe", "out.swc", "--sections", "out_sections.csv")
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""


def test_force_replaces_a_cell_by_that_of_another_seed(cerebella, tmp_path):
    (tmp_path / "out.swc").write_text("mine")
    refused = cerebella("purkinje", "morphology", "out.swc", "--seed", 1)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "out.swc").read_text() == "mine"
    assert cerebella("purkinje", "morphology", "out.swc", "--seed", 1, "--force").returncode == 0
    first = (tmp_path / "out.swc").read_text()
    assert first.startswith("# seed_1: a Purkinje cell of 1137 sections")


def test_describe_draws_the_cell(cerebella, cell, tmp_path):
    done = cerebella("purkinje", "describe", "cell.swc", "--figure", "cell.svg")
    assert done.returncode == 0, done.stderr
    assert "<svg" in (tmp_path / "cell.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["describe", "absent.swc"], "absent.swc"),
        (["describe", "cell.swc", "--sections", "absent.csv"], "absent.csv"),
        (["describe", "cell.swc", "--type-code", "smooth"], "not of the form CODE=REGION"),
        (["describe", "cell.swc", "--type-code", "4=basal"], "unknown region 'basal'"),
        (["describe", "cell.swc", "--sections", "cell.swc"], "cell.swc, row 1"),
        (["describe", "cell.swc", "--figure", "cell.jpg"], ".png, .pdf or .svg"),
        (["morphology", "out.txt"], "End the name in .swc"),
        (["morphology", "out.swc", "--seed", "-1"], "--seed"),
        (["morphology", "out.swc", "--figure", "out.jpg"], ".png, .pdf or .svg"),
        (["morphology", "cell.swc/out.swc"], "cannot be written"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, cell, arguments, fragment):
    done = cerebella("purkinje", *arguments)
    assert done.returncode == 2, done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in cell.parent.iterdir()) == ["cell.swc"]
