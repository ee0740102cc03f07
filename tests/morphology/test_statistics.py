"""Statistics of a morphology, by hand and beside the traced cell."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from cerebella.morphology.statistics import describe_morphology, length_quantile
from cerebella.parameters.traced_morphology import TRACED


def test_counts_and_sizes_of_a_small_cell(small_cell):
    values = describe_morphology(small_cell).values
    assert list(values) == list(TRACED)
    assert values["smooth_sections"] == 2
    assert values["spiny_sections"] == 3
    assert values["smooth_length_um"] == pytest.approx(45)
    assert values["spiny_length_um"] == pytest.approx(15 + np.hypot(15, 2) + 10 + np.sqrt(161))
    assert (values["branch_points"], values["tips"]) == (2, 3)
    assert values["branch_order_max"] == 3
    # Its only smooth fork stands 0.45 of 20 µm of soma and 20 µm of dendrite from the origin.
    assert values["smooth_path_max_um"] == pytest.approx(9 + 20 + 25 * 11 / 12)
    assert values["spiny_length_50_100_um"] == pytest.approx(15 + np.hypot(15, 2))
    assert values["height_um"] == 50


def test_spines_add_to_capacitance_and_leak(small_cell):
    values = describe_morphology(small_cell).values
    area = sum(
        factor * values[f"{region}_area_um2"]
        for region, factor in (("soma", 1), ("ais", 1), ("smooth", 1.2), ("spiny", 5.3))
    )
    assert values["capacitance_pF"] == pytest.approx(area * 0.64e-2)
    assert values["leak_nS"] == pytest.approx(area * 8.31698e-5)


def test_thin_compartments_are_counted_among_those_that_are_not_thick(small_cell):
    # Spiny diameters: 0.975 to 0.825; 0.95, 0.85, 0.75, 0.65; 1.36, 1.29, 1.21, 1.0, 0.76, 0.52.
    values = describe_morphology(small_cell).values
    assert values["spiny_thin_share_percent"] == pytest.approx(100 * 2 / 14)


def test_what_deviates_is_warned_of(small_cell):
    statistics = describe_morphology(small_cell)
    assert statistics.deviates("spiny_length_um")
    assert not statistics.deviates("width_um")  # not judged
    assert not statistics.deviates("branch_points_not_binary")
    (line,) = [w for w in statistics.warnings if w.startswith("Spiny dendrite: length ")]
    assert line == (
        "Spiny dendrite: length 52.82 µm is outside the range 9,332 to 9,617 (traced cell: 9,474)"
    )


def test_statistics_with_a_known_effect_are_relevant(small_cell):
    statistics = describe_morphology(small_cell)
    assert set(statistics.relevant) >= {"soma_area_um2", "impedance_500Hz_MOhm"}
    assert "tips" not in statistics.relevant
    assert statistics.as_json()["effects"].keys() == set(statistics.relevant)


def test_a_cell_without_smooth_dendrite_has_nothing_to_measure_there(small_cell):
    bare = dataclasses.replace(
        small_cell, regions=np.where(small_cell.regions > 1, 3, [0, 1] * 3 + [0])
    )
    statistics = describe_morphology(bare)
    assert math.isnan(statistics.values["smooth_diameter_um"])
    assert statistics.as_json()["statistics"]["smooth_diameter_um"] is None


def test_quantiles_are_of_length():
    assert length_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0]), 0.5) == 1
    assert length_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0]), 0.95) == 3


@pytest.mark.published
def test_the_traced_cell_has_the_values_of_the_table(traced_cell):
    """The traced cell, to the digits of its table."""
    statistics = describe_morphology(traced_cell)
    assert statistics.warnings == ()
    for key, traced in TRACED.items():
        assert statistics.values[key] == pytest.approx(traced.value, rel=0.01, abs=0.5), key
