"""Scale, diameters and steps of zero length."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError


def scaled(text, factor):
    rows = [line.split() for line in text.splitlines()[1:]]
    scaled_rows = [[*r[:2], *(repr(factor * float(x)) for x in r[2:6]), r[6]] for r in rows]
    return "".join(f"{' '.join(row)}\n" for row in scaled_rows)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (1000, "the dendrite spans 120,000 in units of the file, .* so they appear to be nm"),
        (10, "the dendrite spans 1,200 in units of the file, .* so they are not µm"),
        (0.1, "the dendrite spans 12 in units of the file, but 30 to 700 µm in a Purkinje cell"),
    ],
)
def test_a_cell_in_other_units_is_refused_unless_its_scale_is_given(
    prepare, repairs, raw_text, factor, message
):
    with pytest.raises(InputError, match=message) as caught:
        prepare(scaled(raw_text, factor))
    assert "`scale`" in caught.value.remedy
    prepared = prepare(scaled(raw_text, factor), {"scale": 1 / factor})
    np.testing.assert_allclose(prepared.morphology.points_um, prepare().morphology.points_um)
    assert str(prepared.repairs[0]) == (
        f"coordinates and diameters scaled: 1 unit → {1 / factor:g} µm"
    )


def test_diameters_in_other_units_are_refused(prepare, raw_text):
    text = raw_text.replace(" 0.5 ", " 500 ").replace(" 0.4 ", " 400 ")
    with pytest.raises(InputError, match=r"median diameter is 800 .* appear to be nm"):
        prepare(text)


def test_a_scale_of_one_states_that_the_units_are_micrometers(prepare, raw_text):
    cell = prepare(scaled(raw_text, 10), {"scale": 1}).morphology
    assert np.ptp(cell.points_um[:, 0]) == 1200


@pytest.mark.parametrize("scale", [0, -1, float("inf"), float("nan")])
def test_impossible_scales_are_refused(prepare, scale):
    with pytest.raises(InputError, match="`scale` is"):
        prepare(options={"scale": scale})


def test_small_diameters_are_raised_and_counted(prepare, repairs):
    thin = {"row5": "4 3 30 70 0 0.05 3", "row6": "5 3 60 90 2 0.09 4"}
    (repair,) = repairs(**thin)
    assert repair == ("diameter below 0.2 µm raised", 2, "rows 5 and 6", "0.1 to 0.18 µm", "0.2 µm")
    cell = prepare(**thin).morphology
    assert cell.points_of(3)[:, 3].tolist() == [0.2] * 3
    other = prepare(options={"min_diameter_um": 0.15}, **thin).morphology
    assert other.points_of(3)[:, 3].tolist() == [0.15, 0.15, 0.18]


@pytest.mark.parametrize("value", [0, -0.1, 1.5, float("nan")])
def test_an_impossible_smallest_diameter_is_refused(prepare, value):
    with pytest.raises(InputError, match="`min_diameter_um` is"):
        prepare(options={"min_diameter_um": value})


@pytest.mark.parametrize(
    ("radius", "what", "before"),
    [
        ("0", "diameter that is not positive", "0 µm"),
        ("-1", "diameter that is not positive", "-2 µm"),
        ("50", "diameter above 12 µm", "100 µm"),
    ],
)
def test_impossible_diameters_become_those_of_the_neighbor(repairs, prepare, radius, what, before):
    (repair,) = repairs(row6=f"5 3 60 90 2 {radius} 4")
    assert repair == (f"{what} replaced by that of its neighbor", 1, "row 6", before, "1 µm")
    assert prepare(row6=f"5 3 60 90 2 {radius} 4").morphology.points_of(3)[-1, 3] == 1
    first = prepare(row3=f"2 3 0 8 0 {radius} 1").morphology
    assert first.points_of(2)[:, 3].tolist() == [4, 4]


def test_a_branch_without_any_diameter_is_refused(prepare, raw_text):
    text = "".join(
        f"{' '.join([*line.split()[:5], '0', line.split()[6]])}\n"
        if line.split()[1] == "3"
        else f"{line}\n"
        for line in raw_text.splitlines()[1:]
    )
    with pytest.raises(InputError, match="row 2: point 2 has a diameter that is not positive, as"):
        prepare(text)


def test_points_at_the_place_of_their_parent_are_removed(prepare, repairs):
    # A repeated point within a branch, a twig and an inner section of zero length.
    rows = {
        "row5": "4 3 30 70 0 0.5 3\n41 3 30 70 0 0.7 4\n42 3 30 70 0.0004 0.7 41",
        "row6": "5 3 60 90 2 0.4 42\n51 3 60 90 2 0.3 5\n52 3 60 90 2 0.3 5",
    }
    (repair,) = repairs(**rows)
    assert repair == (
        *("step of zero length removed", 4, "rows 6, 7, 9 and 10", "below 0.001 µm", "–"),
    )
    cell, expected = prepare(**rows).morphology, prepare().morphology
    np.testing.assert_array_equal(cell.points_um, expected.points_um)


def test_an_inner_section_of_zero_length_joins_two_branch_points(prepare):
    cell = prepare(
        row5="4 3 0 40 0 0.5 3\n41 3 30 70 0 0.5 4\n42 3 -30 70 0 0.5 4",
        row6="5 3 60 90 2 0.4 41",
    ).morphology
    assert cell.parents.tolist() == [-1, 0, 0, 2, 2, 2]


def test_the_first_point_of_a_section_may_repeat_its_parents_place(prepare, repairs):
    rows = {"row5": "4 3 0 40 0 0.5 3", "row6": "5 3 60 90 2 0.4 4"}
    assert repairs(**rows) == []
    assert prepare(**rows).morphology.points_of(3).tolist() == [[0, 40, 0, 1], [60, 90, 2, 0.8]]
