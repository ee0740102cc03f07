"""Forms of SWC files that others write."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.preparation.prepare import prepare_morphology

ARRAYS = ("regions", "parents", "parent_ends", "n_compartments", "first_points", "points_um")


def assert_same(cell, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(cell, name), getattr(other, name), err_msg=name)


def scattered(text):
    """Ids with gaps, in reverse order, parents after children."""
    rows = [line.split() for line in text.splitlines()[1:]]
    ids = {row[0]: str(1000 - 7 * i) for i, row in enumerate(rows)} | {"-1": "-1"}
    renamed = [" ".join([ids[row[0]], *row[1:6], ids[row[6]]]) for row in rows]
    return "\n".join(reversed(renamed)) + "\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace(" ", ", "),
        lambda text: "\n \n".join(f"  {line}   # a remark" for line in text.splitlines()) + "\n",
        lambda text: text.replace("\n2 3", "\n2.0 3.0").replace(" 2\n", " 2.00\n"),
        lambda text: text.replace(" -1\n", " -2\n"),
        lambda text: text.replace(" -1\n", " 0\n"),
        lambda text: "".join(f"{line} 7 8\n" for line in text.splitlines()),
        lambda text: text.replace("\n4 3", "\n4 4"),
    ],
    ids=[
        *("crlf", "cr", "bom", "tabs", "commas", "remarks"),
        *("float_ids", "root_-2", "root_0", "more_columns", "apical"),
    ],
)
def test_other_forms_of_the_same_tracing_give_the_same_cell(prepare, raw_text, change):
    expected = prepare()
    prepared = prepare(change(raw_text))
    assert_same(prepared.morphology, expected.morphology)
    assert [r.what for r in prepared.repairs] == [r.what for r in expected.repairs]


def test_order_and_numbers_of_the_points_do_not_matter(prepare, raw_text):
    cell, other = prepare().morphology, prepare(scattered(raw_text)).morphology
    assert other.regions.tolist() == cell.regions.tolist()
    lengths = [sorted(map(len, (m.points_of(s) for s in range(5)))) for m in (cell, other)]
    assert lengths[0] == lengths[1]
    np.testing.assert_array_equal(other.points_of(0), cell.points_of(0))


def test_a_last_row_without_line_ending_is_taken_and_listed(tracing, raw_text):
    file = tracing()
    file.write_text(raw_text.rstrip("\n"))
    repair = prepare_morphology(file).repairs[0]
    assert (repair.what, repair.where) == ("last row without line ending", "row 8")


def test_bytes_that_are_not_utf8_may_stand_in_comments(tracing, raw_text):
    file = tracing()
    file.write_bytes(b"# radius in \xb5m\n" + raw_text.encode())
    assert prepare_morphology(file).repairs[0].what == "text that is not UTF-8"
    file.write_bytes(raw_text.encode().replace(b"8 -1", b"8\xb5 -1"))
    with pytest.raises(InputError, match="row 2, column radius"):
        prepare_morphology(file)


def test_types_without_a_meaning_are_those_of_the_branch(repairs, prepare):
    (repair,) = repairs(row5="4 0 30 70 0 0.5 3", row6="5 7 60 90 2 0.4 4")
    assert repair == (
        "type without a meaning taken from the branch",
        *(2, "rows 5 and 6", "type 0, 7", "dendrite"),
    )
    same = prepare(row5="4 0 30 70 0 0.5 3", row6="5 7 60 90 2 0.4 4").morphology
    assert_same(same, prepare().morphology)


def test_a_branch_of_unknown_type_at_the_soma_is_what_follows_or_dendrite(prepare):
    expected = prepare().morphology
    assert_same(prepare(row3="2 0 0 8 0 2 1").morphology, expected)
    unknown = {f"row{row}": line for row, line in enumerate(RENAMED, start=3)}
    assert_same(prepare(**unknown).morphology, expected)


RENAMED = [
    *("2 0 0 8 0 2 1", "3 0 0 40 0 2 2", "4 0 30 70 0 0.5 3", "5 0 60 90 2 0.4 4"),
    *("6 0 -30 70 0 0.5 3", "7 0 -60 90 -2 0.4 6"),
]


def test_type_5_is_smooth_dendrite_as_a_tree_from_the_soma(prepare):
    cell = prepare(row3="2 5 0 8 0 2 1", row4="3 5 0 40 0 2 2", row5="4 5 30 70 0 0.5 3").morphology
    assert [REGIONS[r] for r in cell.regions] == ["soma", "ais", *["smooth"] * 2, "spiny", "spiny"]


def test_type_5_marks_a_branch_point_anywhere_else(prepare, repairs):
    (repair,) = repairs(row4="3 5 0 40 0 2 2")
    assert (repair.before, repair.after) == ("type 5", "dendrite")
    assert_same(prepare(row4="3 5 0 40 0 2 2").morphology, prepare().morphology)


def test_type_codes_can_be_given(prepare):
    cell = prepare(
        row3="2 9 0 8 0 2 1", row4="3 9 0 40 0 2 2", options={"type_codes": {9: "smooth"}}
    ).morphology
    assert [REGIONS[r] for r in cell.regions] == ["soma", "ais", "smooth", "spiny", "spiny"]
    with pytest.raises(InputError, match="unknown region 'basal' for type code 3"):
        prepare(options={"type_codes": {3: "basal"}})


def test_a_root_outside_the_soma_is_moved_into_it(prepare, repairs):
    turned = {"row2": "1 1 0 0 0 8 2", "row3": "2 3 0 8 0 2 3", "row4": "3 3 0 40 0 2 -1"}
    (repair,) = repairs(**turned)
    assert repair == ("root moved into the soma", 3, "row 2", "point 3", "point 1")
    assert_same(prepare(**turned).morphology, prepare().morphology)


def test_branches_without_a_parent_are_attached_to_a_near_soma(prepare, repairs):
    (repair,) = repairs(row3="2 3 0 8 0 2 -1")
    assert repair == (
        "branch without a parent attached to the soma",
        *(1, "row 3", "no parent", "point 1"),
    )
    assert_same(prepare(row3="2 3 0 8 0 2 -1").morphology, prepare().morphology)


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"row5": "4 3 30 70 0 0.5 99"}, "row 5, column parent: point 4 is an orphan"),
        ({"row5": "3 3 30 70 0 0.5 3"}, "row 5, column id: point 3 occurs twice, first in row 4"),
        ({"row3": "2 3 0 8 0 2 4"}, "row 3: point 2 is not connected to a root"),
        ({"row5": "4 3 30 70 0 0.5"}, "row 5: '4 3 30 70 0 0.5' has 6 values"),
        ({"row5": "4 3 30 70 0 nan 3"}, "row 5, column radius: 'nan' is not a finite number"),
        ({"row5": "4 3 30 70 0 0.5 -1"}, "row 5: point 4 has no parent and is 76 µm away"),
        ({"row5": "4 1 30 70 0 0.5 -1"}, "row 5: point 4 starts a second soma, after point 1"),
        ({"row5": "4 1 30 70 0 0.5 3"}, "row 5: point 4 is in the soma but its parent is not"),
        ({"row2": "1 3 0 0 0 8 -1"}, "has no soma: no point of type 1"),
    ],
)
def test_what_is_not_one_cell_is_refused(prepare, replaced, message):
    with pytest.raises(InputError, match=r"raw\.swc") as caught:
        prepare(**replaced)
    assert message in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"# nothing\n", "contains no points")]
)
def test_files_without_points_are_refused(tmp_path, content, message):
    (tmp_path / "raw.swc").write_bytes(content)
    with pytest.raises(InputError, match=message):
        prepare_morphology(tmp_path / "raw.swc")
