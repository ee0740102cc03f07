"""Every example runs, prints results and leaves the figure that it promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cerebella.morphology.swc import save_morphology

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
LONG = "synchrony_and_the_purkinje_cell"


@pytest.fixture
def check_example(tmp_path):
    """Run an example in an empty folder; it ends well and leaves its figure alone."""

    def check(example, *arguments):
        folder = tmp_path / "empty"
        folder.mkdir()
        command = [sys.executable, example, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout
        made = sorted(path.name for path in folder.iterdir())
        assert made == [name for name in [f"{example.stem}.png"] if name in example.read_text()]

    return check


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem == LONG else ())
        for path in EXAMPLES
    ],
)
def test_an_example_does_what_its_first_lines_say(example, check_example):
    check_example(example)


def test_synchrony_and_the_purkinje_cell_with_a_small_cell(check_example, spiny_cell, tmp_path):
    """The simulations of the detailed cell, most of its minute, are those of `cerebella demo`."""
    save_morphology(spiny_cell, tmp_path / "cell.swc", tmp_path / "sections.csv")
    (example,) = (path for path in EXAMPLES if path.stem == LONG)
    cell = ("--morphology", tmp_path / "cell.swc", "--sections", tmp_path / "sections.csv")
    check_example(example, *cell, "--duration", "190")
