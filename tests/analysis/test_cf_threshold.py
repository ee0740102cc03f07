from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.cf_threshold import (
    TRACED_CF_SCALE,
    TRACED_THRESHOLD,
    analyze_recruitment,
    cf_scale_of_strength,
)
from cerebella.analysis.dendritic_territories import Responses
from cerebella.errors import InputError

SCALES = np.array([10.0, 20, 30, 40])


def responses(thick, thin, twig):
    """Responses of the spiny cell, from the first scale that recruits each branch."""
    first = np.array([np.inf] * 7 + [thick, thin, thin, twig])
    return Responses(SCALES, SCALES[:, None] >= first)


def test_the_main_threshold_recruits_half_of_what_can_be_recruited(spiny_cell):
    """Areas in µm²: thick 31, thin 31, twig 11."""
    trials = {1: responses(20, 30, 40), 2: responses(40, 30, 20), 3: responses(30, 30, 20)}
    found = analyze_recruitment(spiny_cell, trials, cf_scale=29.0)
    assert found.main_thresholds.tolist() == [25, 25, 25]
    assert found.trials == (1, 2, 3)
    part = analyze_recruitment(spiny_cell, {1: responses(99, 40, 20)}, cf_scale=29.0)
    assert part.main_threshold == 35  # thin is more than half of thin and twig


def test_the_share_of_membrane_is_that_of_the_spiny_dendrite(spiny_cell):
    found = analyze_recruitment(spiny_cell, {1: responses(20, 30, 40)}, cf_scale=29.0)
    assert found.shares[0][[0, 3]] == pytest.approx([0, 1])
    steps = np.diff(found.shares[0])
    assert steps == pytest.approx([one.share for one in found.territories])


def test_the_table_has_a_row_for_each_territory(spiny_cell):
    trials = {1: responses(20, 30, 40), 2: responses(20, 30, 30)}
    table = analyze_recruitment(spiny_cell, trials, cf_scale=29.0).table()
    assert table["threshold"].tolist() == [15, 25, 30]
    assert table["lowest_threshold"].tolist() == [15, 25, 25]
    assert table["highest_threshold"].tolist() == [15, 25, 35]
    assert table["probability"].tolist() == [1, 1, 0.5]
    assert table["root_section"].tolist() == ["dendA1_0", "dendA1_00", "dendA1_01"]


def test_a_strength_of_1_is_the_published_one_in_the_traced_cell():
    assert cf_scale_of_strength(1.0, TRACED_THRESHOLD) == pytest.approx(TRACED_CF_SCALE)
    assert cf_scale_of_strength(0.5, 2 * TRACED_THRESHOLD) == pytest.approx(TRACED_CF_SCALE)


def test_the_strength_of_the_parameters_inverts_this(spiny_cell):
    found = analyze_recruitment(spiny_cell, {1: responses(20, 30, 40)}, cf_scale=31.0)
    assert cf_scale_of_strength(found.strength, found.main_threshold) == pytest.approx(31)


def test_thresholds_outside_of_the_range_are_refused(spiny_cell):
    trials = {1: responses(20, 30, 40), 4: responses(10, 30, 40)}
    with pytest.raises(InputError, match=r"scale 10 recruits 42% .* in trial 4.*Start at 5"):
        analyze_recruitment(spiny_cell, trials, cf_scale=29.0)
    with pytest.raises(InputError, match=r"scale 40, .* recruits 0% of the .*End at 80"):
        analyze_recruitment(spiny_cell, {1: responses(50, 50, 50)}, cf_scale=29.0)
    with pytest.raises(InputError, match="recruits 42% of the"):
        analyze_recruitment(spiny_cell, {1: responses(30, 50, 50)}, cf_scale=29.0)
