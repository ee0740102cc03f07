"""The solution of the cable equation against a sparse matrix, and the order of its nodes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from numba import njit

from cerebella.compiled.lane_access import numbers_of
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.purkinje.own_engine.cable_solver import nodes_of, solve
from cerebella.purkinje.own_engine.tree import LANES, build_tree


@njit
def solved(tree, lane, constant, g, i, v, scratch):
    solve(
        nodes_of(tree),
        tree.first.size - 1,
        numbers_of(lane),
        numbers_of(constant),
        numbers_of(g),
        numbers_of(i),
        numbers_of(v),
        numbers_of(scratch[0]),
        numbers_of(scratch[1]),
        numbers_of(scratch[2]),
        numbers_of(scratch[3]),
        numbers_of(scratch[4]),
    )


@pytest.fixture(scope="module")
def cell():
    morphology = load_default_morphology()
    return morphology, compute_compartments(morphology)


@pytest.fixture(scope="module")
def tree(cell):
    return build_tree(*cell, axial_resistivity_ohm_cm=120.0)


def has_parent(tree):
    return tree.parent != np.arange(len(tree.parent))


def test_the_change_solves_the_cable_equation(tree):
    draw = np.random.default_rng(1)
    n_slots, n = len(tree.parent), len(tree.slot)
    lane = np.full(n_slots, n)
    lane[tree.slot] = np.arange(n)
    g, i = np.append(draw.uniform(1e-4, 1e-3, n), 0), np.append(draw.normal(0, 1e-3, n), 0)
    v = draw.normal(-60, 5, n_slots)
    constant = tree.axial_uS + np.bincount(tree.parent, tree.axial_uS, n_slots)
    constant[tree.slot] += 1e-3
    constant[constant == 0] = 1
    child = np.flatnonzero(has_parent(tree))
    parent, axial = tree.parent[child], tree.axial_uS[child]
    flow = axial * (v[parent] - v[child])
    current = np.bincount(child, flow, n_slots) - np.bincount(parent, flow, n_slots) - i[lane]
    entries = np.concatenate([constant + g[lane], -axial, -axial])
    rows = np.concatenate([np.arange(n_slots), child, parent])
    columns = np.concatenate([np.arange(n_slots), parent, child])
    matrix = scipy.sparse.csc_matrix((entries, (rows, columns)))
    expected = scipy.sparse.linalg.spsolve(matrix, current)
    after = v.copy()
    scratch = np.zeros((5, n_slots))
    solved(tree, lane, constant, g, i, after, scratch)
    np.testing.assert_allclose(after - v, expected, rtol=0, atol=1e-10)
    assert (scratch[:2] == 0).all()


def test_every_compartment_and_branch_point_has_a_slot(tree, cell):
    morphology, compartments = cell
    assert len(np.unique(tree.slot)) == len(compartments)
    n_ends = len({*zip(morphology.parents[1:], morphology.parent_ends[1:], strict=True)})
    assert np.count_nonzero(has_parent(tree)) == len(compartments) + n_ends - 1


def test_parents_are_in_later_levels_and_followers_have_their_place(tree):
    level = np.searchsorted(tree.first, np.arange(len(tree.parent)), side="right") - 1
    child = np.flatnonzero(has_parent(tree))
    assert (level[tree.parent[child]] > level[child]).all()
    assert (np.diff(tree.first) % LANES == 0).all()
    followed = np.flatnonzero(tree.followed_uS)
    place = np.arange(len(tree.parent)) - tree.first[level]
    assert (tree.parent[followed] == tree.first[level[followed] + 1] + place[followed]).all()
    assert {*tree.other} == {*child} - {*followed}


def test_axial_conductances_are_those_of_the_compartments(tree, cell):
    _, compartments = cell
    chain = np.flatnonzero(np.diff(compartments.section) == 0)[5]  # two in one section
    length = compartments.axial_per_um[chain, 1] + compartments.axial_per_um[chain + 1, 0]
    expected = 1 / (1e-2 * 120 * length)
    assert tree.axial_uS[tree.slot[chain + 1]] == pytest.approx(expected, rel=1e-12)
