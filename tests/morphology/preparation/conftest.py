"""A small tracing as others make it, and ways to spoil it."""

from __future__ import annotations

import pytest

from cerebella.morphology.preparation.prepare import prepare_morphology

TRACING = """\
# a soma of one point and a dendrite of one type; no axon
1 1 0 0 0 8 -1
2 3 0 8 0 2 1
3 3 0 40 0 2 2
4 3 30 70 0 0.5 3
5 3 60 90 2 0.4 4
6 3 -30 70 0 0.5 3
7 3 -60 90 -2 0.4 6
"""


@pytest.fixture
def raw_text():
    """The small tracing."""
    return TRACING


@pytest.fixture
def tracing(tmp_path):
    """Write a tracing, by default `TRACING`, with replacements of rows."""

    def write(text=TRACING, **replaced):
        lines = text.splitlines()
        for row, line in replaced.items():
            lines[int(row.removeprefix("row")) - 1] = line
        file = tmp_path / "raw.swc"
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="")
        return file

    return write


@pytest.fixture
def prepare(tracing):
    """Prepare such a tracing; options of `prepare_morphology` by name."""

    def of(text=TRACING, options=None, **replaced):
        return prepare_morphology(tracing(text, **replaced), **(options or {}))

    return of


@pytest.fixture
def repairs(prepare):
    """What was done to a tracing, apart from what is always done to `TRACING`."""
    usual = [repair.what for repair in prepare().repairs]

    def of(*arguments, **replaced):
        done = prepare(*arguments, **replaced).repairs
        return [repair for repair in done if repair.what not in usual]

    return of
