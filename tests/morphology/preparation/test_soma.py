"""Forms of the soma, and the soma of the default cell."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import length_of

SPHERE_AREA_UM2 = 4 * np.pi * 8**2


def soma_of(cell):
    """Length and area of the soma."""
    compartments = compute_compartments(cell)
    return length_of(cell.points_of(0)), compartments.area_um2[compartments.of("soma")].sum()


def dendrites_of(cell):
    return [cell.points_of(s).tolist() for s in range(2, cell.n_sections)]


def test_one_point_becomes_a_cylinder_with_the_area_of_the_sphere(prepare):
    prepared = prepare()
    assert soma_of(prepared.morphology) == pytest.approx((16, SPHERE_AREA_UM2))
    assert prepared.morphology.points_of(0).tolist() == [[0, -8, 0, 16], [0, 8, 0, 16]]
    assert str(prepared.repairs[0]) == (
        "soma described as a stack of disks (row 2): one point → 16.0 µm long, 804 µm²"
    )


def test_three_points_of_a_sphere_become_the_same_cylinder(prepare):
    sphere = "1 1 0 0 0 8 -1\n21 1 8 0 0 8 1\n22 1 -8 0 0 8 1"
    prepared = prepare(row2=sphere)
    np.testing.assert_allclose(
        prepared.morphology.points_um, prepare().morphology.points_um, atol=1e-12
    )
    assert prepared.repairs[0].before == "three points"


def test_the_middle_of_three_points_may_come_first(prepare):
    prepared = prepare(row2="1 1 0 0 0 8 -1\n21 1 0 9 0 3 1\n22 1 0 -12 0 2 1")
    assert prepared.morphology.points_of(0).tolist() == [
        *([0, -12, 0, 4], [0, 0, 0, 16], [0, 9, 0, 6]),
    ]
    assert prepared.repairs[0].what == "axon initial segment of the default cell added"


@pytest.mark.parametrize("direction", [1, -1])
def test_a_stack_of_disks_stays_and_its_last_end_faces_the_dendrite(prepare, direction):
    heights, radii = [-12, -6, 0, 7], [2, 7, 8, 3]
    order = range(4)[::direction]
    points = [
        f"{21 + k} 1 0 {heights[i]} 0 {radii[i]} {20 + k if k else -1}" for k, i in enumerate(order)
    ]
    cell = prepare(row2="\n".join(points), row3="2 3 0 8 0 2 21").morphology
    assert cell.points_of(0)[:, 1].tolist() == heights
    assert cell.points_of(0)[:, 3].tolist() == [4, 14, 16, 6]
    assert cell.points_of(1)[0].tolist()[:3] == [0, -12, 0]
    assert cell.parent_ends[:3].tolist() == [0, 0, 1]


@pytest.mark.parametrize("n", [12, 60])
def test_an_outline_becomes_a_stack_along_its_longest_axis(prepare, n):
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outline = [
        f"{100 + k} 1 {7 * np.cos(a):.6f} {12 * np.sin(a):.6f} 0 0.1 {99 + k if k else -1}"
        for k, a in enumerate(angles)
    ]
    prepared = prepare(row2="\n".join(outline), row3="2 3 0 12 0 2 100")
    assert prepared.repairs[0].before == f"contour of {n} points"
    length, area = soma_of(prepared.morphology)
    # A spheroid with half axes of 7, 7 and 12 µm.
    eccentricity = np.sqrt(1 - (7 / 12) ** 2)
    spheroid = 2 * np.pi * 7**2 * (1 + 12 / 7 / eccentricity * np.arcsin(eccentricity))
    assert length == pytest.approx(24, rel=0.06)
    assert area == pytest.approx(spheroid, rel=0.06)
    stack = prepared.morphology.points_of(0)
    np.testing.assert_allclose(stack[:, [0, 2]], 0, atol=0.2)
    assert stack[0, 1] < 0 < stack[-1, 1]


def test_branched_points_become_a_cylinder_of_their_area(prepare):
    star = "\n".join(["1 1 0 0 0 3 -1", *(f"{21 + k} 1 {x} {y} 0 3 1" for k, (x, y) in ARMS)])
    prepared = prepare(row2=star)
    assert prepared.repairs[0].before == "branched points"
    assert soma_of(prepared.morphology)[1] == pytest.approx(4 * np.pi * 6 * 5)


ARMS = list(enumerate([(5, 0), (-5, 0), (0, 5), (0, -5)]))


def test_a_cell_without_a_soma_needs_that_of_the_default_cell(prepare, default_cell):
    rootless = {"row2": "# no soma", "row3": "2 3 0 8 0 2 -1"}
    with pytest.raises(InputError, match=r'has no soma.*Give `soma` "default"'):
        prepare(**rootless)
    prepared = prepare(options={"soma": "default"}, **rootless)
    cell = prepared.morphology
    assert soma_of(cell) == pytest.approx(soma_of(default_cell))
    np.testing.assert_allclose(cell.points_of(0)[-1, :3], [0, 8, 0], atol=3)
    assert cell.points_of(0)[0, 1] < -18
    assert dendrites_of(cell) == dendrites_of(prepare().morphology)
    assert str(prepared.repairs[0]) == ("soma of the default cell used: – → 29.3 µm long, 1643 µm²")


def test_a_traced_soma_can_be_replaced_by_that_of_the_default_cell(prepare, default_cell):
    prepared = prepare(options={"soma": "default"})
    assert soma_of(prepared.morphology) == pytest.approx(soma_of(default_cell))
    assert str(prepared.repairs[0]) == (
        "soma of the default cell used (row 2): 1 point → 29.3 µm long, 1643 µm²"
    )
    with pytest.raises(InputError, match="unknown soma 'sphere'"):
        prepare(options={"soma": "sphere"})


@pytest.mark.parametrize(
    ("soma", "row"),
    [
        ("1 1 0 0 0 0 -1", 2),
        ("1 1 0 0 0 -1 -1", 2),
        ("1 1 0 -8 0 4 -1\n21 1 0 0 0 0 1\n22 1 0 7 0 5 21", 3),
        ("1 1 0 0 0 8 -1\n21 1 8 0 0 8 1\n22 1 -8 0 0 0 1", 4),
        ("1 1 0 0 0 0 -1\n21 1 5 0 0 0 1\n22 1 -5 0 0 0 1\n23 1 0 5 0 0 1", 2),
        ("1 1 0 -9 0 0 -1\n21 1 0 9 0 0 1\n22 1 0 8 0 0 21\n23 1 0 -8 0 0 22", 2),
    ],
    ids=["point", "negative", "stack", "three", "branched", "flat_contour"],
)
def test_a_soma_without_a_diameter_is_refused_or_replaced(prepare, soma, row):
    with pytest.raises(
        InputError, match=rf"row {row}: point \d+ is in the soma and its diameter is"
    ):
        prepare(row2=soma)
    cell = prepare(row2=soma, options={"soma": "default"}).morphology
    assert soma_of(cell)[1] == pytest.approx(1643, abs=1)


def test_a_cell_without_a_dendrite_is_refused(prepare, raw_text):
    with pytest.raises(InputError, match="has no dendrite"):
        prepare("\n".join(raw_text.splitlines()[:2]))
