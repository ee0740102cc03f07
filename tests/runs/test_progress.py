"""Progress bars are drawn in terminals, and not into pipes; for notebooks see test_notebooks.py."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from cerebella.runs.progress import progress_bar


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("kind", "shown"), [(Terminal, True), (StringIO, False)])
def test_a_bar_is_drawn_in_terminals_only_whatever_the_environment_asks_for(kind, shown):
    file = kind()
    # As with FORCE_COLOR, which is set for commands in cells of notebooks.
    with progress_bar("Simulating", console=Console(file=file, force_terminal=True)) as report:
        report(0.5)
    assert ("Simulating" in file.getvalue()) == shown


def test_announcements_reach_a_pipe():
    file = StringIO()
    with progress_bar("Simulating", console=Console(file=file)) as report:
        report.announce("Compiling [once]")
    # rich before 14.3 adds an empty line.
    assert file.getvalue().rstrip("\n") == "Compiling [once]"
