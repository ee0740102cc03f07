"""Smooth and spiny dendrite by diameter and distance."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.morphology.regions import assign_regions
from cerebella.morphology.swc import load_morphology


def test_thick_dendrite_near_the_soma_is_smooth(small_cell, small_swc):
    text = small_swc.read_text().replace(" 5 ", " 3 ")
    small_swc.write_text(text)
    found = load_morphology(small_swc)
    np.testing.assert_array_equal(found.regions, small_cell.regions)
    assert found.section_names == small_cell.section_names


def test_thick_dendrite_far_away_is_spiny():
    line = np.array([[0.0, 0, 0, 3], [0, 100, 0, 3]])
    regions, parents = np.array([0, 3, 3, 3, 3]), np.array([-1, 0, 1, 2, 3])
    # Sections start at 0, 100, 200 and 300 µm.
    assert assign_regions(regions, parents, [line] * 5).tolist() == [0, 2, 2, 3, 3]


def test_regions_that_are_told_apart_already_stay(small_cell):
    points = [small_cell.points_of(s)[:, :] for s in range(small_cell.n_sections)]
    kept = assign_regions(small_cell.regions, small_cell.parents, points)
    assert kept is small_cell.regions


@pytest.mark.published
def test_the_smooth_tree_of_the_traced_cell_is_found(traced_cell):
    points = [traced_cell.points_of(s) for s in range(traced_cell.n_sections)]
    lengths = np.array([np.linalg.norm(np.diff(p[:, :3], axis=0), axis=1).sum() for p in points])
    blind = np.where(traced_cell.regions == 2, 3, traced_cell.regions)
    found = assign_regions(blind, traced_cell.parents, points)
    smooth = traced_cell.regions == 2
    assert lengths[smooth & (found == 2)].sum() == pytest.approx(358.2, abs=0.1)
    assert lengths[~smooth & (found == 2)].sum() == pytest.approx(81.6, abs=0.1)
