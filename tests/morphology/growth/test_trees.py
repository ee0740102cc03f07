"""The parts of which a generated dendrite is made."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.morphology.branches import cut_smooth_tree, cut_spiny_tree
from cerebella.morphology.growth.carriers import generate_carriers
from cerebella.morphology.growth.diameters import smooth_diameters, spiny_diameters
from cerebella.morphology.growth.smooth_tree import SmoothTree, grow_smooth_tree
from cerebella.morphology.growth.spiny_tree import SpinyTree, grow_spiny_tree, prune, straighten
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

SPACING_UM = 6.0


@pytest.fixture(scope="module")
def p():
    return PurkinjeMorphologyParameters()


def rng(n=0):
    return np.random.default_rng(n)


@pytest.fixture(scope="module")
def carriers(p):
    return generate_carriers(SPACING_UM, rng(1), rng(2), rng(3), p)


@pytest.fixture(scope="module")
def smooth(carriers, p):
    return grow_smooth_tree(carriers, np.array([0.0, 14.65, 0.0]), rng(4), p)


@pytest.fixture(scope="module")
def spiny(carriers, smooth, p):
    return grow_spiny_tree(carriers, SPACING_UM, smooth, rng(5), p)


def test_carriers_fill_the_outline_evenly_and_leave_the_soma_free(carriers, p):
    assert np.hypot(*carriers[:, :2].T).min() > p.soma_clearance_um
    apart = np.linalg.norm(carriers[:, None, :2] - carriers[None, :, :2], axis=2)
    nearest = np.sort(apart, axis=1)[:, 1]
    assert np.median(nearest) == pytest.approx(0.63 * SPACING_UM, rel=0.1)  # by jitter
    assert np.std(carriers[:, 2]) < 4


def test_closer_carriers_have_the_same_outline(carriers, p):
    closer = generate_carriers(SPACING_UM / 2, rng(1), rng(2), rng(3), p)
    assert len(closer) == pytest.approx(4 * len(carriers), rel=0.03)
    np.testing.assert_allclose(np.ptp(closer, axis=0)[:2], np.ptp(carriers, axis=0)[:2], rtol=0.08)


def test_the_smooth_tree_has_its_length_and_thirty_sections(smooth, p):
    assert smooth.length_um == pytest.approx(p.smooth_length_um, rel=1e-3)
    branches = cut_smooth_tree(smooth)
    assert len(branches) == p.n_smooth_sections
    assert branches.lengths_um[0] == pytest.approx(p.trunk_length_um, rel=0.02)
    assert branches.lengths_um.sum() == pytest.approx(p.smooth_length_um, rel=1e-3)


def test_each_smooth_point_leads_to_two(smooth):
    """Ends carry two subtrees, points between one, and forks none."""
    children = np.bincount(smooth.parents[1:], minlength=len(smooth.parents))
    subtrees = np.bincount(smooth.attachments, minlength=len(smooth.parents))
    assert len(smooth.attachments) == 31
    assert np.all((children + subtrees)[children == 0] == 2)
    assert np.all((children + subtrees)[subtrees > 0] == 2)
    assert np.all(children <= 2)


def test_every_carrier_off_the_smooth_tree_is_reached_once(spiny, carriers, smooth):
    assert spiny.n_roots == 31
    np.testing.assert_array_equal(spiny.places_um[:31], smooth.places_um[smooth.attachments])
    reached = {tuple(place) for place in spiny.places_um[31:].tolist()}
    assert len(reached) == len(spiny.parents) - 31
    assert reached <= {tuple(place) for place in carriers.tolist()}
    assert len(reached) > 0.9 * len(carriers)


def test_subtrees_start_with_one_branch_and_are_binary(spiny):
    assert np.all(spiny.n_children[:31] == 1)
    assert spiny.n_children.max() == 2
    assert np.all(spiny.parents[31:] < np.arange(31, len(spiny.parents)))


def test_paths_add_up(spiny, smooth):
    np.testing.assert_array_equal(spiny.path_um[:31], smooth.path_um[smooth.attachments])
    point = len(spiny.parents) - 1
    length = 0.0
    while spiny.parents[point] >= 0:
        length += np.linalg.norm(spiny.places_um[point] - spiny.places_um[spiny.parents[point]])
        point = spiny.parents[point]
    assert spiny.path_um[-1] == pytest.approx(length + spiny.path_um[point])


def test_straightening_moves_neither_roots_nor_tips_and_shortens(spiny, smooth):
    straight = straighten(spiny, smooth)
    tips = spiny.n_children == 0
    np.testing.assert_array_equal(straight.places_um[tips], spiny.places_um[tips])
    np.testing.assert_array_equal(straight.places_um[:31], spiny.places_um[:31])
    assert straight.steps_um.sum() < spiny.steps_um.sum()


@pytest.fixture
def y_tree():
    """A root, a stem of 10, and twigs of 1, 2 and (from half the stem) 5 µm."""
    smooth = SmoothTree(np.zeros((1, 3)), np.array([-1]), np.zeros(1), np.array([0]))
    x = [[0, 0], [5, 0], [10, 0], [10, 1], [12, 0], [5, 5]]
    places = np.column_stack([np.array(x, dtype=float), np.zeros(6)])
    parents = np.array([-1, 0, 1, 2, 2, 1])
    return SpinyTree(places, parents, np.array([0.0, 5, 10, 11, 12, 10]), 1), smooth


@pytest.mark.parametrize(
    ("n_tips", "left"),
    # Without the twig of 1 the twig of 2 is one of 7, so that of 5 goes next.
    [(3, 6), (2, 5), (1, 4), (0, 4)],
)
def test_the_shortest_twig_goes_first_and_no_subtree_whole(y_tree, n_tips, left):
    tree, smooth = y_tree
    pruned = prune(tree, smooth, n_tips, tree.steps_um)
    assert len(pruned.parents) == left
    assert pruned.path_um[-1 if n_tips == 2 else left - 1] in (10, 12)
    assert 12 in pruned.path_um


def test_a_twig_that_is_worth_more_stays(y_tree):
    tree, smooth = y_tree
    worth = np.where(tree.places_um[:, 1] == 1, 100, 1) * tree.steps_um
    assert 11 in prune(tree, smooth, 2, worth).path_um


def test_spiny_runs_end_where_the_tree_branches(y_tree):
    branches = cut_spiny_tree(y_tree[0])
    assert branches.parents.tolist() == [-1, 0, 1, 1, 0]
    assert branches.lengths_um.tolist() == [5, 5, 1, 2, 5]
    assert branches.n_tips.tolist() == [3, 2, 1, 1, 1]
    assert branches.path_um.tolist() == [2.5, 7.5, 10.5, 11, 7.5]


def test_diameters_have_their_area_and_rank(spiny, smooth, p):
    branches = cut_spiny_tree(prune(spiny, smooth, 300, spiny.steps_um))
    p = p.model_copy(update={"spiny_area_um2": 1.1 * np.pi * branches.lengths_um.sum()})
    diameters = spiny_diameters(branches, rng(6), p)
    assert np.pi * np.sum(diameters * branches.lengths_um) == pytest.approx(p.spiny_area_um2)
    assert diameters.min() >= 0.3
    assert diameters.max() <= 3.0
    tips = branches.n_tips
    assert diameters[tips >= 10].mean() > 1.3 * diameters[tips == 1].mean()


def test_the_proximal_factor_thickens_branches_near_the_fork(smooth, p):
    branches = cut_smooth_tree(smooth)
    thin, thick = (smooth_diameters(branches, factor, rng(7), p) for factor in (0.8, 1.5))
    for diameters in (thin, thick):
        area = np.pi * np.sum(diameters * branches.lengths_um)
        assert area == pytest.approx(p.smooth_area_um2, rel=1e-6)
        assert diameters[0] == p.trunk_diameter_um
    near = np.argsort(branches.path_um)
    assert np.all(thick[near[1:3]] > thin[near[1:3]])
    assert np.all(thick[near[-3:]] < thin[near[-3:]])
