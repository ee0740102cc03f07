"""`cerebella morphology` as a user meets it."""

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
    done = cerebella("morphology", "describe", "cell.swc")
    assert done.returncode == 0, done.stderr
    assert "5 sections (1 soma, 1 ais, 1 smooth, 2 spiny)" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "Spiny dendrite: length " in line)
    assert "72.11" in row
    assert "9,474" in row
    assert "warning: Spiny dendrite: length 72.11 µm is outside the range" in done.stderr
    assert "Synapses: 1" in done.stdout
    assert "climbing fiber 7.25 nS" in done.stdout


def test_describe_separates_what_matters_and_warns_of_that_alone(cerebella, cell):
    done = cerebella("morphology", "describe", "cell.swc")
    relevant, other = done.stdout.split("Other statistics")
    assert "interval between simple spikes" in words(relevant)
    assert "Dendrite: tips" in other
    assert "tips" not in done.stderr
    assert "warning: Soma: area" in done.stderr


def test_describe_prints_json_alone_on_stdout(cerebella_process, cell):
    done = cerebella_process("morphology", "describe", "cell.swc", "--json")
    values = json.loads(done.stdout)
    assert values["statistics"]["tips"] == 2
    assert values["traced"]["tips"] == 568
    assert "tips" in values["deviating"]
    assert values["effects"]["impedance_500Hz_MOhm"] == "interval between simple spikes"
    assert values["synapses"]["cf_conductance_nS"] == pytest.approx(7.25)


def test_other_type_codes_can_be_given(cerebella, cell):
    cell.write_text(CELL.replace(" 5 ", " 4 "))
    assert "unknown type 4" in cerebella("morphology", "describe", "cell.swc").stderr
    done = cerebella("morphology", "describe", "cell.swc", "--type-code", "4=smooth")
    assert done.returncode == 0, done.stderr
    assert "1 smooth" in done.stdout


def test_the_default_cell_is_written_and_can_be_described(cerebella, cerebella_process, tmp_path):
    done = cerebella_process("morphology", "generate", "out.swc", "--figure", "out.png")
    assert done.returncode == 0, done.stderr
    assert "1105 spiny" in done.stdout
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["out.png", "out.swc", "out_sections.csv"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    shown = cerebella("morphology", "describe", "out.swc", "--sections", "out_sections.csv")
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""


def test_force_replaces_a_cell_by_that_of_another_seed(cerebella, tmp_path):
    (tmp_path / "out.swc").write_text("mine")
    refused = cerebella("morphology", "generate", "out.swc", "--seed", 1)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "out.swc").read_text() == "mine"
    assert cerebella("morphology", "generate", "out.swc", "--seed", 1, "--force").returncode == 0
    first = (tmp_path / "out.swc").read_text()
    assert first.startswith("# seed_1: a Purkinje cell of 1137 sections")


def test_describe_draws_the_cell(cerebella, cell, tmp_path):
    done = cerebella("morphology", "describe", "cell.swc", "--figure", "cell.svg")
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
        (["describe", "cell.swc", "--prepare", "--sections", "s.csv"], "Omit --sections"),
        (["generate", "out.txt"], "End the name in .swc"),
        (["generate", "out.swc", "--seed", "-1"], "--seed"),
        (["generate", "out.swc", "--figure", "out.jpg"], ".png, .pdf or .svg"),
        (["generate", "cell.swc/out.swc"], "cannot be written"),
        (["prepare", "absent.swc", "out.swc"], "absent.swc"),
        (["prepare", "cell.swc", "cell.swc", "--force"], "is both input and output"),
        (["prepare", "cell.swc", "out.txt"], "End the name in .swc"),
        (["prepare", "cell.swc", "out.swc", "--figure", "out.jpg"], ".png, .pdf or .svg"),
        (["prepare", "cell.swc", "out.swc", "--scale", "0"], "--scale is 0"),
        (["prepare", "cell.swc", "out.swc", "--soma", "mine"], "traced, default"),
        (["prepare", "cell.swc", "out.swc", "--min-diameter", "-1"], "--min-diameter is -1"),
        (["prepare", "cell.swc", "out.swc", "--type-code", "3=x"], "unknown region 'x'"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, cell, arguments, fragment):
    done = cerebella("morphology", *arguments)
    assert done.returncode == 2, done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in cell.parent.iterdir()) == ["cell.swc"]


TRACING = """\
1 1 0 0 0 8 -1
2 3 0 8 0 2 1
3 3 0 40 0 2 2
4 3 30 70 0 0.5 3
5 3 60 90 2 0.05 4
6 3 -30 70 0 0.5 3
7 3 -60 90 -2 0.4 6
"""
CHANGES = (
    "diameter below 0.2 µm raised",
    "soma described as a stack of disks",
    "axon initial segment of the default cell added",
    "smooth dendrite found by rule",
)


@pytest.fixture
def tracing(tmp_path):
    """A tracing without axon and regions."""
    (tmp_path / "raw.swc").write_text(TRACING)
    return tmp_path / "raw.swc"


def words(text):
    """A text without the borders of tables."""
    return " ".join(text.translate(str.maketrans("│┃", "  ")).split())


def test_a_tracing_is_prepared_and_the_changes_are_listed(cerebella, tracing, tmp_path):
    done = cerebella("morphology", "prepare", "raw.swc", "out.swc", "--figure", "out.png")
    assert done.returncode == 0, done.stderr
    assert "5 sections (1 soma, 1 ais, 1 smooth, 2 spiny)" in done.stdout
    text = (tmp_path / "out.swc").read_text()
    for change in CHANGES:
        assert f"# {change}" in text
        assert change.split()[0] in words(done.stdout)
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    again = cerebella("morphology", "prepare", "out.swc", "again.swc")
    assert "Nothing was changed." in again.stdout
    refused = cerebella("morphology", "prepare", "raw.swc", "out.swc")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert cerebella("morphology", "prepare", "raw.swc", "out.swc", "--force").returncode == 0


def test_options_of_prepare_reach_it(cerebella, tracing):
    tracing.write_text(TRACING.replace("0 8 -1", "0 8 -1\n8 2 0 -8 0 0.5 1\n9 2 0 -99 0 0.5 8"))
    options = ("--scale", "2", "--soma", "default", "--keep-axon", "--min-diameter", "0.3")
    done = cerebella("morphology", "prepare", "raw.swc", "out.swc", *options)
    assert done.returncode == 0, done.stderr
    text = (tracing.parent / "out.swc").read_text()
    for change in (
        *("scaled: 1 unit → 2 µm", "diameter below 0.3 µm", "soma of the default cell used"),
        "axon cut behind the initial segment",
    ):
        assert change in text


def test_describe_takes_a_tracing_with_prepare(cerebella, tracing):
    refused = cerebella("morphology", "describe", "raw.swc")
    assert refused.returncode == 2
    assert "prepare the cell with cerebella morphology prepare" in refused.stderr
    done = cerebella("morphology", "describe", "raw.swc", "--prepare")
    assert done.returncode == 0, done.stderr
    assert "5 sections (1 soma, 1 ais, 1 smooth, 2 spiny)" in done.stdout
    assert "smooth dendrite" in words(done.stderr)
