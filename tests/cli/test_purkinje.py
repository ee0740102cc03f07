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
    assert "warning: Spiny dendrite: length 72.11 µm is not within" in done.stderr


def test_describe_prints_json_alone_on_stdout(cerebella, cell):
    done = cerebella("purkinje", "describe", "cell.swc", "--json")
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


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["describe", "absent.swc"], "absent.swc"),
        (["describe", "cell.swc", "--sections", "absent.csv"], "absent.csv"),
        (["describe", "cell.swc", "--type-code", "smooth"], "not of the form CODE=REGION"),
        (["describe", "cell.swc", "--type-code", "4=basal"], "unknown region 'basal'"),
        (["describe", "cell.swc", "--sections", "cell.swc"], "cell.swc, row 1"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, cell, arguments, fragment):
    done = cerebella("purkinje", *arguments)
    assert done.returncode == 2, done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
