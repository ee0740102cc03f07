"""Tracings in the formats of Neurolucida and HDF5."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from cerebella.errors import InputError, MachineError
from cerebella.morphology.preparation.prepare import prepare_morphology

DENDRITE = """\
( (Color Cyan) (Dendrite)
  (0 8 0 4) (0 40 0 4)
  ( (30 70 0 1) (60 90 2 0.8)
  |
    (-30 70 0 1) (-60 90 -2 0.8)
  )
)
"""


@pytest.fixture
def outline():
    """A soma as Neurolucida writes it: an outline of 16 points."""
    points = [
        f"({8 * np.cos(a):.4f} {8 * np.sin(a):.4f} 0.0 0.1)"
        for a in np.linspace(0, 2 * np.pi, 16, endpoint=False)
    ]
    return f'("CellBody" (Color Red) (CellBody)\n{" ".join(points)}\n)\n'


@pytest.fixture
def asc(tmp_path):
    pytest.importorskip("morphio")

    def write(text):
        (tmp_path / "raw.asc").write_text(text)
        return tmp_path / "raw.asc"

    return write


def test_neurolucida_files_give_the_cell_of_the_swc_file(asc, outline, prepare):
    prepared = prepare_morphology(asc(outline + DENDRITE))
    assert prepared.repairs[0].before == "contour of 16 points"
    cell, expected = prepared.morphology, prepare().morphology
    assert cell.regions.tolist() == expected.regions.tolist()
    for section in range(2, 5):
        own, other = (np.unique(m.points_of(section), axis=0) for m in (cell, expected))
        assert {tuple(point) for point in other.tolist()[1:]} <= {tuple(p) for p in own.tolist()}


def test_hdf5_files_give_the_cell_of_the_neurolucida_file(asc, outline, tmp_path):
    import morphio.mut

    file = asc(outline + DENDRITE)
    morphio.mut.Morphology(file).write(tmp_path / "raw.h5")
    cells = [prepare_morphology(one).morphology for one in (file, tmp_path / "raw.h5")]
    np.testing.assert_array_equal(cells[0].points_um, cells[1].points_um)


def test_a_tracing_without_a_soma_needs_one(asc):
    with pytest.raises(InputError, match="has no soma"):
        prepare_morphology(asc(DENDRITE))
    assert prepare_morphology(asc(DENDRITE), soma="default").morphology.n_sections == 5


@pytest.mark.parametrize("text", ["", "((((", "(1 2 3)"])
def test_what_morphio_does_not_read_is_refused(asc, text):
    with pytest.raises(InputError, match=r"raw\.asc"):
        prepare_morphology(asc(text))


def test_missing_files_are_refused(asc, tmp_path):
    with pytest.raises(InputError, match=r"absent\.h5: cannot be read"):
        prepare_morphology(tmp_path / "absent.h5")


def test_without_morphio_its_installation_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "morphio", None)
    (tmp_path / "raw.asc").write_text(DENDRITE)
    with pytest.raises(MachineError, match=r"pip install 'cerebella\[morphologies\]'"):
        prepare_morphology(tmp_path / "raw.asc")
