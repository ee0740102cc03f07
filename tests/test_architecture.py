"""Imports run downwards: from a room of the package only to rooms of lower floors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cerebella

PACKAGE = Path(cerebella.__file__).parent

# From top to bottom. A room may import rooms of lower floors and its own.
FLOORS = (
    {"cli"},
    {"experiments"},
    {"sweeps", "views"},
    {"plots", "exports"},
    {"analysis"},
    {"molecular_layer", "purkinje", "olive"},
    {"citations"},
    {"runs"},
    {"morphology"},
    {"network", "stimuli", "neuron_backend", "compiled"},
    {"results", "randomness", "parameters", "machine", "model_version"},
    {"files"},
    {"errors"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and module of each import of the package, wherever it is in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def violations_in(source: str, room: str) -> list[str]:
    found = []
    for line, module in imports_of(ast.parse(source)):
        package, _, rest = module.partition(".")
        imported = rest.partition(".")[0]
        if package == "":
            found.append(f"line {line}: relative import {module}")
        elif package == "cerebella" and imported not in FLOOR_OF:
            found.append(f"line {line}: {module} is in no room")
        elif package == "cerebella" and imported != room and FLOOR_OF[imported] <= FLOOR_OF[room]:
            found.append(f"line {line}: {room} imports {module}")
    return found


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def test_every_room_has_its_floor():
    assert {room_of(file) for file in FILES} <= set(FLOOR_OF)


@pytest.mark.parametrize("room", sorted(FLOOR_OF))
def test_imports_run_downwards(room):
    files = [file for file in FILES if room_of(file) == room]
    found = {
        str(file.relative_to(PACKAGE)): violations
        for file in files
        if (violations := violations_in(file.read_text(encoding="utf-8"), room))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("line", "violation"),
    [
        ("from cerebella.results.spikes import SpikeTrains", None),
        ("from cerebella.olive.theory import predicted_cf_rate", None),
        ("import numpy", None),
        ("from cerebella.plots.style import styled", "analysis imports cerebella.plots.style"),
        ("def f():\n    import cerebella.cli.main", "analysis imports cerebella.cli.main"),
        ("import cerebella", "cerebella is in no room"),
        ("from .rates import compute_rates", "relative import .rates"),
    ],
)
def test_import_that_runs_upwards_is_found(line, violation):
    found = violations_in(line, "analysis")
    assert [text.partition(": ")[2] for text in found] == ([violation] if violation else [])
