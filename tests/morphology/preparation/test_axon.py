"""The axon initial segment."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import length_of

AXON = "1 1 0 0 0 8 -1\n31 2 0 -8 0 0.6 1\n32 2 0 -20 0 0.4 31\n33 2 0 -120 0 0.3 32"
BRANCH = "\n34 2 50 -20 0 0.3 32"


def axon_of(cell):
    return cell.points_of(1)


def what_of(prepared):
    return [str(repair) for repair in prepared.repairs if "axon" in repair.what]


def test_the_initial_segment_of_the_default_cell_is_added_opposite_the_dendrite(
    prepare, default_cell
):
    cell = prepare(row3="2 3 6 8 0 2 1").morphology
    compartments = [compute_compartments(one) for one in (cell, default_cell)]
    for name in ("length_um", "area_um2"):
        new, default = (getattr(c, name)[c.of("ais")].sum() for c in compartments)
        assert new == pytest.approx(default)
    assert length_of(axon_of(cell)) == pytest.approx(18.7)
    assert axon_of(cell)[:, 3].tolist() == default_cell.points_of(1)[:, 3].tolist()
    np.testing.assert_allclose(axon_of(cell)[0, :3], cell.points_of(0)[0, :3])
    direction = axon_of(cell)[-1, :3] - axon_of(cell)[0, :3]
    np.testing.assert_allclose(direction / 18.7, [-0.6, -0.8, 0])
    assert (cell.parents[1], cell.parent_ends[1]) == (0, 0)


def test_the_largest_dendrite_is_the_main_one(prepare, raw_text):
    small = "9 3 -8 0 0 1 1\n10 3 -28 0 0 1 9\n"
    cell = prepare(raw_text + small).morphology
    assert axon_of(cell)[-1, 1] < axon_of(cell)[0, 1]


def test_a_traced_axon_is_replaced(prepare):
    prepared = prepare(row2=AXON)
    assert what_of(prepared) == [
        "axon replaced by the initial segment of the default cell (rows 3, 4 and 5): "
        "112.0 µm of axon → 18.7 µm, 56 µm²"
    ]
    np.testing.assert_array_equal(prepared.morphology.points_um, prepare().morphology.points_um)


@pytest.mark.parametrize("branch", ["", BRANCH])
def test_a_traced_axon_can_be_kept_as_far_as_the_initial_segment(prepare, branch):
    prepared = prepare(row2=AXON + branch, options={"keep_axon": True})
    np.testing.assert_allclose(axon_of(prepared.morphology)[:, 1], [-8, -20, -26.7])
    np.testing.assert_allclose(axon_of(prepared.morphology)[:, 3], [1.2, 0.8, 0.8 - 0.2 * 0.067])
    length = 162 if branch else 112
    assert what_of(prepared) == [
        f"axon cut behind the initial segment: {length:.1f} µm of axon → its first 18.7 µm"
    ]


def test_an_axon_as_long_as_the_initial_segment_is_one(prepare):
    segment = "1 1 0 0 0 8 -1\n31 2 0 -8 0 0.6 1\n32 2 0 -26.5 0 0.4 31"
    prepared = prepare(row2=segment)
    assert what_of(prepared) == []
    assert axon_of(prepared.morphology).tolist() == [[0, -8, 0, 1.2], [0, -26.5, 0, 0.8]]


def test_the_stump_of_an_axon_is_replaced(prepare):
    stump = "1 1 0 0 0 8 -1\n31 2 0 -8 0 0.6 1\n32 2 0 -12 0 0.4 31"
    assert "4.0 µm of axon → 18.7 µm" in what_of(prepare(row2=stump))[0]


def test_an_axon_may_leave_a_dendrite(prepare):
    at_dendrite = AXON.replace("0.6 1\n", "0.6 3\n")
    replaced = prepare(row2=at_dendrite).morphology
    np.testing.assert_array_equal(replaced.points_um, prepare().morphology.points_um)
    kept = prepare(row2=at_dendrite, options={"keep_axon": True}).morphology
    (axon,) = kept.sections_of("ais")
    assert kept.regions[kept.parents[axon]] == 2


def test_a_dendrite_at_the_axon_is_refused(prepare):
    with pytest.raises(InputError, match="row 6: point 34 is not axon but its parent is"):
        prepare(row2=AXON + "\n34 3 0 -140 0 0.5 33")
