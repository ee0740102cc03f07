"""SWC files: reading, round trips, refusals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.swc import load_morphology, save_morphology

ARRAYS = ("regions", "parents", "parent_ends", "n_compartments", "first_points", "points_um")


def assert_same(a, b):
    assert a.section_names == b.section_names
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def test_sections_end_where_the_tree_branches_or_changes_type(small_cell):
    assert [REGIONS[r] for r in small_cell.regions] == [
        *("soma", "ais", "smooth", "smooth", "spiny", "spiny", "spiny"),
    ]
    assert small_cell.parents.tolist() == [-1, 0, 0, 2, 3, 3, 2]
    assert [len(small_cell.points_of(s)) for s in range(7)] == [3, 2, 2, 2, 2, 2, 3]
    assert small_cell.points_of(3)[0].tolist() == [0, 30, 0, 2.4]


def test_axon_starts_at_the_somas_first_end_and_the_dendrite_at_its_second(small_cell):
    assert small_cell.parent_ends.tolist() == [0, 0, 1, 1, 1, 1, 1]


def test_compartments_are_about_four_micrometres_by_rule(small_cell, small_swc):
    # Lengths 20, 18, 20, 25, 15, 15.13 and 10 + 12.69.
    assert small_cell.n_compartments.tolist() == [5, 4, 5, 6, 4, 4, 6]
    coarse = load_morphology(small_swc, compartment_length_um=100)
    assert coarse.n_compartments.tolist() == [1] * 7


def test_everything_comes_back_with_the_sections_table(small_cell, tmp_path):
    rng = np.random.default_rng(1)
    cell = dataclasses.replace(
        small_cell,
        points_um=small_cell.points_um * rng.uniform(0.9, 1.1, small_cell.points_um.shape),
        n_compartments=rng.integers(1, 9, 7),
        section_names=tuple(f"part_{i}_of_a_long_name" for i in range(7)),
    )
    save_morphology(cell, tmp_path / "a.swc", tmp_path / "a.csv")
    back = load_morphology(tmp_path / "a.swc", tmp_path / "a.csv")
    assert_same(cell, back)
    save_morphology(dataclasses.replace(back, name=cell.name), tmp_path / "b.swc")
    assert (tmp_path / "a.swc").read_bytes() == (tmp_path / "b.swc").read_bytes()


def test_shape_comes_back_without_the_table(small_cell, tmp_path):
    save_morphology(small_cell, tmp_path / "a.swc")
    assert_same(small_cell, load_morphology(tmp_path / "a.swc"))
    assert [path.name for path in tmp_path.glob("a*")] == ["a.swc"]


def test_parents_are_put_before_children(small_cell, small_swc, tmp_path):
    lines = small_swc.read_text().splitlines()
    backwards = tmp_path / "backwards.swc"
    backwards.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    cell = load_morphology(backwards)
    assert cell.regions[0] == 0
    assert all(parent < section for section, parent in enumerate(cell.parents))
    lengths = [np.ptp(cell.points_of(s)[:, 1]) for s in range(7)]
    assert sorted(lengths) == sorted(np.ptp(small_cell.points_of(s)[:, 1]) for s in range(7))


def test_a_section_starts_at_its_parents_end_where_points_are_not_doubled(tmp_path):
    path = tmp_path / "common.swc"
    path.write_text(
        "1 1 0 0 0 10 -1\n2 2 0 -10 0 0.5 1\n3 2 0 -30 0 0.5 2\n4 3 0 10 0 2 1\n5 3 0 30 0 2 4\n"
        "6 3 5 40 0 0.5 5\n7 3 -5 40 0 0.5 5\n"
    )
    cell = load_morphology(path)
    assert cell.points_of(0).tolist() == [[0, -10, 0, 20], [0, 10, 0, 20]]
    assert cell.parent_ends.tolist() == [0, 0, 1, 1, 1]
    assert cell.points_of(2).tolist() == [[0, 10, 0, 4], [0, 30, 0, 4]]
    assert cell.points_of(3).tolist() == [[0, 30, 0, 1], [5, 40, 0, 1]]
    assert [REGIONS[r] for r in cell.regions[2:]] == ["smooth", "spiny", "spiny"]


def test_the_middle_may_be_the_first_of_three_soma_points(small_swc):
    text = small_swc.read_text().replace("1 1 0 -10 0 3 -1\n2 1 0 0 0 10 1\n3 1 0 10 0 2 2\n", "")
    soma = "2 1 0 0 0 10 -1\n1 1 0 -10 0 3 2\n3 1 0 10 0 2 2\n"
    small_swc.write_text(soma + text)
    cell = load_morphology(small_swc)
    assert cell.points_of(0)[:, 1].tolist() == [-10, 0, 10]
    assert cell.parent_ends.tolist() == [0, 0, 1, 1, 1, 1, 1]


def test_type_codes_can_be_named(small_swc):
    text = small_swc.read_text().replace(" 5 ", " 8 ")
    small_swc.write_text(text)
    with pytest.raises(InputError, match=r"row 7, column type: point 6 has the unknown type 8"):
        load_morphology(small_swc)
    codes = {1: "soma", 2: "ais", 3: "spiny", 8: "smooth"}
    assert load_morphology(small_swc, type_codes=codes).regions.tolist() == [0, 1, 2, 2, 3, 3, 3]
    with pytest.raises(InputError, match="unknown region 'dendrite'"):
        load_morphology(small_swc, type_codes={1: "dendrite"})


def replaced(row, text):
    return lambda lines: [*lines[: row - 1], *([text] if text else []), *lines[row:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced(2, "1 1 0 -10 0 3 99"), "row 2, column parent: point 1 is an orphan"),
        (replaced(2, "1 1 0 -10 0 3 3"), "row 2: point 1 is not connected to a root"),
        (replaced(8, "7 5 0 30 0 1.5 9"), "row 8: point 7 is not connected to a root"),
        (replaced(11, "10 3 20 45 0 0.5 -1"), "row 11: point 10 is a second root, after point 1"),
        (replaced(12, "11 3 20 60 0 0 10"), "row 12, column radius: radius 0 is not positive"),
        (replaced(12, "11 3 20 60 0 -0.4 10"), "radius -0.4 is not positive"),
        (replaced(12, "11 3 20 nan 0 0.4 10"), "row 12, column y: 'nan' is not a finite number"),
        (replaced(12, "11 3 20 inf 0 0.4 10"), "row 12, column y: 'inf' is not a finite number"),
        (replaced(12, "11 3 20 6O 0 0.4 10"), "row 12, column y: '6O' is not a finite number"),
        (replaced(12, "11 3 20 60"), "row 12: '11 3 20 60' has 4 values, but a point has 7"),
        (replaced(12, "11.5 3 20 60 0 0.4 10"), "column id: '11.5' is not an integer"),
        (replaced(12, "10 3 20 60 0 0.4 10"), "point 10 occurs twice, first in row 11"),
        (replaced(12, "11 3 20 45 0 0.4 10"), "row 11: point 10 forms a section of zero length"),
        (replaced(12, "11 1 20 60 0 0.4 10"), "point 11 is in the soma but its parent is not"),
        (lambda lines: lines[:1], "contains no points"),
        (lambda lines: [x.replace(" 2 0 ", " 3 0 ") for x in lines], "no axon initial segment"),
        (lambda lines: [x.replace(" 1 0 ", " 5 0 ") for x in lines], "has no soma"),
        (lambda lines: lines[:6], "has no dendrite: no point of type 5 or 3"),
        (
            lambda lines: [*lines, "17 1 5 0 0 1 2"],
            "row 3: point 2 is a branch point within the soma",
        ),
    ],
)
def test_what_cannot_be_used_is_named(small_swc, change, message):
    lines = change(small_swc.read_text().splitlines())
    small_swc.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"small\.swc") as caught:
        load_morphology(small_swc)
    assert message in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_is_cut_off_or_missing_is_named(small_swc, tmp_path):
    small_swc.write_text(small_swc.read_text()[:-3])
    with pytest.raises(InputError, match=r"row 17.*truncated"):
        load_morphology(small_swc)
    with pytest.raises(InputError, match=r"absent.*cannot be read"):
        load_morphology(tmp_path / "absent.swc")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("4,2,ais", "40,2,ais", "row 3, column first_point_id: point 40 is not in a.swc"),
        ("4,2,ais", "4,3,ais", "row 3, column n_points: points of section ais[0] are not an"),
        ("14,3,", "14,9,", "row 8, column n_points: extends beyond the last of 16 points"),
        ("4,2,ais", "4,1,ais", "row 3, column n_points: 1 points"),
        ("AIS,4", "AIS,0", "row 3, column n_compartments: 0 compartments"),
        ("AIS,4", "axon,4", "row 3, column region: unknown region 'axon'"),
        ("smooth[1],smooth", "smooth[1],spiny", "its point 8 has type 5 (smooth)"),
        ("18.0000", "19.0000", "length of 18 µm in the SWC file, but 19 µm in the table"),
        ("spiny[1],", "spiny[0],", "column section: 'spiny[0]' occurs twice"),
        (
            "12,2,spiny[1],spiny,4,15.1327",
            "10,2,spiny[1],spiny,4,15",
            "shares points with spiny[0]",
        ),
        ("14,3,spiny[2],spiny,6,22.6886\n", "", "point 14 of a.swc is not in any section"),
        ("n_compartments", "nseg", "missing column n_compartments"),
    ],
)
def test_a_sections_table_that_does_not_fit_is_refused(small_cell, tmp_path, old, new, message):
    save_morphology(small_cell, tmp_path / "a.swc", tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert old in text
    (tmp_path / "a.csv").write_text(text.replace(old, new))
    with pytest.raises(InputError, match=r"a\.csv") as caught:
        load_morphology(tmp_path / "a.swc", tmp_path / "a.csv")
    assert message in str(caught.value)
    assert caught.value.remedy


@pytest.mark.published
def test_the_traced_cell_has_its_known_statistics(traced_cell):
    counts = [len(traced_cell.sections_of(region)) for region in REGIONS]
    assert counts == [1, 1, 30, 1105]
    assert traced_cell.n_compartments.sum() == 2475
    assert traced_cell.section_names[:3] == ("somaA", "AIS", "smth_A1_0")
    assert traced_cell.parents[:3].tolist() == [-1, 0, 0]
    assert traced_cell.parent_ends[:3].tolist() == [0, 0, 1]


@pytest.mark.published
def test_the_traced_cell_comes_back(traced_cell, tmp_path):
    save_morphology(traced_cell, tmp_path / "a.swc", tmp_path / "a.csv")
    assert_same(traced_cell, load_morphology(tmp_path / "a.swc", tmp_path / "a.csv"))


@pytest.mark.published
def test_the_rule_cuts_the_traced_cell_as_its_table_does(traced_cell, published_purkinje):
    by_rule = load_morphology(published_purkinje / "pc_morphology.swc")
    for name in ("regions", "parents", "parent_ends", "first_points", "points_um"):
        np.testing.assert_array_equal(getattr(by_rule, name), getattr(traced_cell, name))
    assert by_rule.n_compartments.sum() == pytest.approx(2475, rel=0.03)
