"""`cerebella cite` and `cerebella parameters`."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cerebella.parameters.models import MODELS, default_parameters
from cerebella.parameters.provenance import parameter_rows


@pytest.mark.parametrize("level", MODELS)
def test_every_format_has_every_parameter(cerebella, level):
    names = [row.name for row in parameter_rows(default_parameters(level))]
    as_csv = cerebella("parameters", level, "--format", "csv").stdout
    assert [row["name"] for row in csv.DictReader(io.StringIO(as_csv))] == names
    as_json = json.loads(cerebella("parameters", level, "--format", "json").stdout)
    assert [row["name"] for row in as_json] == names
    assert set(as_json[0]) == {"level", "name", "value", "unit", "source", "remark", "meaning"}
    lines = cerebella("parameters", level, "--format", "markdown").stdout.splitlines()
    assert lines[0] == "| name | value | unit | source | remark |"
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == names


def test_without_a_level_all_are_listed_with_their_level(cerebella):
    text = cerebella("parameters", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(dict.fromkeys(row["level"] for row in rows)) == list(MODELS)


def test_an_unknown_level_is_one_message_and_exit_code_2(cerebella):
    done = cerebella("parameters", "frog")
    assert done.returncode == 2
    assert "error: level 'frog' is unknown. Choose from mli, purkinje" in done.stderr


def test_the_package_and_runs_are_cited(cerebella, tmp_path):
    assert "[park2026]" in cerebella("cite").stdout
    run = {"schema": "cerebella-run/1", "kind": "olive", "cerebella": "0.1", "duration_ms": 1.0}
    for name, key in (("a", "cbmsim"), ("b", "numba")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps({**run, "traces": [], "cite": [key]}))
    folders = [str(tmp_path / name) for name in "ab"]
    text = cerebella("cite", *folders, "--format", "bibtex").stdout
    assert [line.split("{")[1] for line in text.splitlines() if line.startswith("@")] == [
        *("cerebella,", "cbmsim,", "numba,")
    ]


def test_a_folder_without_a_run_is_one_message_and_exit_code_2(cerebella, tmp_path):
    done = cerebella("cite", str(tmp_path))
    assert done.returncode == 2
    assert "is not a run directory" in done.stderr
