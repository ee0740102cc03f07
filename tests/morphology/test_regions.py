"""Smooth and spiny dendrite by size, path and diameter."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.morphology.morphology import length_of
from cerebella.morphology.regions import assign_regions
from cerebella.morphology.swc import load_morphology

SOMA, SMOOTH, SPINY = 0, 2, 3


def tree(*sections):
    """Regions, parents and points of straight sections: parent, length and diameter of each.

    The first section is the soma, of 20 µm.
    """
    regions, parents, points = [SOMA], [-1], [np.array([[0, 0, 0, 20.0], [0, 20, 0, 20]])]
    for parent, length, diameter in sections:
        start = points[parent][-1, :3]
        end = start + np.array([0, length, 0])
        regions.append(SPINY)
        parents.append(parent)
        points.append(np.column_stack([np.stack([start, end]), [diameter, diameter]]))
    return np.array(regions), np.array(parents), points


def regions_of(*sections):
    return assign_regions(*tree(*sections)).tolist()[1:]


def test_the_dendrite_of_a_tracing_without_regions_is_divided(small_cell, small_swc):
    text = small_swc.read_text().replace(" 5 ", " 3 ")
    small_swc.write_text(text)
    found = load_morphology(small_swc)
    np.testing.assert_array_equal(found.regions, small_cell.regions)
    assert found.section_names == small_cell.section_names


def test_smooth_sections_start_within_60_percent_of_the_longest_path():
    # They start at 0, 100, 200 and 300 of 400 µm.
    line = ((0, 100, 3), (1, 100, 3), (2, 100, 3), (3, 100, 3))
    assert regions_of(*line) == [SMOOTH, SMOOTH, SMOOTH, SPINY]


def test_a_thick_branch_that_carries_less_than_5_percent_is_spiny():
    trunk, thin = (0, 50, 3), (1, 100, 1)
    assert regions_of(trunk, thin, thin, (1, 10, 3)) == [SMOOTH, SPINY, SPINY, SPINY]
    assert regions_of(trunk, thin, thin, (1, 14, 3)) == [SMOOTH, SPINY, SPINY, SMOOTH]


def test_a_thick_branch_behind_a_thin_stretch_makes_the_stretch_smooth():
    sections = ((0, 40, 3), (1, 20, 0.8), (2, 20, 3), (3, 200, 1), (3, 200, 1))
    assert regions_of(*sections) == [SMOOTH, SMOOTH, SMOOTH, SPINY, SPINY]


@pytest.mark.parametrize("factor", [0.3, 1, 3])
def test_diameters_are_relative_to_those_of_the_cell(factor):
    sections = [(0, 40, 3), (1, 20, 2.5), (2, 200, 1), (2, 200, 1), (1, 200, 1)]
    scaled = [(parent, length, factor * diameter) for parent, length, diameter in sections]
    assert regions_of(*scaled) == [SMOOTH, SMOOTH, SPINY, SPINY, SPINY]


def test_equal_diameters_do_not_exclude_any_section():
    sections = ((0, 40, 1), (1, 20, 1), (2, 200, 1), (2, 200, 1))
    assert regions_of(*sections) == [SMOOTH] * 4


def test_a_second_thin_dendrite_at_the_soma_is_spiny():
    assert regions_of((0, 40, 3), (1, 200, 1), (1, 200, 1), (0, 30, 1)) == [
        *(SMOOTH, SPINY, SPINY, SPINY)
    ]


def test_regions_that_are_told_apart_already_stay(small_cell):
    points = [small_cell.points_of(s)[:, :] for s in range(small_cell.n_sections)]
    kept = assign_regions(small_cell.regions, small_cell.parents, points)
    assert kept is small_cell.regions


@pytest.mark.published
def test_the_smooth_tree_of_the_traced_cell_is_found(traced_cell):
    points = [traced_cell.points_of(s) for s in range(traced_cell.n_sections)]
    lengths = np.array([length_of(own) for own in points])
    blind = np.where(traced_cell.regions == SMOOTH, SPINY, traced_cell.regions)
    found = assign_regions(blind, traced_cell.parents, points)
    smooth = traced_cell.regions == SMOOTH
    assert lengths[smooth & (found == SMOOTH)].sum() == pytest.approx(359.4, abs=0.1)
    assert lengths[~smooth & (found == SMOOTH)].sum() == pytest.approx(29.8, abs=0.1)
