"""The comparison of a benchmark with its stored results."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def compare():
    """Import the script, which is in no package."""
    spec = importlib.util.spec_from_file_location("benchmark_compare", BENCHMARKS / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def stored_report(name: str) -> dict:
    return json.loads((BENCHMARKS / "results" / f"{name}.json").read_text(encoding="utf-8"))


def verdicts(rows) -> dict[str, str]:
    return {row.figure: row.verdict for row in rows}


def test_verdict_follows_from_the_tolerance(compare):
    stored = {"a": 10.0, "b": 10.0, "c": 10.0, "d": 10.0}
    now = {"a": 7.9, "b": 8.1, "c": 11.9, "d": 12.1}
    expected = {"a": "slower", "b": "as before", "c": "as before", "d": "faster"}
    assert verdicts(compare.compare(stored, now, tolerance=0.2)) == expected


def test_ratios_of_one_report_only_are_named_and_not_judged(compare):
    rows = compare.compare({"gone": 2.0}, {"added": 3.0})
    assert verdicts(rows) == {"gone": "not measured", "added": "new"}
    assert [row.change for row in rows] == [None, None]


def test_table_shows_ratios_and_their_change(compare):
    header, row, missing = compare.format_table(
        compare.compare({"a": 10.0, "gone": 2.0}, {"a": 5.0}, 0.2)
    ).splitlines()
    assert header.split() == ["ratio", "stored", "now", "change", "verdict"]
    assert row.split() == ["a", "10.00", "5.00", "-50%", "slower"]
    assert missing.split() == ["gone", "2.00", "–", "–", "not", "measured"]


@pytest.mark.parametrize("name", ["mli_network", "purkinje_cell", "olive", "olive_peers", "sweep"])
def test_every_stored_result_equals_itself(compare, name, capsys):
    assert compare.main([name, "--new", str(BENCHMARKS / "results" / f"{name}.json")]) == 0
    assert "as before" in capsys.readouterr().out


def test_slower_engine_is_found_and_gives_exit_status_1(compare, tmp_path, capsys):
    report = copy.deepcopy(stored_report("olive"))
    for run in report["runs"]:
        if run.get("threads") == 1:
            run["ns_per_event"] *= 1.5
    file = tmp_path / "new.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    assert compare.main(["olive", "--new", str(file)]) == 1
    assert "2 of 4 ratios slower by more than 20%" in capsys.readouterr().out


def test_reports_of_different_cells_are_not_compared(compare, tmp_path, capsys):
    file = tmp_path / "new.json"
    file.write_text(json.dumps(stored_report("purkinje_cell") | {"cell": "default"}))
    with pytest.raises(SystemExit):
        compare.main(["purkinje_cell", "--new", str(file)])
    assert "stored results are of cell 'traced', the new ones of 'default'" in (
        capsys.readouterr().err
    )


def test_unknown_benchmark_is_refused_with_the_names_there_are(compare, capsys):
    with pytest.raises(SystemExit):
        compare.main(["frog"])
    assert "no benchmark frog; there are mli_network" in capsys.readouterr().err
