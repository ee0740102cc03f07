"""`cerebella doctor`: each line ok or a remedy."""

from __future__ import annotations

import json
from dataclasses import replace

from cerebella.compiled.compilation import NotCachedError
from cerebella.runs.compilation import levels_with_code
from cerebella.runs.level import level_of

NAMES = [
    "Python",
    "cores",
    "GPU",
    *(f"{level.kind} code" for level in levels_with_code()),
    "NEURON",
    "compiler",
    "make",
    "cache folder",
    "mli mechanisms",
    "purkinje mechanisms",
    "MPI",
]


def test_on_a_good_machine_all_is_ok(cerebella_process):
    done = cerebella_process("doctor", "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert [check["name"] for check in report["checks"]] == NAMES
    assert report["ok"] is True
    assert "two ranks connected" in next(c["found"] for c in report["checks"] if c["name"] == "MPI")


def test_without_tools_the_exit_code_is_1_and_each_remedy_is_named(cerebella_process, tmp_path):
    empty = tmp_path / "empty"
    done = cerebella_process("doctor", PATH=str(empty), CEREBELLA_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert sum(line.startswith("remedy") for line in lines) >= 3
    assert "apt install g++ make" in done.stdout
    assert "Traceback" not in done.stderr


def test_clean_removes_the_compiled_mechanisms_and_nothing_else(cerebella_process, tmp_path):
    cache = tmp_path / "cache"
    library = cache / "0123456789abcdef"
    library.mkdir(parents=True)
    (cache / "mine.txt").write_text("not ours")
    done = cerebella_process("doctor", "--clean", CEREBELLA_CACHE=str(cache))
    assert done.returncode == 0
    assert not library.exists()
    assert (cache / "mine.txt").read_text() == "not ours"


def test_code_that_is_not_compiled_is_said_and_compiled_on_request(cerebella, monkeypatch):
    def refused():
        raise NotCachedError

    calls = []
    levels = [replace(level_of("mli"), warm_up=refused)]
    monkeypatch.setattr("cerebella.runs.compilation.levels_with_code", lambda: levels)
    monkeypatch.setattr("cerebella.runs.compilation.compile_code", lambda *of: calls.append(of))
    monkeypatch.setattr("cerebella.neuron_backend.diagnosis.diagnose_neuron", lambda *of: [])
    done = cerebella("doctor")
    assert "mli code" in done.stdout
    assert "not compiled yet" in done.stdout
    assert done.returncode == 0
    assert not calls
    assert "compiled in" in cerebella("doctor", "--compile").stdout
    assert len(calls) == 1
