"""Search for the thresholds of a cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.analysis.cf_threshold import (
    DEFAULT_CELL_THRESHOLD,
    TRACED_CF_SCALE,
    TRACED_THRESHOLD,
)
from cerebella.errors import InputError
from cerebella.experiments.cf_threshold import compute_cf_threshold, locate_steps

SHARES = np.array([0.5, 0.3, 0.19, 0.01])


def locate(thresholds, **changes):
    """Return the result for compartments of given thresholds, and the scales in order of use."""
    used = []

    def recruit(scale):
        used.append(scale)
        return scale >= np.array(thresholds)

    arguments = {"tolerance": 0.5, "shares": SHARES, **changes}
    return locate_steps(recruit, (10.0, 60.0), **arguments), used


def test_steps_are_located_to_the_tolerance():
    thresholds = [26.3, 29.1, 41.7, 11.0]
    found, used = locate(thresholds)
    assert found.scales.tolist() == sorted(set(used))
    assert len(used) == len(found.scales)  # none is simulated twice
    for compartment, threshold in enumerate(thresholds[:3]):
        step = np.flatnonzero(found.recruited[:, compartment])[0]
        low, high = found.scales[step - 1 : step + 1]
        assert low < threshold <= high
        assert high - low <= 0.5


def test_small_changes_are_not_located():
    found, _ = locate([99, 99, 99, 26.3])
    assert found.scales.tolist() == [10, 60]
    assert found.recruited[:, 3].tolist() == [False, True]


def test_equal_numbers_that_replace_each_other_are_a_step():
    """At the middle, the first compartment is recruited instead of the second and third."""

    def recruit(scale):
        return np.array([scale >= 30, scale < 30, scale < 30, False])

    found = locate_steps(recruit, (10.0, 60.0), tolerance=1.0, shares=SHARES)
    assert len(found.scales) == 2 + 6


def test_progress_ends_at_1_and_does_not_fall():
    fractions = []
    locate([26.3, 29.1, 41.7, 11.0], on_progress=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": []}, r"`trials` is \[\]"),
        ({"trials": [1, 1]}, r"`trials` is \[1, 1\]"),
        ({"scale_range": (30, 20)}, "`scale_range` is 30 to 20"),
        ({"scale_range": (0, 20)}, "`scale_range` is 0 to 20"),
        ({"scale_range": (float("nan"), 20)}, "`scale_range` is nan"),
        ({"tolerance": 0}, "`tolerance` is 0"),
        ({"tolerance": 51}, "up to 50"),
        ({"parameters": {"connections": {"cf_time_ms": None}}}, "cf_time_ms is null"),
    ],
)
def test_wrong_arguments_are_refused_before_a_simulation(arguments, message):
    with pytest.raises(InputError, match=message):
        compute_cf_threshold(progress=False, **arguments)


def test_a_cell_without_spiny_dendrite_is_refused(small_cell):
    regions = np.where(small_cell.regions == 3, 2, small_cell.regions)
    smooth = replace(small_cell, regions=regions)
    with pytest.raises(InputError, match="no spiny dendrite"):
        compute_cf_threshold(smooth, progress=False)


@pytest.mark.slow
def test_the_default_cell_has_a_lower_threshold_than_the_traced_one():
    found = compute_cf_threshold(progress=False)
    assert found.main_threshold == DEFAULT_CELL_THRESHOLD
    assert found.main_threshold < TRACED_THRESHOLD - 0.4


@pytest.mark.slow
@pytest.mark.published
def test_the_published_strength_is_just_above_the_threshold_of_the_traced_cell(traced_cell):
    """Its largest territories are recruited at 27 to 28, and the next ones at 31."""
    found = compute_cf_threshold(traced_cell, trials=[1, 2, 3], progress=False)
    assert found.main_threshold == pytest.approx(TRACED_THRESHOLD, abs=0.2)
    assert found.strength == pytest.approx(1, abs=0.01)
    at_29 = [one.share for one in found.territories if one.threshold <= TRACED_CF_SCALE]
    above = [one.share for one in found.territories if one.threshold > TRACED_CF_SCALE]
    assert sum(at_29) > 0.5
    assert sum(above) > 0.1
    again = compute_cf_threshold(traced_cell, trials=[2], progress=False)
    assert again.main_threshold == found.main_thresholds[1]
