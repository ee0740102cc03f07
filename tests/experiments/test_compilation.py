"""Code of engines is compiled before the first run of an experiment."""

from __future__ import annotations

from pathlib import Path

from cerebella.experiments import compilation
from cerebella.experiments.compilation import compile_engines

ENGINES = {"mli": "numba", "olive": "numba"}


def test_code_of_several_levels_is_compiled_at_the_same_time(monkeypatch):
    monkeypatch.setattr(compilation, "is_compiled", lambda level: False)
    said = []
    compile_engines(ENGINES, [Path("absent")], "processes", said.append)
    assert said == [
        "Compiling the code of the molecular layer and the olivocerebellar loop (once, about a "
        "minute)"
    ]


def test_nothing_is_said_of_code_that_is_compiled(monkeypatch):
    monkeypatch.setattr(compilation, "is_compiled", lambda level: True)
    said = []
    compile_engines(ENGINES, [Path("absent")], "processes", said.append)
    assert said == []
