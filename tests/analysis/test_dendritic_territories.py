"""Territories of a cell with a thick branch (compartment 7), a thin one (8, 9) and a twig (10)."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis import dendritic_territories
from cerebella.analysis.dendritic_territories import (
    Responses,
    compute_thresholds,
    find_territories,
)

NEVER, ALWAYS = np.inf, -np.inf


def thresholds_of(*trials):
    """Thresholds of all compartments from those of thick, both thin ones, and twig."""
    return np.array([[NEVER] * 7 + [thick, thin, thin, twig] for thick, thin, twig in trials])


def members(territories):
    return [one.compartments.tolist() for one in territories]


@pytest.mark.parametrize(
    ("recruited", "threshold"),
    [
        ((0, 0, 1, 1), 25),
        ((0, 1, 1, 1), 15),
        ((0, 0, 0, 1), 35),
        ((0, 0, 0, 0), NEVER),
        ((1, 1, 1, 1), ALWAYS),
        ((0, 1, 0, 1), 35),  # above the strongest CF that does not recruit it
        ((1, 0, 1, 1), 25),
    ],
)
def test_the_threshold_is_above_the_strongest_cf_that_does_not_recruit(recruited, threshold):
    one = Responses(np.array([10.0, 20, 30, 40]), np.array(recruited, dtype=bool)[:, None])
    assert compute_thresholds([one]).tolist() == [[threshold]]


def test_trials_may_differ_in_their_scales():
    first = Responses(np.array([10.0, 20]), np.array([[False, False], [True, False]]))
    second = Responses(np.array([10.0, 14, 20]), np.array([[False, True]] * 2 + [[True, True]]))
    assert compute_thresholds([first, second]).tolist() == [[15, NEVER], [17, ALWAYS]]


def test_what_is_recruited_together_in_every_trial_is_one_territory(spiny_cell):
    found = find_territories(spiny_cell, thresholds_of((25, 25, 25), (24, 24, 24)))
    assert members(found) == [[7, 8, 9, 10]]
    assert found[0].root_section == "dendA1_0"
    assert (found[0].n_parts, found[0].share) == (1, 1.0)
    assert found[0].path_distance_um == pytest.approx(32.5)  # 10 soma, 20 smooth, half of 5


def test_one_trial_separates_territories(spiny_cell):
    found = find_territories(spiny_cell, thresholds_of((25, 25, 25), (24, 24, 26), (25, 25, 25)))
    assert members(found) == [[7, 8, 9], [10]]
    assert [one.threshold for one in found] == [25, 25]
    assert found[1].thresholds.tolist() == [25, 26, 25]
    assert sum(one.share for one in found) == pytest.approx(1)


def test_parts_are_connected_through_dendrite_that_is_not_recruited_earlier(spiny_cell):
    later = find_territories(spiny_cell, thresholds_of((30, 20, 20)))
    assert members(later) == [[8, 9, 10], [7]]
    assert [one.n_parts for one in later] == [2, 1]
    earlier = find_territories(spiny_cell, thresholds_of((10, 20, 20)))
    assert members(earlier) == [[7], [8, 9], [10]]
    never = find_territories(spiny_cell, thresholds_of((NEVER, 20, 20)))
    assert members(never) == [[8, 9, 10]]


@pytest.mark.parametrize("threshold", [NEVER, ALWAYS])
def test_what_has_no_threshold_in_a_trial_is_in_no_territory(spiny_cell, threshold):
    found = find_territories(spiny_cell, thresholds_of((25, 25, 25), (25, threshold, 25)))
    assert members(found) == [[7, 10]]
    assert find_territories(spiny_cell, thresholds_of((NEVER, NEVER, NEVER))) == []


def test_other_regions_are_in_no_territory(spiny_cell):
    assert members(find_territories(spiny_cell, np.full((2, 11), 20.0))) == [[7, 8, 9, 10]]


def test_small_parts_are_not_listed(spiny_cell, monkeypatch):
    thresholds = thresholds_of((25, 25, 30))
    share = find_territories(spiny_cell, thresholds)[1].share
    monkeypatch.setattr(dendritic_territories, "MIN_SHARE", 1.01 * share)
    assert members(find_territories(spiny_cell, thresholds)) == [[7, 8, 9]]


def test_the_threshold_recruits_in_half_of_the_trials(spiny_cell):
    (one,) = find_territories(spiny_cell, thresholds_of(*[(t, t, t) for t in (25, 28, 24, 27)]))
    assert one.threshold == 26
    assert [one.probability(scale) for scale in (20, 24, 26, 29)] == [0, 0.25, 0.5, 1]
