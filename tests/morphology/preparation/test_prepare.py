"""`prepare_morphology`: the file that it writes, and reconstructions by others."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cerebella.errors import InputError, OutputExistsError
from cerebella.morphology.morphology import length_of
from cerebella.morphology.preparation.prepare import prepare_morphology
from cerebella.morphology.swc import load_morphology

SMOOTH = 2

RECONSTRUCTIONS = {
    # Sections, length of the dendrite and of its smooth part (µm), points of too small a diameter
    "10-2012-02-09-001": (785, 7641, 287, 0),
    "Purkinje-slice-ageP35-3": (607, 5909, 198, 0),
    "Purkinje-slice-ageP35-4": (613, 6549, 249, 0),
    "Purkinje-slice-ageP37-5": (637, 5117, 273, 0),
    "Purkinje-slice-ageP43-6": (759, 6425, 371, 0),
    "e1cb4a1": (687, 5894, 301, 53),
    "e4cb2a2": (718, 5469, 163, 274),
}


def assert_same(cell, other):
    for field in dataclasses.fields(cell):
        if field.name != "name":
            one, two = getattr(cell, field.name), getattr(other, field.name)
            np.testing.assert_array_equal(one, two, err_msg=field.name)


def lengths_of(cell):
    """Length of the dendrite and of its smooth part."""
    lengths = np.array([length_of(cell.points_of(s)) for s in range(cell.n_sections)])
    return lengths[cell.regions >= SMOOTH].sum(), lengths[cell.regions == SMOOTH].sum()


def test_the_file_written_is_read_as_the_same_cell(prepare, tmp_path):
    prepared = prepare(options={"out": tmp_path / "out.swc"})
    assert_same(prepared.morphology, load_morphology(tmp_path / "out.swc"))


def test_the_file_written_lists_the_changes_as_comments(prepare, tmp_path):
    prepared = prepare(options={"out": tmp_path / "out.swc"})
    lines = (tmp_path / "out.swc").read_text().splitlines()
    assert "# prepared by cerebella from raw:" in lines
    assert {f"# {repair}" for repair in prepared.repairs} < set(lines)


def test_a_prepared_cell_needs_no_repairs(prepare, tmp_path):
    cell = prepare(options={"out": tmp_path / "out.swc"}).morphology
    again = prepare_morphology(tmp_path / "out.swc")
    assert again.repairs == ()
    assert_same(cell, again.morphology)


def test_cells_of_this_package_need_no_repairs(small_swc, small_cell):
    prepared = prepare_morphology(small_swc)
    assert prepared.repairs == ()
    assert_same(prepared.morphology, small_cell)


def test_the_division_of_the_dendrite_is_a_row_of_the_table(prepare):
    assert str(prepare().repairs[-1]) == (
        "smooth dendrite found by rule: 189 µm of dendrite → 32 µm smooth (16.9 %) in 1 section"
    )


def test_an_existing_file_is_kept_without_force(prepare, tmp_path):
    (tmp_path / "out.swc").write_text("mine")
    with pytest.raises(OutputExistsError):
        prepare(options={"out": tmp_path / "out.swc"})
    with pytest.raises(OutputExistsError):
        prepare().save(tmp_path / "out.swc")
    assert (tmp_path / "out.swc").read_text() == "mine"
    assert prepare().save(tmp_path / "out.swc", force=True) == tmp_path / "out.swc"
    assert_same(prepare().morphology, load_morphology(tmp_path / "out.swc"))


def test_the_tracing_itself_is_not_replaced(tracing):
    file = tracing()
    before = file.read_text()
    with pytest.raises(InputError, match="is both input and output"):
        prepare_morphology(file, file, force=True)
    assert file.read_text() == before


def test_the_output_is_an_swc_file(prepare, tmp_path):
    with pytest.raises(InputError, match=r"End the name in \.swc"):
        prepare(options={"out": tmp_path / "out.txt"})


def test_a_refused_tracing_leaves_no_file(prepare, tmp_path):
    with pytest.raises(InputError):
        prepare(row5="4 3 30 70 0 0.5 99", options={"out": tmp_path / "out.swc"})
    assert [path.name for path in tmp_path.iterdir()] == ["raw.swc"]


def test_compartments_have_the_length_that_is_asked_for(prepare):
    coarse = prepare(options={"compartment_length_um": 100}).morphology
    assert coarse.n_compartments.tolist() == [1] * 5
    with pytest.raises(InputError, match="compartment length -1 µm is not positive"):
        prepare(options={"compartment_length_um": -1})


@pytest.mark.published
@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_reconstructions_by_others_are_prepared(published_folder, tmp_path, name):
    file = published_folder("morphologies") / f"{name}.CNG.swc"
    with pytest.raises(InputError, match=r"has no axon initial segment.*prepare_morphology"):
        load_morphology(file)
    prepared = prepare_morphology(file, tmp_path / "out.swc")
    n_sections, dendrite_um, smooth_um, n_thin = RECONSTRUCTIONS[name]
    cell = prepared.morphology
    assert cell.n_sections == n_sections
    assert lengths_of(cell) == pytest.approx((dendrite_um, smooth_um), abs=0.5)
    raised = [repair.n_points for repair in prepared.repairs if "raised" in repair.what]
    assert sum(raised) == n_thin
    assert_same(cell, load_morphology(tmp_path / "out.swc"))
    assert prepare_morphology(tmp_path / "out.swc").repairs == ()


@pytest.mark.published
def test_the_traced_cell_needs_no_repairs(published_purkinje):
    file = published_purkinje / "pc_morphology.swc"
    prepared = prepare_morphology(file)
    assert prepared.repairs == ()
    assert_same(prepared.morphology, load_morphology(file))


@pytest.mark.published
def test_the_traced_cell_with_types_of_others_is_the_same_cell(published_purkinje, tmp_path):
    """Others distribute it with points of type 0."""
    text = (published_purkinje / "pc_morphology.swc").read_text()
    lines = [
        line.replace(" 3 ", " 0 ", 1) if i % 7 == 0 and line.split()[1] == "3" else line
        for i, line in enumerate(text.splitlines())
    ]
    (tmp_path / "other.swc").write_text("\n".join(lines) + "\n")
    prepared = prepare_morphology(tmp_path / "other.swc")
    assert [repair.what for repair in prepared.repairs] == [
        "type without a meaning taken from the branch"
    ]
    assert_same(prepared.morphology, load_morphology(published_purkinje / "pc_morphology.swc"))
